"""Timeouts, Ctrl-C, slow readers and clients that vanish."""

import signal
import struct
import subprocess
import time

from support.server import environment_for
from support.suite import check, check_equal
from support.wire import Wire, error_of, kinds, status

SECONDS_MAX = 20
SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{}%' AND pid <> pg_backend_pid()"


def wait_for(wire, sql, expected):
    deadline = time.monotonic() + SECONDS_MAX
    while wire.rows(sql) != expected:
        check(time.monotonic() < deadline, f"{sql} did not become {expected}")


def peak_bytes(server):
    """The most memory the server has had resident so far."""
    with open(f"/proc/{server.pid}/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def register(suite):
    @suite.case("statement_timeout ends sorts, joins, lock waits and sleeps, in both protocols")
    def _(server):
        with Wire(server.url) as wire, Wire(server.url) as holder:
            holder.run("DROP TABLE IF EXISTS held; CREATE TABLE held (a int)")
            holder.run("INSERT INTO held VALUES (1)")
            holder.run("BEGIN")
            holder.run("UPDATE held SET a = 2")
            wire.run("SET statement_timeout = '100ms'")
            for sql in (
                "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b",
                "SELECT a FROM generate_series(1, 1000000000) a ORDER BY 1 DESC LIMIT 1",
                "UPDATE held SET a = 3",
                "SELECT pg_sleep(60)",
            ):
                wire.run("BEGIN")
                messages = wire.run(sql)
                check_equal((error_of(messages), status(messages)), ("57014", "E"), sql)
                wire.run("ROLLBACK")
                messages = wire.parse(sql).bind().execute().sync().until_ready()
                check_equal((error_of(messages), status(messages)), ("57014", "I"), sql)
            check_equal(wire.rows("SELECT 1"), [("1",)])
            wire.run("RESET statement_timeout")
            messages = wire.run("SET statement_timeout = '100ms'; SELECT pg_sleep(60)")
            check_equal((error_of(messages), status(messages)), ("57014", "I"), "set in the same message")
            holder.run("ROLLBACK")
            holder.run("DROP TABLE held")

    @suite.case("idle_in_transaction_session_timeout ends the session and frees its locks")
    def _(server):
        with Wire(server.url) as wire, Wire(server.url) as idle:
            wire.run("DROP TABLE IF EXISTS held; CREATE TABLE held (a int)")
            wire.run("INSERT INTO held VALUES (1)")
            idle.run("SET idle_in_transaction_session_timeout = 200")
            check_equal(idle.rows("SELECT 1"), [("1",)])
            idle.run("BEGIN")
            idle.run("UPDATE held SET a = 2")
            messages = idle.until("E")
            fields = messages[-1].fields()
            check_equal((fields["S"], fields["C"]), ("FATAL", "25P03"))
            check_equal(fields["M"], "terminating connection due to idle-in-transaction timeout")
            check(idle.is_closed(), "closed")
            check_equal(error_of(wire.run("UPDATE held SET a = 3")), None)
            wire.run("DROP TABLE held")

    @suite.case("Ctrl-C in psql cancels the statement")
    def _(server):
        with Wire(server.url) as watcher:
            psql = subprocess.Popen(
                ["psql", "-X", "-At", server.url, "-c", "SELECT pg_sleep(61)"], env=environment_for(server.url),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )
            try:
                wait_for(watcher, SLEEPERS.format("pg_sleep(61)"), [("1",)])
                psql.send_signal(signal.SIGINT)
                out, _ = psql.communicate(timeout=SECONDS_MAX)
            finally:
                psql.kill()
            check("ERROR:  canceling statement due to user request" in out, out)

    @suite.case("a slow reader of a gigabyte costs the server no memory, and nobody else time", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            for sql in ("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)",
                        "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 1000000)) TO STDOUT"):
                before = peak_bytes(server)
                with Wire(server.url) as slow:
                    slow.query(sql)._push()
                    for _ in range(20):
                        check(len(slow._exactly(1000000)) == 1000000, "a megabyte")
                        check_equal(wire.rows("SELECT 1"), [("1",)])
                growth = peak_bytes(server) - before
                check(growth < 64 << 20, f"{sql}: {growth >> 20} MB more")

    @suite.case("a client that vanishes in the middle of COPY leaves no rows and no lock")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("DROP TABLE IF EXISTS half; CREATE TABLE half (a int)")
            for extended in (False, True):
                with Wire(server.url) as lost:
                    if extended:
                        lost.parse("COPY half FROM STDIN").bind().execute().flush()
                    else:
                        lost.query("COPY half FROM STDIN")
                    lost.until("G")
                    lost.send("d", b"1\n" * 10000).raw(b"d" + struct.pack("!i", 100) + b"1\n")._push()
            wire.run("SET lock_timeout = '10s'")
            check_equal(error_of(wire.run("ALTER TABLE half ADD COLUMN b int")), None)
            check_equal(wire.rows("SELECT count(*) FROM half"), [("0",)])
            wire.run("DROP TABLE half")

    @suite.case("a client that vanishes during a long statement ends it", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            for sql in ("SELECT pg_sleep(62)", "SELECT count(*) + 62 FROM generate_series(1, 100000000000)",
                        "SELECT repeat('62', 500) FROM generate_series(1, 100000000000)"):
                with Wire(server.url) as lost:
                    lost.query(sql)._push()
                    wait_for(wire, SLEEPERS.format("62"), [("1",)])
                wait_for(wire, SLEEPERS.format("62"), [("0",)])

    @suite.case("many statements sent without reading any answer are served as the answers are read")
    def _(server):
        with Wire(server.url) as wire:
            count = 300
            for _ in range(count):
                wire.query("SELECT repeat('y', 100000)")
            messages = [message for _ in range(count) for message in wire.until_ready()]
            check_equal(kinds(messages), "TDCZ" * count)
