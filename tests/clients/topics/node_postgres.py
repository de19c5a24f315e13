"""node-postgres: the script beside this folder does the work."""

import os
import shutil
import subprocess
from pathlib import Path

from support.server import environment_for
from support.suite import Skipped, check

SCRIPT = Path(__file__).resolve().parent.parent / "node_postgres.js"
# Debian's node-pg, and where ./dev lets npm install it if that package cannot be installed.
DEBIAN_MODULES = "/usr/share/nodejs"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
NPM_MODULES = CACHE / "omendb" / "node" / "node_modules"


def register(suite):
    @suite.case("node-postgres: queries, parameters, named statements, errors, vectors")
    def _(server):
        if not shutil.which("node"):
            raise Skipped("nodejs is not installed")
        environment = environment_for(server.url)
        environment["NODE_PATH"] = os.pathsep.join(filter(None, (os.environ.get("NODE_PATH"), str(NPM_MODULES), DEBIAN_MODULES)))
        have = subprocess.run(["node", "-e", "require('pg')"], env=environment, capture_output=True, check=False)
        if have.returncode != 0:
            raise Skipped("pg is not installed, neither by Debian nor by npm")
        run = subprocess.run(["node", SCRIPT], env=environment, capture_output=True, text=True, timeout=60, check=False)
        check(run.returncode == 0, run.stderr[-1500:])
