#!/usr/bin/env python3
"""Real clients, each as its users run it, against a server of our own or any other (--url)."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from support.server import server_for  # noqa: E402
from support.suite import Suite  # noqa: E402

TOPICS = (
    "psql", "psycopg2_driver", "psycopg3_driver", "pgvector_types", "node_postgres", "pgbench",
)


def main():
    arguments = Suite.arguments()
    suite = Suite("clients")
    for topic in TOPICS:
        importlib.import_module(f"topics.{topic}").register(suite)
    suite.run(lambda: server_for(arguments), arguments)


if __name__ == "__main__":
    main()
