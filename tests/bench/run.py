#!/usr/bin/env python3
"""Do the benchmarks still run? Every mode of bench_vector_index on a small generated set, its JSON read back."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
sys.path.insert(0, str(ROOT))
from bench.vector_index.plot import svg_of  # noqa: E402
from support.suite import Skipped, Suite, check, check_equal  # noqa: E402

# More rows than are scanned without a graph.
SHAPE = "11000x32"
ENGINES = ["omen", "hnswlib", "faiss"]


class Program:
    """bench_vector_index with a cache of its own, in the place of a server."""

    def __init__(self, bin_dir):
        self.path = bin_dir.resolve() / "bench_vector_index"

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="omendb_bench_")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def is_alive(self):
        return True

    def run(self, *arguments):
        if not self.path.exists():
            raise Skipped("built without OMEN_BENCH")
        return subprocess.run(
            [self.path, *arguments, "--cache", self.folder.name, "--work", self.folder.name],
            capture_output=True, text=True, timeout=300, check=False,
        )

    def measure(self, *arguments):
        """Runs on the small set; returns (table, JSON)."""
        figures = Path(self.folder.name) / "figures.json"
        run = self.run("--generate", SHAPE, "--queries", "50", "--json", figures, *arguments)
        check_equal(run.returncode, 0, run.stderr)
        return run.stdout, json.loads(figures.read_text())


suite = Suite("bench")


@suite.case("engines are built, searched and compared")
def _(program):
    table, figures = program.measure("--rounds", "1", "--build-threads", "1,2", "--ef", "0,40,120")
    check_equal(figures["rows"], 11000)
    result = figures["result"]
    check_equal(len(result["engines"]) + len(result["skipped"]), len(ENGINES), "engines measured or named as skipped")
    for engine in result["engines"]:
        check(engine["name"] in table, engine["name"])
        check_equal([build["threads"] for build in engine["builds"]], [1, 2])
        check(engine["required_bytes_per_row"] > 64, "bytes per row")
        for point in engine["curve"]:
            check(point["recall_at_10"] > 0.8, f'{engine["name"]}: recall {point["recall_at_10"]} at ef {point["ef"]}')
            check(point["qps"] > 0 and point["p99_us"] >= point["p50_us"] > 0, f'{engine["name"]}: times')
    svg = svg_of(figures)
    check(all(f">{engine['name']}</text>" in svg for engine in result["engines"]), "a line for every engine")


@suite.case("a peer's index is kept and taken over")
def _(program):
    arguments = ["--engines", "hnswlib", "--rounds", "1", "--build-threads", "1", "--ef", "40", "--keep-peers"]
    _, first = program.measure(*arguments)
    if first["result"]["skipped"]:
        raise Skipped(first["result"]["skipped"][0])
    _, second = program.measure(*arguments)
    kept = [run["result"]["engines"][0]["builds"] for run in (first, second)]
    check_equal(kept[1], kept[0], "figures of the build")


@suite.case("rows come and go, and as many neighbours are found as in a fresh build")
def _(program):
    _, figures = program.measure("--churn", "2", "--build-threads", "2")
    rounds = figures["result"]["rounds"]
    check_equal([r["round"] for r in rounds], ["built", "1", "2", "fresh"])
    for churned in rounds:
        check_equal(churned["slots"] - churned["tombstones"], churned["rows"], "slots of the living")
        check_equal(churned["unreachable"], 0, "unreachable nodes")
        for search, fresh in zip(churned["searches"], rounds[-1]["searches"]):
            check(search["recall_at_10"] > fresh["recall_at_10"] - 0.03, f'round {churned["round"]}: {search}')


@suite.case("the nearest that meet a condition are found, however few there are")
def _(program):
    _, figures = program.measure("--filter", "--build-threads", "2")
    filters = figures["result"]["filters"]
    check_equal({f["clustered"] for f in filters}, {False, True})
    for one in filters:
        check(min(one["asked"]["recall_at_10"], one["given"]["recall_at_10"]) > 0.8, f"{one}")


@suite.case("every kind of code is measured")
def _(program):
    kinds = ["omen", "omen-sq8", "omen-none", "omen-pq32"]
    _, figures = program.measure("--engines", ",".join(kinds), "--rounds", "1", "--build-threads", "2", "--ef", "120")
    check_equal([engine["name"] for engine in figures["result"]["engines"]], kinds)
    for engine in figures["result"]["engines"]:
        check(engine["curve"][0]["recall_at_10"] > 0.8, f'{engine["name"]}: {engine["curve"][0]}')


@suite.case("rows are appended while others are searched")
def _(program):
    _, figures = program.measure("--ingest", "--build-threads", "2")
    result = figures["result"]
    check(result["recall_at_10"] > 0.8, f'recall {result["recall_at_10"]}')
    check(result["append_rows_per_second"] > 0 and result["during"]["p95_us"] > 0, "figures")


@suite.case("a checkpoint is opened and answers as before")
def _(program):
    _, figures = program.measure("--restart", "--rounds", "1", "--build-threads", "2")
    openings = figures["result"]["openings"]
    check_equal([opening["cached"] for opening in openings], [True, False])
    check(all(opening["correct"] for opening in openings), f"answers: {openings}")


@suite.case("a set without ground truth is read, and its answers computed")
def _(program):
    fixture = ROOT / "tests" / "fixtures"
    run = program.run("--data", fixture, "--set", "bigann-sift-10k-128", "--metric", "l2", "--rows", "3000",
                      "--queries", "20", "--engines", "omen", "--rounds", "1", "--build-threads", "1", "--ef", "40")
    check_equal(run.returncode, 0, run.stderr)
    check("3000 rows x 128 dimensions, l2, 20 queries" in run.stdout, run.stdout)


@suite.case("what is asked wrongly is refused by name")
def _(program):
    for arguments in (["--generate", "10"], ["--generate", SHAPE, "--engines", "nobody"], ["--speed", "11"], []):
        run = program.run(*arguments)
        check_equal(run.returncode, 1, " ".join(arguments))
        check(run.stderr.startswith("bench_vector_index: "), run.stderr)


def main():
    arguments = Suite.arguments()
    suite.run(lambda: Program(arguments.bin), arguments)


if __name__ == "__main__":
    main()
