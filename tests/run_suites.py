#!/usr/bin/env python3
"""Runs test suites one after another and prints a line for each, then the sum.

A suite is a command; its last line of output that reads "N passed, N failed[, N skipped]" is its
result. A suite without such a line, or that ends with a code and no failure, counts as one failure.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULT = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$")
SHORT_SECONDS_MAX = 600
FULL_SECONDS_MAX = 4 * 3600


def suites(bin_dir, full):
    """Name -> command, in the order they run: cheap ones first."""
    python = sys.executable
    binaries = ["--bin", str(bin_dir)] + (["--full"] if full else [])
    return {
        "tidy": [python, "tests/tidy/tidy.py", "--build", str(bin_dir.parent)],
        "unit": [python, "tests/support/unit.py", str(bin_dir / "unit_tests")],
        "slt": [python, "tests/slt/run.py", *binaries],
        "wire": [python, "tests/wire/run.py", *binaries],
        "isolation": [python, "tests/isolation/run.py", *binaries],
        "clients": [python, "tests/clients/run.py", *binaries],
        "recall": [python, "tests/recall/run.py", *binaries],
        "crash": [python, "tests/crash/run.py", *binaries],
        "bench": [python, "tests/bench/run.py", *binaries],
        "readme": [python, "tests/tidy/readme.py", *binaries],
    }


def run_suite(command, seconds_max):
    """Streams the suite's output; returns (passed, failed, skipped)."""
    counts = None
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        start_new_session=True,
    )
    # With its own session, so that a suite's servers end with it.
    timer = threading.Timer(seconds_max, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    for line in process.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        found = RESULT.search(line)
        counts = tuple(int(n or 0) for n in found.groups()) if found else counts
    timer.cancel()
    code = process.wait()
    if code == -signal.SIGKILL:
        print(f"killed after {seconds_max} s")
    if counts is None or (code != 0 and counts[1] == 0):
        passed, failed, skipped = counts or (0, 0, 0)
        return passed, failed + 1, skipped
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--bin", type=Path, required=True, help="folder of the built programs")
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    # Of builds with the address sanitizer: freed memory it holds back would count as the server's.
    os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16")
    # Of builds with the thread sanitizer: it does not see the locks and atomics inside RocksDB.
    os.environ.setdefault("TSAN_OPTIONS", "ignore_noninstrumented_modules=1")
    bin_dir = (ROOT / arguments.bin).resolve()
    known = suites(bin_dir, arguments.full)
    chosen = arguments.names or [name for name in known if name != "readme"]
    unknown = [name for name in chosen if name not in known]
    if unknown:
        sys.exit(f"no such suite: {', '.join(unknown)}; there are: {', '.join(known)}")
    lines = []
    total = [0, 0, 0]
    for name in chosen:
        print(f"== {name}", flush=True)
        started = time.monotonic()
        counts = run_suite(known[name], FULL_SECONDS_MAX if arguments.full else SHORT_SECONDS_MAX)
        total = [a + b for a, b in zip(total, counts)]
        passed, failed, skipped = counts
        seconds = time.monotonic() - started
        lines.append(f"{name:9} {passed} ok, {failed} bad, {skipped} left out, {seconds:.0f} s")
    print("\n" + "\n".join(lines))
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    sys.exit(1 if total[1] else 0)


if __name__ == "__main__":
    main()
