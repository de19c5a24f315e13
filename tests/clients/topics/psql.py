"""psql: what its users see, compared with what it shows of PostgreSQL.

The files psql/*.out are recorded: run the suite with OMEN_RECORD=1 and --url of a PostgreSQL 15.
"""

import difflib
import os
import subprocess
from pathlib import Path

from support.server import environment_for
from support.suite import check, check_equal, skip_on_omendb

PSQL_DIR = Path(__file__).resolve().parent.parent / "psql"
RECORD = "OMEN_RECORD"


def psql(server, *arguments, stdin=None, check_code=True):
    run = subprocess.run(
        ["psql", "-X", *arguments, server.url], input=stdin, env=environment_for(server.url),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
    )
    check(run.returncode == 0 or not check_code, f"psql ended with {run.returncode}: {run.stdout[-500:]}")
    return run.stdout


def register(suite):
    for name, what, missing in (
        ("describe", "\\d, \\dt, \\di, \\dx and their kin", None),
        ("describe_indexes", "indexes on expressions and with conditions", "partial and expression indexes"),
        ("usage", "rows, \\gset, \\gexec, \\gdesc, \\copy, errors and transactions", None),
        ("fetch_count", "rows fetched in parts (FETCH_COUNT)", "cursors"),
    ):
        @suite.case(f"psql: {what} look as on PostgreSQL")
        def _(server, name=name, missing=missing):
            skip_on_omendb(server, missing)
            # From the folder, so that error messages name the file without a path.
            run = subprocess.run(
                ["psql", "-X", "-f", f"{name}.sql", server.url], cwd=PSQL_DIR, env=environment_for(server.url),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
            )
            golden = PSQL_DIR / f"{name}.out"
            if os.environ.get(RECORD):
                golden.write_text(run.stdout)
            difference = list(difflib.unified_diff(
                golden.read_text().splitlines(), run.stdout.splitlines(), "PostgreSQL", "here", lineterm="", n=1))
            check(not difference, "\n     ".join(difference[:80]))

    @suite.case("psql: \\l, \\conninfo, -c, -At, variables and the exit code of a failed script")
    def _(server):
        check("postgres" in psql(server, "-c", "\\l"), "\\l lists the database")
        check("You are connected to database" in psql(server, "-c", "\\conninfo"), "\\conninfo")
        check_equal(psql(server, "-At", "-c", "SELECT 1, 'x'"), "1|x\n")
        check_equal(psql(server, "-At", "-v", "n=5", stdin="SELECT :n + 1, :'n';\n"), "6|5\n")
        run = psql(server, "-v", "ON_ERROR_STOP=1", stdin="SELECT nosuch;\nSELECT 2;\n", check_code=False)
        check("column \"nosuch\" does not exist" in run and "(1 row)" not in run, run)
        create, use = "DROP TABLE IF EXISTS psql_x; CREATE TABLE psql_x (a int);", "INSERT INTO psql_x VALUES (1); SELECT a FROM psql_x;"
        out = psql(server, "-1", "-At", stdin=f"{create} {use} DROP TABLE psql_x;\n")
        check("\n1\n" in out and "ERROR" not in out, out)
