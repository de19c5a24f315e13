#!/usr/bin/env python3
"""Runs the .slt files in both protocols.

Each file and protocol gets a server with an empty data folder, so that nothing of another file is in
its way; with --url one server takes all, in a database made for each file, and tests/slt/omen is left out.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.server import Server  # noqa: E402
from support.suite import Suite  # noqa: E402

HERE = Path(__file__).resolve().parent
RESULT = re.compile(r"^slt: (\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
FILE_SECONDS_MAX = 240
SERVERS_AT_ONCE = 2


def run_file(runner, bin_dir, name, protocol):
    """Runs one file on a new server; returns (output, counts)."""
    with Server(bin_dir) as server:
        command = [runner, "--url", server.url, "--in-place", "--protocol", protocol, name]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=FILE_SECONDS_MAX, check=False)
            output, found = run.stdout + run.stderr, RESULT.search(run.stdout)
        except subprocess.TimeoutExpired:
            output, found = f"FAIL {name} ({protocol}): not done within {FILE_SECONDS_MAX} s\n", None
        counts = [int(n) for n in found.groups()] if found else [0, 1, 0]
        if not server.is_alive():
            output += f"FAIL {name} ({protocol}): the server ended:\n{server.log_tail()}\n"
            counts[1] += 1
    return output, counts


def main():
    arguments = Suite.arguments()
    folders = [HERE / "pg", HERE / "vector"] + ([] if arguments.url else [HERE / "omen"])
    files = sorted(f for folder in folders for f in folder.glob("*.slt") if arguments.only in f.name)
    names = [str(f.relative_to(Path.cwd())) for f in files]
    runner = arguments.bin / "slt_runner"
    if arguments.url:
        sys.exit(subprocess.run([runner, "--url", arguments.url, *names], check=False).returncode)
    total = [0, 0, 0]
    jobs = [(name, protocol) for name in names for protocol in ("simple", "extended")]
    with ThreadPoolExecutor(SERVERS_AT_ONCE) as pool:
        for output, counts in pool.map(lambda job: run_file(runner, arguments.bin, *job), jobs):
            lines = [line for line in output.splitlines() if not line.startswith("slt: ")]
            print("\n".join(lines), flush=True)
            total = [a + b for a, b in zip(total, counts)]
    print(f"slt: {total[0]} passed, {total[1]} failed, {total[2]} skipped")
    sys.exit(1 if total[1] else 0)


if __name__ == "__main__":
    main()
