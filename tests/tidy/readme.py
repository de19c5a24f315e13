#!/usr/bin/env python3
"""README.md keeps its promises: its SQL runs, its ./dev commands exist, its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.server import environment_for, server_for  # noqa: E402
from support.suite import Suite, check, check_equal  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
CONNECTION = "postgresql://postgres@localhost:5433/postgres"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def main():
    arguments = Suite.arguments()
    suite = Suite("readme")

    @suite.case("the SQL of README.md runs in psql as it stands")
    def _(server):
        check(blocks("sql"), "an sql block")
        for sql in blocks("sql"):
            run = subprocess.run(
                ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-At", server.url], input=sql, text=True,
                env=environment_for(server.url), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
            )
            check_equal(run.returncode, 0, run.stdout)
            check("a|0" in run.stdout, f"the nearest row first, got: {run.stdout}")

    @suite.case("every ./dev command of README.md is known to ./dev help")
    def _(_server):
        known = subprocess.run(["./dev", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for command in re.findall(r"^\./dev (\w+)", "\n".join(blocks("sh")), re.MULTILINE):
            check(command == "help" or f"./dev {command}" in known, f"./dev {command}")

    @suite.case("links and folders of README.md exist")
    def _(_server):
        names = re.findall(r"\]\(([^)#:]+)\)", README) + re.findall(r"^\| .*?`([\w/]+)`", README, re.MULTILINE)
        for name in names:
            check((ROOT / name).exists(), name)
        for name in re.findall(r"docker build -f (\S+)", README):
            check((ROOT / name).exists(), name)

    @suite.case("the connection of README.md is the one ./dev run serves")
    def _(_server):
        check(CONNECTION in README, CONNECTION)
        check("port_default=5433" in (ROOT / "dev").read_text(), "the port of ./dev run")

    suite.run(lambda: server_for(arguments), arguments)


if __name__ == "__main__":
    main()
