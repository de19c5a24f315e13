"""pgbench: its schema, its transactions, and that no money is lost."""

import re
import shutil
import subprocess
from pathlib import Path

from support.server import environment_for
from support.suite import Skipped, check, check_equal
from support.wire import Wire

# Debian keeps it beside the server's programs, not in PATH.
CANDIDATES = ("/usr/lib/postgresql/15/bin/pgbench",)
SECONDS = 2


def pgbench(server, *arguments):
    program = next((c for c in (shutil.which("pgbench"), *CANDIDATES) if c and Path(c).exists()), None)
    if not program:
        raise Skipped("pgbench is not installed")
    run = subprocess.run(
        [program, *arguments, server.url], env=environment_for(server.url),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
    )
    check_equal(run.returncode, 0, run.stdout[-1500:])
    return run.stdout


def processed(output):
    found = re.search(r"number of transactions actually processed: (\d+)", output)
    check(found and int(found.group(1)) > 0, output[-800:])
    failed = re.search(r"number of failed transactions: (\d+)", output)
    check_equal(failed.group(1) if failed else "0", "0", "failed transactions")
    return int(found.group(1))


def sums(server):
    with Wire(server.url) as wire:
        tables = ("pgbench_accounts WHERE abalance <> 0", "pgbench_tellers", "pgbench_branches")
        columns = ("abalance", "tbalance", "bbalance")
        out = {int(wire.rows(f"SELECT coalesce(sum({c}), 0) FROM {t}")[0][0]) for c, t in zip(columns, tables)}
        out.add(int(wire.rows("SELECT coalesce(sum(delta), 0) FROM pgbench_history")[0][0]))
        return out, int(wire.rows("SELECT count(*) FROM pgbench_history")[0][0])


def register(suite):
    @suite.case("pgbench -i makes its tables, with client-side and server-side data")
    def _(server):
        pgbench(server, "-i", "-I", "dtGvp", "-s", "1", "-q")
        pgbench(server, "-i", "-s", "1", "-q")
        with Wire(server.url) as wire:
            check_equal(wire.rows("SELECT count(*), max(aid) FROM pgbench_accounts"), [("100000", "100000")])

    for mode in ("simple", "extended", "prepared"):
        @suite.case(f"pgbench -S, {mode} protocol")
        def _(server, mode=mode):
            processed(pgbench(server, "-n", "-S", "-M", mode, "-c", "4", "-j", "2", "-T", str(SECONDS)))

        @suite.case(f"pgbench default transactions, {mode} protocol: the four sums of money agree")
        def _(server, mode=mode):
            before = sums(server)[1]
            done = processed(pgbench(server, "-n", "-M", mode, "-c", "4", "-j", "2", "-T", str(SECONDS)))
            totals, rows = sums(server)
            check_equal(len(totals), 1, f"sums {totals}")
            check_equal(rows - before, done, "history rows against transactions")

    @suite.case("pgbench pipelines")
    def _(server):
        script = "\\startpipeline\nSELECT 1;\nSELECT 2;\nSELECT 3;\n\\endpipeline\n"
        path = Path("build") / "pgbench_pipeline.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        try:
            processed(pgbench(server, "-n", "-M", "extended", "-t", "200", "-f", str(path)))
        finally:
            path.unlink()

    @suite.case("pgbench leaves nothing behind")
    def _(server):
        pgbench(server, "-i", "-I", "d")
