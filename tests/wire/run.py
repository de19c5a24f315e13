#!/usr/bin/env python3
"""The wire protocol, message by message, against a server of our own or any other (--url)."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from support.server import server_for  # noqa: E402
from support.suite import Suite  # noqa: E402

TOPICS = (
    "startup", "login", "simple_query", "extended_query", "binary_formats", "copy", "cancel", "patience", "index_builds",
    "hostile", "process",
)


def main():
    arguments = Suite.arguments()
    suite = Suite("wire")
    for topic in TOPICS:
        importlib.import_module(f"topics.{topic}").register(suite)
    suite.run(lambda: server_for(arguments), arguments)


if __name__ == "__main__":
    main()
