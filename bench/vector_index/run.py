#!/usr/bin/env python3
"""Runs bench_vector_index with the commit's name, and draws its JSON if --plot names an .svg file."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from bench.vector_index.plot import draw  # noqa: E402


def take(arguments, name):
    """Removes an option from the list; returns its value, or None."""
    if name not in arguments:
        return None
    at = arguments.index(name)
    if at + 1 == len(arguments):
        sys.exit(f"{name} needs a value")
    value = arguments[at + 1]
    del arguments[at : at + 2]
    return value


def main():
    arguments = sys.argv[1:]
    bin_dir = Path(take(arguments, "--bin"))
    plot = take(arguments, "--plot")
    if plot and {"--churn", "--filter", "--ingest", "--restart"} & set(arguments):
        sys.exit("--plot draws comparisons only")
    if "--cache" not in arguments:
        arguments += ["--cache", str(ROOT / "build" / "bench_cache")]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    arguments += ["--commit", commit.stdout.strip() or "unknown"]
    with tempfile.TemporaryDirectory() as folder:
        if plot and "--json" not in arguments:
            arguments += ["--json", str(Path(folder) / "figures.json")]
        code = subprocess.run([bin_dir / "bench_vector_index", *arguments], check=False).returncode
        if plot and code == 0:
            draw(Path(arguments[arguments.index("--json") + 1]), Path(plot))
    sys.exit(code)


if __name__ == "__main__":
    main()
