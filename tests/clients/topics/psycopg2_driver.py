"""psycopg2: transactions, adaptation, COPY, errors, server-side cursors."""

import io
from contextlib import closing
from datetime import date, datetime, timezone
from decimal import Decimal

from support.suite import Skipped, check, check_equal, skip_on_omendb

try:
    import psycopg2
    import psycopg2.extras
except ImportError:
    psycopg2 = None


def connect(server):
    if psycopg2 is None:
        raise Skipped("python3-psycopg2 is not installed")
    return closing(psycopg2.connect(server.url))


def register(suite):
    @suite.case("psycopg2: values of all common types come back as they went")
    def _(server):
        with connect(server) as connection, connection.cursor() as cursor:
            values = (
                1, 2**40, 1.5, Decimal("12.340"), "häuser 'x' \\", True, None, date(2024, 2, 29),
                datetime(2024, 2, 29, 12, 0, tzinfo=timezone.utc), [1, 2, 3], ["a", None, "c,d"],
            )
            cursor.execute("SELECT " + ", ".join(["%s"] * len(values)), values)
            check_equal(cursor.fetchone(), values)
            cursor.execute("SELECT %s::bytea", (b"\x00\xff",))
            check_equal(bytes(cursor.fetchone()[0]), b"\x00\xff")

    @suite.case("psycopg2: a transaction reads by a snapshot that another one lends it")
    def _(server):
        with connect(server) as owner, connect(server) as taker, owner.cursor() as own, taker.cursor() as other:
            own.execute("DROP TABLE IF EXISTS lent")
            own.execute("CREATE TABLE lent (id int)")
            owner.commit()
            owner.set_session(isolation_level="REPEATABLE READ")
            taker.set_session(isolation_level="REPEATABLE READ")
            own.execute("SELECT pg_export_snapshot()")
            (name,) = own.fetchone()
            with connect(server) as writer, writer.cursor() as cursor:
                cursor.execute("INSERT INTO lent VALUES (1)")
                writer.commit()
            other.execute("SET TRANSACTION SNAPSHOT %s", (name,))
            other.execute("SELECT count(*) FROM lent")
            check_equal(other.fetchone(), (0,))
            owner.rollback()
            other.execute("SELECT count(*) FROM lent")
            check_equal(other.fetchone(), (0,))
            taker.rollback()
            other.execute("SELECT count(*) FROM lent")
            check_equal(other.fetchone(), (1,))
            taker.rollback()
            try:
                other.execute("SET TRANSACTION SNAPSHOT %s", (name,))
                raise AssertionError("a snapshot outlived its owner")
            except psycopg2.errors.InvalidParameterValue as error:
                check_equal(error.diag.message_primary, f'invalid snapshot identifier: "{name}"')
            taker.rollback()
            own.execute("DROP TABLE lent")
            owner.commit()

    @suite.case("psycopg2: commit, rollback, errors with their class and diagnostics")
    def _(server):
        with connect(server) as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS py2")
            cursor.execute("CREATE TABLE py2 (id serial PRIMARY KEY, name text UNIQUE)")
            connection.commit()
            cursor.execute("INSERT INTO py2 (name) VALUES ('a') RETURNING id")
            check_equal(cursor.fetchone(), (1,))
            connection.rollback()
            cursor.execute("SELECT count(*) FROM py2")
            check_equal(cursor.fetchone(), (0,))
            psycopg2.extras.execute_values(cursor, "INSERT INTO py2 (name) VALUES %s", [("a",), ("b",), ("c",)])
            connection.commit()
            try:
                cursor.execute("INSERT INTO py2 (name) VALUES ('a')")
                raise AssertionError("a duplicate was accepted")
            except psycopg2.errors.UniqueViolation as error:
                check_equal(error.diag.constraint_name, "py2_name_key")
                check_equal(error.diag.message_detail, "Key (name)=(a) already exists.")
            try:
                cursor.execute("SELECT 1")
                raise AssertionError("a failed transaction ran a statement")
            except psycopg2.errors.InFailedSqlTransaction:
                connection.rollback()
            cursor.execute("DROP TABLE py2")
            connection.commit()

    @suite.case("psycopg2: COPY in and out, vectors as text")
    def _(server):
        with connect(server) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute("DROP TABLE IF EXISTS vectors")
            cursor.execute("CREATE TABLE vectors (id int, v vector(3))")
            rows = "".join(f"{i}\t[{i},0,1]\n" for i in range(1000))
            cursor.copy_expert("COPY vectors FROM STDIN", io.StringIO(rows))
            check_equal(cursor.rowcount, 1000)
            out = io.StringIO()
            cursor.copy_expert("COPY (SELECT * FROM vectors ORDER BY id) TO STDOUT", out)
            check_equal(out.getvalue(), rows)
            cursor.execute("SELECT id, v FROM vectors ORDER BY v <-> %s LIMIT 2", ("[7.2,0,1]",))
            check_equal(cursor.fetchall(), [(7, "[7,0,1]"), (8, "[8,0,1]")])
            cursor.execute("DROP TABLE vectors")
            connection.commit()

    @suite.case("psycopg2: named cursor")
    def _(server):
        skip_on_omendb(server, "cursors")
        with connect(server) as connection, connection.cursor(name="big") as big:
            big.itersize = 100
            big.execute("SELECT g FROM generate_series(0, 999) AS g ORDER BY g")
            check_equal(sum(row[0] for row in big), 499500)

    @suite.case("psycopg2: isolation levels, autocommit, set_client_encoding, dict rows")
    def _(server):
        with connect(server) as connection:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                cursor.execute("SELECT current_setting('transaction_isolation') AS level, 1 AS one")
                check_equal(dict(cursor.fetchone()), {"level": "repeatable read", "one": 1})
            connection.rollback()
            connection.set_session(isolation_level="DEFAULT", readonly=False, autocommit=True)
            connection.set_client_encoding("UTF8")
            check_equal(connection.encoding, "UTF8")
            check(connection.server_version >= 150000, "server_version")
