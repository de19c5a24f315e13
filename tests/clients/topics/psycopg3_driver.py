"""psycopg 3: binary, prepared statements, pipeline, COPY."""

from decimal import Decimal

from support.suite import Skipped, check_equal, skip_on_omendb

try:
    import psycopg
    import psycopg.types
except ImportError:
    psycopg = None


def connect(server, **options):
    if psycopg is None:
        raise Skipped("python3-psycopg is not installed")
    return psycopg.connect(server.url, **options)


def register(suite):
    @suite.case("psycopg 3: parameters and results, text and binary")
    def _(server):
        with connect(server) as connection:
            for binary in (False, True):
                row = connection.execute(
                    "SELECT %s::int4, %s::int8, %s::float8, %s::text, %s::bool, %s::numeric, %s::int4[], %s::bytea",
                    (1, 2**40, 1.5, "ä", True, Decimal("1.50"), [1, 2], b"\x00\x01"), binary=binary,
                ).fetchone()
                check_equal(row, (1, 2**40, 1.5, "ä", True, Decimal("1.50"), [1, 2], b"\x00\x01"), f"binary={binary}")
            check_equal(connection.execute("SELECT %s + 1", (1,)).fetchone(), (2,))
            check_equal(connection.execute("SELECT count(*) FROM generate_series(1, 10) g WHERE g = ANY(%s)", ([2, 3],)).fetchone(), (2,))

    @suite.case("psycopg 3: statements prepared by the driver survive repetition and DDL")
    def _(server):
        with connect(server, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS py3")
            connection.execute("CREATE TABLE py3 (id int PRIMARY KEY, name text)")
            for number in range(20):
                connection.execute("INSERT INTO py3 VALUES (%s, %s)", (number, f"name {number}"), prepare=True)
            for number in range(20):
                row = connection.execute("SELECT name FROM py3 WHERE id = %s", (number,)).fetchone()
                check_equal(row, (f"name {number}",))
            connection.execute("ALTER TABLE py3 ADD COLUMN extra int")
            check_equal(connection.execute("SELECT name FROM py3 WHERE id = %s", (3,)).fetchone(), ("name 3",))
            connection.execute("DROP TABLE py3")

    @suite.case("psycopg 3: executemany, pipeline, savepoints")
    def _(server):
        with connect(server) as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS many")
            cursor.execute("CREATE TABLE many (a int, b text)")
            cursor.executemany("INSERT INTO many VALUES (%s, %s)", [(n, str(n)) for n in range(500)])
            check_equal(cursor.rowcount, 500)
            try:
                pipelines = psycopg.Pipeline.is_supported()
            except AttributeError:
                pipelines = False
            if pipelines:
                with connection.pipeline():
                    first = connection.execute("SELECT count(*) FROM many")
                    second = connection.execute("SELECT max(a) FROM many")
                check_equal((first.fetchone(), second.fetchone()), ((500,), (499,)))
            try:
                with connection.transaction():
                    cursor.execute("DELETE FROM many")
                    raise psycopg.Rollback
            except psycopg.Rollback:
                pass
            check_equal(cursor.execute("SELECT count(*) FROM many").fetchone(), (500,))
            cursor.execute("DROP TABLE many")

    @suite.case("psycopg 3: COPY text and binary, vectors")
    def _(server):
        with connect(server) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute("DROP TABLE IF EXISTS cv, ci")
            cursor.execute("CREATE TABLE cv (id int4, v vector(2))")
            with cursor.copy("COPY cv FROM STDIN") as copy:
                for number in range(100):
                    copy.write_row((number, f"[{number},1]"))
            cursor.execute("CREATE TABLE ci (a int4, b text)")
            with cursor.copy("COPY ci FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "text"])
                for number in range(100):
                    copy.write_row((number, f"row {number}"))
            check_equal(cursor.execute("SELECT count(*), sum(a) FROM ci").fetchone(), (100, 4950))
            with cursor.copy("COPY ci TO STDOUT (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "text"])
                check_equal(sum(row[0] for row in copy.rows()), 4950)
            row = cursor.execute("SELECT id FROM cv ORDER BY v <-> %s LIMIT 1", ("[41.9,1]",)).fetchone()
            check_equal(row, (42,))
            cursor.execute("DROP TABLE cv, ci")

    @suite.case("psycopg 3: server-side cursor")
    def _(server):
        skip_on_omendb(server, "cursors")
        with connect(server) as connection, connection.cursor(name="scan") as scan:
            scan.execute("SELECT g FROM generate_series(1, 100) AS g")
            check_equal(len(scan.fetchmany(30)) + len(scan.fetchall()), 100)

    @suite.case("psycopg 3: types are found by name (to_regtype), vectors among them")
    def _(server):
        with connect(server) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
            for name in ("int4", "text", "timestamptz", "vector"):
                info = psycopg.types.TypeInfo.fetch(connection, name)
                check_equal((info.name, info.regtype.split(" ")[0] != ""), (name, True))
            row = connection.execute("SELECT oid, typarray FROM pg_type WHERE typname = 'vector'").fetchone()
            check_equal((info.oid, info.array_oid), row)
            check_equal(psycopg.types.TypeInfo.fetch(connection, "nosuch"), None)
