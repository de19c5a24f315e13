"""CancelRequest, statement_timeout and lost clients."""

import struct
import threading
import time

from support.suite import check, check_equal
from support.wire import Wire, error_of

LONG = "SELECT count(*) FROM generate_series(1, 1000000000) AS a"
ANSWER_SECONDS_MAX = 10


def send_cancel(server, key):
    with Wire(server.url, start=False) as other:
        other.raw(struct.pack("!iiii", 16, 80877102, *key))
        check(other.is_closed(), "a cancel connection is closed without an answer")


def cancelled(server, sql, wait_seconds=0.3):
    """Runs sql, cancels it from outside; the error code and the seconds until it came."""
    with Wire(server.url) as wire:
        timer = threading.Timer(wait_seconds, send_cancel, (server, wire.key))
        timer.start()
        started = time.monotonic()
        code = error_of(wire.run(sql))
        seconds = time.monotonic() - started
        timer.join()
        check_equal(wire.rows("SELECT 1"), [("1",)])
        return code, seconds


def register(suite):
    @suite.case("CancelRequest ends a long query, a sleep and a lock wait; the session goes on")
    def _(server):
        for sql in (LONG, "SELECT pg_sleep(60)"):
            code, seconds = cancelled(server, sql)
            check_equal(code, "57014", sql)
            check(seconds < ANSWER_SECONDS_MAX, f"{sql}: cancelled after {seconds:.1f} s")
        with Wire(server.url) as holder:
            holder.run("DROP TABLE IF EXISTS locked; CREATE TABLE locked (a int)")
            holder.run("INSERT INTO locked VALUES (1)")
            holder.run("BEGIN")
            holder.run("UPDATE locked SET a = 2")
            check_equal(cancelled(server, "UPDATE locked SET a = 3")[0], "57014")
            holder.run("COMMIT")
            check_equal(holder.rows("SELECT a FROM locked"), [("2",)])
            holder.run("DROP TABLE locked")

    @suite.case("a cancel with the wrong key, or when idle, does nothing")
    def _(server):
        with Wire(server.url) as wire:
            send_cancel(server, (wire.key[0], wire.key[1] ^ 1))
            send_cancel(server, wire.key)
            time.sleep(0.1)
            check_equal(wire.rows("SELECT 1"), [("1",)])

    @suite.case("statement_timeout ends a statement, and only that")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("SET statement_timeout = 200")
            messages = wire.run(LONG)
            check_equal(error_of(messages), "57014")
            fields = next(m for m in messages if m.kind == "E").fields()
            check_equal(fields["M"], "canceling statement due to statement timeout")
            check_equal(wire.rows("SELECT 1"), [("1",)])

    @suite.case("a client that vanishes in a transaction leaves no lock behind")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("DROP TABLE IF EXISTS vanished; CREATE TABLE vanished (a int PRIMARY KEY)")
            wire.run("INSERT INTO vanished VALUES (1)")
            with Wire(server.url) as lost:
                lost.run("BEGIN")
                lost.run("UPDATE vanished SET a = 2")
            wire.run("SET lock_timeout = '10s'")
            check_equal(error_of(wire.run("UPDATE vanished SET a = 5")), None)
            check_equal(wire.rows("SELECT a FROM vanished"), [("5",)])
            wire.run("DROP TABLE vanished")
