#!/usr/bin/env python3
"""Runs the .slt files against a server of our own, or against --url (then without tests/slt/omen)."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.server import server_for  # noqa: E402
from support.suite import Suite  # noqa: E402

HERE = Path(__file__).resolve().parent


def main():
    arguments = Suite.arguments()
    folders = [HERE / "pg", HERE / "vector"] + ([] if arguments.url else [HERE / "omen"])
    files = sorted(f for folder in folders for f in folder.glob("*.slt") if arguments.only in f.name)
    runner = arguments.bin / "slt_runner" if arguments.bin else "slt_runner"
    names = [str(f.relative_to(Path.cwd())) for f in files]
    with server_for(arguments) as server:
        code = subprocess.run([runner, "--url", server.url, *names], check=False).returncode
        if not server.is_alive():
            print("FAIL the server ended:\n" + server.log_tail())
            code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
