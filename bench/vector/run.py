#!/usr/bin/env python3
"""Starts OmenDB on a data folder of its own unless --url names a server, then runs bench_vector.

With --restart bench_vector itself starts, stops and kills the server.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support.server import External, Server  # noqa: E402


def main():
    arguments = sys.argv[1:]
    bin_dir = Path(arguments[arguments.index("--bin") + 1])
    del arguments[arguments.index("--bin") : arguments.index("--bin") + 2]
    url = arguments[arguments.index("--url") + 1] if "--url" in arguments else None
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    restarts = "--restart" in arguments
    with External(url) if url or restarts else Server(bin_dir) as server:
        command = [bin_dir / "bench_vector", *arguments, "--commit", commit.stdout.strip() or "unknown"]
        if restarts:
            command += ["--server", bin_dir / "omendb"]
        elif not url:
            command += ["--url", server.url]
        code = subprocess.run(command, env=dict(os.environ), check=False).returncode
        if not server.is_alive():
            print("the server ended:\n" + server.log_tail(), file=sys.stderr)
            code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
