#!/usr/bin/env python3
"""Runs the .spec files: do transactions interleave as in PostgreSQL?

Each permutation is a case: what the sessions saw must be equal to NAME.out, which is recorded from
PostgreSQL (--record). A spec that says `# serialisable: QUERY` is judged otherwise, for a server may
choose whom of several transactions it lets commit: some serial order of those that committed must
give them the same answers, and the query the same final state.
"""

import sys
from difflib import ndiff
from itertools import permutations
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import mixed_work  # noqa: E402
from permutation import Permutation, name_of  # noqa: E402
from spec_file import Scheduled, read_spec  # noqa: E402
from support.server import server_for  # noqa: E402
from support.suite import Suite, check_equal, skip_on_omendb  # noqa: E402

SEPARATOR = "starting permutation: "


def check_serialisable(url, spec, permutation, transcript, serial_runs):
    """Fails unless a serial order of the committed sessions explains what they saw and left behind.

    `serial_runs` keeps the transcripts of serial orders, by step names.
    """
    committed = [i for i in range(len(spec.sessions)) if i not in transcript.aborted]
    for order in permutations(committed):
        steps = [scheduled.step for i in order for scheduled in permutation if scheduled.step.session == i]
        names = tuple(step.name for step in steps)
        if names not in serial_runs:
            serial_runs[names] = Permutation(url, spec, [Scheduled(step) for step in steps]).run()
        serial = serial_runs[names]
        if serial.state == transcript.state and all(
            serial.outputs[name] == transcript.outputs[name] for name in names
        ):
            return
    names = ", ".join(spec.sessions[i].name for i in committed) or "nobody"
    raise AssertionError(f"no serial order of those who committed ({names}) explains\n{transcript.text()}")


def register_spec(suite, path):
    spec = read_spec(path.read_text())
    expected_path = path.with_suffix(".out")
    recorded = expected_path.read_text().split(SEPARATOR)[1:] if expected_path.exists() else []
    serial_runs = {}

    def register(position, order):
        sentence = f"{path.stem} {position + 1}: {' '.join(name_of(scheduled) for scheduled in order)}"

        @suite.case(sentence)
        def _(server):
            skip_on_omendb(server, spec.lacks)
            check_equal(len(recorded), len(spec.permutations), f"permutations in {expected_path.name}")
            transcript = Permutation(server.url, spec, order).run()
            if spec.state_query:
                check_serialisable(server.url, spec, order, transcript, serial_runs)
            else:
                expected = (SEPARATOR + recorded[position]).rstrip() + "\n"
                if transcript.text() != expected:
                    raise AssertionError(difference(expected, transcript.text()))

    for position, order in enumerate(spec.permutations):
        register(position, order)


def difference(expected, actual):
    """Both transcripts as one, with marks: - expected, + seen."""
    lines = ndiff(expected.splitlines(), actual.splitlines())
    return "transcripts differ\n" + "\n".join(f"     {line}" for line in lines if not line.startswith("?"))


def record(url, path):
    """Writes NAME.out from what the server does."""
    spec = read_spec(path.read_text())
    serial_runs = {}
    texts = [f"Parsed test spec with {len(spec.sessions)} sessions\n"]
    for order in spec.permutations:
        transcript = Permutation(url, spec, order).run()
        if spec.state_query:
            check_serialisable(url, spec, order, transcript, serial_runs)
        texts.append(transcript.text())
    path.with_suffix(".out").write_text("\n".join(texts))
    print(f"recorded {path.stem}: {len(spec.permutations)} permutations", flush=True)


def main():
    arguments = Suite.arguments({"--record": "write NAME.out from what --url does (PostgreSQL 15)"})
    paths = sorted((HERE / "specs").glob("*.spec"))
    if arguments.record:
        if not arguments.url:
            sys.exit("--record needs --url: expectations come from PostgreSQL")
        for path in paths:
            if arguments.only in path.stem:
                record(arguments.url, path)
        return
    suite = Suite("isolation")
    for path in paths:
        register_spec(suite, path)
    mixed_work.register(suite, arguments.full)
    suite.run(lambda: server_for(arguments), arguments)


if __name__ == "__main__":
    main()
