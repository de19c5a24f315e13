"""Many sessions at once, each with transactions of all kinds and levels; what must hold whatever they do.

Money is moved and never made; a task is taken once; every upsert that committed counts; a snapshot's
nearest neighbours are all of its rows. The only errors are 40001 and 40P01.
"""

import random
import threading
from collections import Counter
from contextlib import closing

import psycopg2
from support.suite import check_equal

ACCOUNTS = 40
SUM = 100 * ACCOUNTS
TASKS = 20000
LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
ALLOWED = {"40001", "40P01"}
SECONDS_MAX = 1800

SETUP = f"""
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL, note text, place vector(8));
    INSERT INTO account SELECT i, 100, '', array_fill(i, ARRAY[8])::vector FROM generate_series(1, {ACCOUNTS}) i;
    CREATE INDEX account_place ON account USING hnsw (place vector_l2_ops);
    CREATE TABLE task (id int PRIMARY KEY, taken int DEFAULT 0);
    INSERT INTO task (id) SELECT generate_series(1, {TASKS});
    CREATE TABLE counter (key int PRIMARY KEY, hits int);
"""
TEARDOWN = "DROP TABLE IF EXISTS account, task, counter"


def two_accounts(chance):
    return chance.sample(range(1, ACCOUNTS + 1), 2)


def transfer(cursor, chance, _):
    source, target = two_accounts(chance)
    cursor.execute("UPDATE account SET balance = balance - 1 WHERE id = %s", (source,))
    cursor.execute("UPDATE account SET balance = balance + 1 WHERE id = %s", (target,))


def locked_transfer(cursor, chance, _):
    """What was read under a lock is still so when it is written."""
    source, target = two_accounts(chance)
    strength = chance.choice(("UPDATE", "NO KEY UPDATE"))
    cursor.execute(f"SELECT id FROM account WHERE id IN (%s, %s) ORDER BY id FOR {strength}", (source, target))
    cursor.execute("SELECT balance FROM account WHERE id = %s", (source,))
    (before,) = cursor.fetchone()
    cursor.execute("UPDATE account SET balance = balance - 5 WHERE id = %s RETURNING balance", (source,))
    check_equal(cursor.fetchone(), (before - 5,), "a balance that was locked")
    cursor.execute("UPDATE account SET balance = balance + 5 WHERE id = %s", (target,))


def take_task(cursor, *_):
    cursor.execute(
        "UPDATE task SET taken = taken + 1 WHERE id ="
        " (SELECT id FROM task WHERE taken = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
    )


def count(cursor, chance, _):
    cursor.execute(
        "INSERT INTO counter VALUES (%s, 1) ON CONFLICT (key) DO UPDATE SET hits = counter.hits + 1",
        (chance.randint(1, 5),),
    )


def audit(cursor, _, level):
    cursor.execute("SELECT sum(balance), count(*) FROM account")
    check_equal(cursor.fetchone(), (SUM, ACCOUNTS), f"sum and number of accounts ({level})")


def find_all(cursor, *_):
    """pgvector gives fewer where its index has removed entries; OmenDB promises all."""
    cursor.execute(
        "SELECT count(DISTINCT id) FROM"
        " (SELECT id FROM account ORDER BY place <-> '[1,1,1,1,1,1,1,1]' LIMIT 100) near"
    )
    check_equal(cursor.fetchone(), (ACCOUNTS,), "neighbours")


def move(cursor, chance, _):
    cursor.execute(
        "UPDATE account SET place = array_fill(%s, ARRAY[8])::vector WHERE id ="
        " (SELECT id FROM account ORDER BY place <-> '[5,5,5,5,5,5,5,5]' LIMIT 1)",
        (chance.randint(1, 60),),
    )


def change_mind(cursor, chance, _):
    source, target = two_accounts(chance)
    cursor.execute("SAVEPOINT s")
    cursor.execute("UPDATE account SET balance = balance - 1000 WHERE id = %s", (source,))
    cursor.execute("ROLLBACK TO s")
    cursor.execute("UPDATE account SET note = 'x' WHERE id = %s", (target,))


def hold_key(cursor, chance, _):
    held, written = two_accounts(chance)
    cursor.execute("SELECT id FROM account WHERE id = %s FOR KEY SHARE", (held,))
    cursor.execute("UPDATE account SET note = 'k' WHERE id = %s", (written,))


def define(cursor, *_):
    cursor.execute("ALTER TABLE counter ADD COLUMN extra int DEFAULT 3")
    cursor.execute("ALTER TABLE counter DROP COLUMN extra")


WORK = (transfer, transfer, locked_transfer, take_task, count, audit, move, change_mind, hold_key)


class Session(threading.Thread):
    """Runs transactions one after another; counts those that committed, and keeps what went wrong."""

    def __init__(self, server, seed, transactions):
        super().__init__(daemon=True)
        self.url = server.url
        self.chance = random.Random(seed)
        self.work = WORK + (define,) * (seed % 7 == 0) + (find_all,) * server.is_omendb
        self.transactions = transactions
        self.committed = Counter()
        self.failure = None

    def run(self):
        try:
            # PostgreSQL looks for deadlocks after that time only.
            with closing(psycopg2.connect(self.url, options="-c deadlock_timeout=10ms")) as connection:
                for _ in range(self.transactions):
                    self.run_one(connection)
        except Exception as error:  # told by the main thread
            self.failure = error

    def run_one(self, connection):
        work, level = self.chance.choice(self.work), self.chance.choice(LEVELS)
        connection.set_session(isolation_level=level)
        try:
            with connection, connection.cursor() as cursor:
                work(cursor, self.chance, level)
        except psycopg2.Error as error:
            if error.pgcode not in ALLOWED:
                raise
        else:
            self.committed[work] += 1


def register(suite, full):
    session_count, transactions = (90, 200) if full else (16, 60)

    @suite.case(f"mixed work of {session_count} sessions keeps its rules")
    def _(server):
        with closing(psycopg2.connect(server.url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(TEARDOWN)
            cursor.execute(SETUP)
            sessions = [Session(server, seed, transactions) for seed in range(session_count)]
            for session in sessions:
                session.start()
            for session in sessions:
                session.join(SECONDS_MAX)
                check_equal((session.is_alive(), session.failure), (False, None), "a session's fate")
            committed = sum((session.committed for session in sessions), Counter())
            check_equal([work.__name__ for work in set(WORK) if not committed[work]], [], "work never committed")
            cursor.execute("SELECT sum(balance) FROM account")
            check_equal(cursor.fetchone(), (SUM,), "sum of accounts")
            cursor.execute("SELECT sum(hits) FROM counter")
            check_equal(cursor.fetchone(), (committed[count],), "upserts")
            cursor.execute("SELECT max(taken), count(*) FROM task WHERE taken > 0")
            check_equal(cursor.fetchone(), (1, committed[take_task]), "tasks taken")
            cursor.execute(TEARDOWN)
