"""The server as a process: start, refusal to start, stop, and how many clients it takes."""

import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from support.server import STOP_SECONDS_MAX
from support.suite import check, check_equal
from support.wire import Wire, error_of
from topics.login import own_server, say_hello

START_SECONDS_MAX = 30


def refusal(program, data, port):
    """Exit code and log of a server that is expected not to start."""
    run = subprocess.run(
        [program, "serve", "--data", data, "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=START_SECONDS_MAX,
    )
    return run.returncode, run.stdout


def check_refused(server, data, text):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code, log = refusal(server.program, data, port)
    check_equal(code, 1, log)
    check(text in log and len(log.splitlines()) == 1, f"expected one line with: {text}; got: {log}")


def register(suite):
    @suite.case("a stop signal tells idle sessions, ends with code 0, and keeps the data", only="omendb")
    def _(server):
        with own_server(server) as own:
            with Wire(own.url) as wire:
                wire.rows("CREATE TABLE kept (a int PRIMARY KEY)")
            for number, stop_signal in enumerate((signal.SIGTERM, signal.SIGINT)):
                with Wire(own.url) as idle, Wire(own.url) as block:
                    idle.rows(f"INSERT INTO kept VALUES ({number})")
                    block.run("BEGIN")
                    block.run("INSERT INTO kept VALUES (99)")
                    own.process.send_signal(stop_signal)
                    for wire in (idle, block):
                        fields = wire.read().fields()
                        check_equal((fields["S"], fields["C"]), ("FATAL", "57P01"))
                        check_equal(fields["M"], "terminating connection due to administrator command")
                        check(wire.is_closed(), "closed")
                check_equal(own.process.wait(STOP_SECONDS_MAX), 0)
                own.start()
            with Wire(own.url) as wire:
                check_equal(wire.rows("SELECT a FROM kept ORDER BY a"), [("0",), ("1",)])

    @suite.case("a stop waits for running statements, and cancels them in the end", only="omendb")
    def _(server):
        with own_server(server) as own, Wire(own.url) as wire:
            wire.query("SELECT pg_sleep(1), 'done'")._push()
            _wait_active(own, 1)
            own.process.send_signal(signal.SIGTERM)
            row = next(m for m in wire.until("DE") if m.kind in "DE")
            check_equal(row.kind, "D")
            check_equal(own.process.wait(STOP_SECONDS_MAX), 0)
        with own_server(server, "--set", "shutdown_timeout=0") as own, Wire(own.url) as wire:
            wire.query("SELECT pg_sleep(600)")._push()
            _wait_active(own, 1)
            own.process.send_signal(signal.SIGTERM)
            check_equal(error_of(wire.until("E")), "57P01")
            check_equal(own.process.wait(STOP_SECONDS_MAX), 0)

    @suite.case("a second stop signal ends at once; the next start recovers", only="omendb")
    def _(server):
        with own_server(server) as own, Wire(own.url) as wire:
            wire.rows("CREATE TABLE kept (a int)")
            wire.rows("INSERT INTO kept VALUES (1)")
            wire.query("SELECT pg_sleep(600)")._push()
            _wait_active(own, 1)
            own.process.send_signal(signal.SIGTERM)
            while "stopping on signal" not in own.log_tail():
                pass
            own.process.send_signal(signal.SIGTERM)
            check_equal(own.process.wait(STOP_SECONDS_MAX), 1)
            own.start()
            with Wire(own.url) as after:
                check_equal(after.rows("SELECT a FROM kept"), [("1",)])

    @suite.case("one client above max_connections is refused with 53300, until one leaves", only="omendb")
    def _(server):
        with own_server(server, "--max-connections", "3") as own:
            clients = [Wire(own.url) for _ in range(3)]
            with Wire(own.url, start=False) as late:
                say_hello(late, "postgres")
                fields = late.until("E")[-1].fields()
                check_equal((fields["S"], fields["C"]), ("FATAL", "53300"))
                check_equal(fields["M"], "sorry, too many clients already")
                check(late.is_closed(), "closed")
            clients.pop().socket.close()
            for _ in range(200):
                try:
                    clients.append(Wire(own.url))
                    break
                except (AssertionError, EOFError):
                    continue
            check_equal(len(clients), 3)
            check_equal([wire.rows("SELECT 1") for wire in clients], [[("1",)]] * 3)
            for wire in clients:
                wire.socket.close()

    @suite.case("a data directory in use, of another version, or of somebody else is refused", only="omendb")
    def _(server):
        check_refused(server, server.data / "db", "is in use by another process")
        own = own_server(server)
        with own:
            own.stop()
            formats = own.data / "db" / "FORMAT"
            written = formats.read_text()
            formats.write_text("omendb 999\n")
            check_refused(server, own.data / "db", "was written by another version of OmenDB")
            formats.write_text(written)
            own.start()
        foreign = Path(tempfile.mkdtemp(prefix="omendb-test-"))
        try:
            (foreign / "holiday.jpg").write_text("x")
            check_refused(server, foreign, "exists but is not an OmenDB data directory")
            check_refused(server, foreign / "holiday.jpg", "Not a directory")
            check_equal([p.name for p in foreign.iterdir()], ["holiday.jpg"], "left alone")
        finally:
            shutil.rmtree(foreign)

    @suite.case("a port in use is named, and the server ends", only="omendb")
    def _(server):
        folder = tempfile.mkdtemp(prefix="omendb-test-")
        try:
            code, log = refusal(server.program, f"{folder}/db", server.port)
            check_equal(code, 1, log)
            check(f"127.0.0.1:{server.port}" in log and "Address already in use" in log, log)
        finally:
            shutil.rmtree(folder)


def _wait_active(server, count):
    """Waits until that many sessions run a sleep."""
    with Wire(server.url) as watcher:
        while watcher.rows("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'") != [(str(count),)]:
            pass
