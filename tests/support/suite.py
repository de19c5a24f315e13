"""A small test harness for suites that talk to a server: cases are functions, names are sentences."""

import argparse
import sys
import time
import traceback
from pathlib import Path


class Skipped(Exception):
    """Raised by a case that cannot run here; its text says why."""


def skip_on_omendb(server, missing):
    """Ends the case here if the server is OmenDB, which lacks `missing` (None: nothing); remove the call when it has it."""
    if missing and server.is_omendb:
        raise Skipped(f"OmenDB has no {missing}")


class Suite:
    """Cases by decoration, run in order against one server.

    suite = Suite("wire")

    @suite.case("SSLRequest is answered with one byte")
    def _(server): ...
    """

    def __init__(self, name):
        self.name = name
        self.cases = []

    def case(self, sentence, only=None):
        """Registers a case. `only`: "omendb" leaves it out against another server (--url)."""

        def register(function):
            self.cases.append((sentence, only, function))
            return function

        return register

    @staticmethod
    def arguments(flags=None):
        """`flags`: further options of the suite without a value, name -> help."""
        parser = argparse.ArgumentParser()
        parser.add_argument("--bin", type=Path, help="folder with omendb: a server is started from it")
        parser.add_argument("--url", help="a server that runs already, such as PostgreSQL")
        parser.add_argument("--full", action="store_true", help="the full size, not the short form")
        parser.add_argument("--only", default="", help="run the cases whose name contains this")
        for flag, text in (flags or {}).items():
            parser.add_argument(flag, action="store_true", help=text)
        arguments = parser.parse_args()
        if not arguments.bin and not arguments.url:
            parser.error("--bin or --url is needed")
        return arguments

    def run(self, make_server, arguments):
        """Runs all cases; starts the server anew if one ended it. Exits with the suite's code."""
        passed = failed = skipped = 0
        chosen = [c for c in self.cases if arguments.only in c[0]]
        server = make_server()
        server.__enter__()
        for sentence, only, function in chosen:
            if only == "omendb" and arguments.url:
                skipped += 1
                continue
            started = time.monotonic()
            try:
                function(server)
                if not server.is_alive():
                    raise AssertionError("the server ended:\n" + server.log_tail())
                passed += 1
                print(f"ok   {sentence} ({time.monotonic() - started:.1f} s)", flush=True)
            except Skipped as reason:
                skipped += 1
                print(f"skip {sentence}: {reason}", flush=True)
            except Exception as error:  # every failure is one line of the report, never the end of the run
                failed += 1
                frames = traceback.extract_tb(error.__traceback__)
                where = next((f for f in reversed(frames) if "/tests/" in f.filename), frames[-1])
                text = str(error).rstrip() or type(error).__name__
                print(f"FAIL {sentence}\n     {Path(where.filename).name}:{where.lineno}: {text}", flush=True)
            if not server.is_alive():
                print("     the server ended; starting a new one", flush=True)
                server.__exit__()
                server = make_server()
                server.__enter__()
        server.__exit__()
        print(f"{self.name}: {passed} passed, {failed} failed, {skipped} skipped")
        sys.exit(1 if failed else 0)


def check_equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what or 'value'}: expected {expected!r}, got {actual!r}")


def check(condition, what):
    if not condition:
        raise AssertionError(what)
