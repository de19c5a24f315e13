#!/usr/bin/env python3
"""kill -9 in a loop: no acknowledged commit is lost, none is partial, indexes agree with the table.

Each round starts the server on the data of the round before, lets writers commit transactions of
several rows and updates, and kills it at a random moment. The writers' own list of acknowledged
commits is the oracle. Short form: 5 rounds; --full: 30, and a process with a vector index alone killed
hundreds of times at every failpoint, from where an interrupted run left off.
"""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.server import Server  # noqa: E402
from support.suite import Suite, check, check_equal  # noqa: E402

WRITER_COUNT = 4
ROWS_PER_TRANSACTION_MAX = 6
DIM = 16
PROBES_PER_ROUND_MAX = 400

SCHEMA = (
    "CREATE EXTENSION IF NOT EXISTS vector",
    f"CREATE TABLE items (id bigint PRIMARY KEY, batch bigint NOT NULL, size int NOT NULL, v vector({DIM}) NOT NULL)",
    "CREATE INDEX items_batch ON items (batch)",
    "CREATE INDEX items_v ON items USING hnsw (v vector_l2_ops)",
    "CREATE TABLE counters (writer int PRIMARY KEY, committed bigint NOT NULL)",
)


def vector_of(row_id):
    """Every row has a vector of its own that can be computed again."""
    source = random.Random(row_id)
    return "[" + ",".join(f"{source.gauss(0, 1):.5f}" for _ in range(DIM)) + "]"


class Oracle:
    """What clients know: batches acknowledged, rolled back, and those whose outcome nobody saw."""

    def __init__(self):
        self.mutex = threading.Lock()
        self.acknowledged = {}  # batch -> size
        self.unknown = {}  # batch -> size
        self.rolled_back = set()
        self.next_batch = 1

    def begin(self):
        with self.mutex:
            self.next_batch += 1
            return self.next_batch - 1

    def settle(self, survivors):
        """After a restart: what became of the batches of unknown outcome is known now."""
        for batch in survivors:
            self.acknowledged[batch] = self.unknown[batch]
        self.rolled_back.update(batch for batch in self.unknown if batch not in survivors)
        self.unknown.clear()


class Writer(threading.Thread):
    """Commits batches until the server goes away."""

    def __init__(self, number, url, oracle, seed):
        super().__init__(daemon=True)
        self.number, self.url, self.oracle = number, url, oracle
        self.random = random.Random(seed)
        self.failure = None

    def run(self):
        try:
            connection = psycopg2.connect(self.url)
            while True:
                self.write_batch(connection)
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            if getattr(error, "pgcode", None) not in (None, "57P01", "57P02", "57P03"):
                self.failure = error
        except Exception as error:  # reported by the round
            self.failure = error

    def write_batch(self, connection):
        batch = self.oracle.begin()
        size = self.random.randint(1, ROWS_PER_TRANSACTION_MAX)
        roll_back = self.random.random() < 0.1
        with self.oracle.mutex:
            if roll_back:
                self.oracle.rolled_back.add(batch)
            else:
                self.oracle.unknown[batch] = size
        with connection.cursor() as cursor:
            for part in range(size):
                row_id = batch * 10 + part
                cursor.execute("INSERT INTO items VALUES (%s, %s, %s, %s)", (row_id, batch, size, vector_of(row_id)))
            cursor.execute("UPDATE counters SET committed = committed + 1 WHERE writer = %s", (self.number,))
        if roll_back:
            connection.rollback()
            return
        connection.commit()
        with self.oracle.mutex:
            self.oracle.acknowledged[batch] = self.oracle.unknown.pop(batch)


def value(cursor, sql, parameters=()):
    cursor.execute(sql, parameters)
    return cursor.fetchone()[0]


def verify(url, oracle, new_batches):
    """Compares the server with the oracle; returns the batches of unknown outcome that did commit."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SELECT batch, count(*), min(size), max(size) FROM items GROUP BY batch")
    found = {batch: (count, low, high) for batch, count, low, high in cursor.fetchall()}
    lost = [batch for batch in oracle.acknowledged if batch not in found]
    check(not lost, f"{len(lost)} acknowledged commits are lost, such as batch {lost[:3]}")
    partial = [batch for batch, (count, low, high) in found.items() if not count == low == high]
    check(not partial, f"partial transactions: {[(b, found[b]) for b in partial[:3]]}")
    ghosts = [batch for batch in oracle.rolled_back if batch in found]
    check(not ghosts, f"rolled-back transactions are there: {ghosts[:3]}")
    strangers = [b for b in found if b not in oracle.acknowledged and b not in oracle.unknown]
    check(not strangers, f"nobody wrote batch {strangers[:3]}")
    committed = value(cursor, "SELECT sum(committed)::bigint FROM counters")
    check_equal(committed, len(found), "sum of counters against batches in the table")
    verify_ordered_indexes(cursor, found)
    verify_vectors(cursor, {b: found[b][0] for b in new_batches if b in found}, oracle)
    connection.close()
    return {batch for batch in found if batch in oracle.unknown}


def verify_ordered_indexes(cursor, found):
    row_count = sum(count for count, _, _ in found.values())
    answers = []
    for setting in ("enable_indexscan", "enable_seqscan"):
        cursor.execute(f"SET {setting} = off")
        cursor.execute("SELECT count(*), sum(id)::bigint, sum(batch)::bigint FROM items WHERE id >= 0")
        answers.append(cursor.fetchone())
        cursor.execute(f"SET {setting} = on")
    check_equal(answers[1], answers[0], "index scan against table scan")
    check_equal(answers[0][0], row_count, "rows of the scan against rows of the groups")
    for batch in random.sample(sorted(found), min(50, len(found))):
        count = value(cursor, "SELECT count(*) FROM items WHERE batch = %s", (batch,))
        check_equal(count, found[batch][0], f"rows of batch {batch} through its index")


def verify_vectors(cursor, new_sizes, oracle):
    """Every new row, and some old ones, are their own nearest neighbours through the vector index."""
    cursor.execute("SET enable_seqscan = off")
    cursor.execute("SET hnsw.ef_search = 200")
    new = [batch * 10 + part for batch, size in new_sizes.items() for part in range(size)]
    known = sorted(oracle.acknowledged)
    probes = random.sample(new, min(PROBES_PER_ROUND_MAX, len(new)))
    probes += [batch * 10 for batch in random.sample(known, min(50, len(known)))]
    missed = []
    for row_id in probes:
        cursor.execute(f"SELECT id FROM items ORDER BY v <-> '{vector_of(row_id)}' LIMIT 1")
        row = cursor.fetchone()
        if row is None or row[0] != row_id:
            missed.append(row_id)
    check(not missed, f"{len(missed)} of {len(probes)} vectors are not found by themselves, such as id {missed[:5]}")


def run_round(server, oracle, seed):
    """One life of the server; returns the number of commits acknowledged in it."""
    before = set(oracle.acknowledged)
    writers = [Writer(i, server.url, oracle, seed * 100 + i) for i in range(WRITER_COUNT)]
    for writer in writers:
        writer.start()
    time.sleep(random.Random(seed).uniform(0.3, 2.0))
    check(server.is_alive(), "the server ended by itself:\n" + server.log_tail())
    server.kill()
    for writer in writers:
        writer.join(30)
        if writer.failure:
            raise writer.failure
    server.start()
    new = set(oracle.acknowledged) - before
    check(new, "no commit was acknowledged before the kill")
    oracle.settle(verify(server.url, oracle, new | set(oracle.unknown)))
    return len(new)


def set_up(server):
    connection = psycopg2.connect(server.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in SCHEMA:
            cursor.execute(statement)
        for writer in range(WRITER_COUNT):
            cursor.execute("INSERT INTO counters VALUES (%s, 0)", (writer,))
    connection.close()


def run_vector_kills(bin_dir):
    """The unit test in full; returns the number of kills, those of interrupted runs included."""
    progress = bin_dir / "crash_full_kills"
    kills = int(progress.read_text()) if progress.exists() else 0
    environment = {**os.environ, "OMEN_CRASH_FULL": str(kills + 1)}
    command = [bin_dir / "unit_tests", "an index killed at any failpoint opens with all that was there before"]
    output = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            output.append(line)
            if line.endswith(" kills\n"):
                kills = int(line.split()[0])
                progress.write_text(str(kills))
    progress.unlink(missing_ok=True)
    check(process.returncode == 0, "".join(output[-40:]))
    return kills


def main():
    arguments = Suite.arguments()
    if arguments.url:
        sys.exit("this suite kills the server: it starts its own (--bin)")
    round_count = 30 if arguments.full else 5
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    passed = failed = 0
    oracle = Oracle()
    with Server(arguments.bin) as server:
        try:
            set_up(server)
            for number in range(round_count):
                acknowledged = run_round(server, oracle, seed + number)
                passed += 1
                print(f"ok   round {number + 1}: {acknowledged} commits acknowledged", flush=True)
        except Exception as error:  # data that is wrong once is of no use to further rounds
            failed += 1
            print(f"FAIL round {passed + 1}: {type(error).__name__}: {error}")
            print(f"     log: {server.keep_log('crash')}")
    if arguments.full:
        try:
            print(f"ok   vector index: {run_vector_kills(arguments.bin)} kills", flush=True)
            passed += 1
        except AssertionError as error:
            failed += 1
            print(f"FAIL vector index: {error}")
    print(f"crash: {passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
