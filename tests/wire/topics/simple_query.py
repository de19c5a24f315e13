"""Query messages: shapes of answers, several statements, transaction status."""

from support.suite import check, check_equal
from support.wire import Wire, error_of, kinds, status, tags


def register(suite):
    @suite.case("one statement: RowDescription, rows, CommandComplete, ReadyForQuery")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.run("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY 1")
            check_equal(kinds(messages), "TDDCZ")
            check_equal([c[0] for c in messages[0].columns()], ["a", "b"])
            check_equal([c[3] for c in messages[0].columns()], [23, 25])
            check_equal(messages[2].values(), [b"2", None])
            check_equal(tags(messages), ["SELECT 2"])
            check_equal(status(messages), "I")

    @suite.case("a table's column names its table, number, type and modifier")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("DROP TABLE IF EXISTS described; CREATE TABLE described (a int, b varchar(7), c numeric(10,2))")
            (oid,) = wire.rows("SELECT 'described'::regclass::oid")[0]
            columns = wire.run("SELECT c, b, a + 1 FROM described")[0].columns()
            check_equal(columns[0], ("c", int(oid), 3, 1700, -1, ((10 << 16) | 2) + 4, 0))
            check_equal(columns[1], ("b", int(oid), 2, 1043, -1, 11, 0))
            check_equal(columns[2], ("?column?", 0, 0, 23, 4, -1, 0))

    @suite.case("no rows, no columns, empty query")
    def _(server):
        with Wire(server.url) as wire:
            check_equal(kinds(wire.run("SELECT 1 WHERE false")), "TCZ")
            check_equal(kinds(wire.run("SELECT")), "TDCZ")
            for empty in ("", " ", ";", ";;;", "-- only a comment"):
                check_equal(kinds(wire.run(empty)), "IZ", repr(empty))
            check_equal(kinds(wire.run("SELECT 1;")), "TDCZ")

    @suite.case("several statements answer in order; a failure undoes all of the message")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("DROP TABLE IF EXISTS multi; CREATE TABLE multi (a int PRIMARY KEY)")
            messages = wire.run("INSERT INTO multi VALUES (1); SELECT a FROM multi; UPDATE multi SET a = 2")
            check_equal(kinds(messages), "CTDCCZ")
            check_equal(tags(messages), ["INSERT 0 1", "SELECT 1", "UPDATE 1"])
            messages = wire.run("INSERT INTO multi VALUES (5); SELECT 1 / 0; INSERT INTO multi VALUES (6)")
            check_equal(kinds(messages), "CTEZ" if kinds(messages)[1] == "T" else "CEZ")
            check_equal(status(messages), "I")
            check_equal(wire.rows("SELECT a FROM multi"), [("2",)])
            messages = wire.run("INSERT INTO multi VALUES (5); COMMIT; INSERT INTO multi VALUES (5)")
            check_equal(error_of(messages), "23505")
            check_equal(wire.rows("SELECT count(*) FROM multi"), [("2",)])
            messages = wire.run("BEGIN; INSERT INTO multi VALUES (7)")
            check_equal(status(messages), "T")
            wire.run("ROLLBACK")
            check_equal(wire.rows("SELECT count(*) FROM multi"), [("2",)])
            wire.run("DROP TABLE multi")

    @suite.case("ReadyForQuery follows the transaction: I, T, E")
    def _(server):
        with Wire(server.url) as wire:
            check_equal(status(wire.run("BEGIN")), "T")
            check_equal(status(wire.run("SELECT 1 / 0")), "E")
            messages = wire.run("SELECT 1")
            check_equal((error_of(messages), status(messages)), ("25P02", "E"))
            messages = wire.run("COMMIT")
            check_equal((tags(messages), status(messages)), (["ROLLBACK"], "I"))

    @suite.case("errors carry severity, code, message and position, and the session goes on")
    def _(server):
        with Wire(server.url) as wire:
            fields = next(m for m in wire.run("SELECT nosuch") if m.kind == "E").fields()
            check_equal((fields["S"], fields["V"], fields["C"], fields["P"]), ("ERROR", "ERROR", "42703", "8"))
            check_equal(fields["M"], 'column "nosuch" does not exist')
            wire.run("DROP TABLE IF EXISTS k; CREATE TABLE k (a int CONSTRAINT positive CHECK (a > 0), b int UNIQUE)")
            fields = next(m for m in wire.run("INSERT INTO k VALUES (-1)") if m.kind == "E").fields()
            check_equal((fields["C"], fields["t"], fields["n"]), ("23514", "k", "positive"))
            check_equal(wire.rows("SELECT 1"), [("1",)])

    @suite.case("notices arrive before the answer they belong to")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.run("DROP TABLE IF EXISTS no_such_table")
            check_equal("".join(m.kind for m in messages), "NCZ")
            check_equal(messages[0].fields()["C"], "00000")

    @suite.case("a hundred thousand rows and a value of a megabyte come through whole")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.run("SELECT g FROM generate_series(1, 100000) AS g")
            check_equal(len(messages), 100003)
            check_equal(tags(messages), ["SELECT 100000"])
            (value,) = wire.rows("SELECT repeat('x', 1000000)")[0]
            check_equal(len(value), 1000000)
            (value,) = wire.rows("SELECT length('" + "y" * 2000000 + "')")[0]
            check_equal(value, "2000000")

    @suite.case("FunctionCall is refused, the session goes on")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.send("F", b"\0\0\0\1\0\0\0\0\0\0").until_ready()
            check(error_of(messages) is not None, "an error")
            check_equal(wire.rows("SELECT 1"), [("1",)])
