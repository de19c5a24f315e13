"""Parse, Bind, Describe, Execute, Close, Flush, Sync."""

import struct

from support.suite import check, check_equal
from support.wire import Wire, error_of, kinds, status, tags


def parameter_types(message):
    (count,) = struct.unpack_from("!h", message.body)
    return list(struct.unpack_from(f"!{count}i", message.body, 2))


def register(suite):
    @suite.case("Parse, Bind, Describe, Execute, Sync")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT $1::int + 1 AS n").bind(["41"]).describe("P").execute().sync()
            messages = wire.until_ready()
            check_equal(kinds(messages), "12TDCZ")
            check_equal(messages[3].values(), [b"42"])

    @suite.case("parameter types are inferred from operators, columns, functions and casts")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("CREATE EXTENSION IF NOT EXISTS vector")
            wire.run("DROP TABLE IF EXISTS inferred; CREATE TABLE inferred (id bigint, name varchar(9), v vector(2), at timestamptz)")
            vector = int(wire.rows("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0])
            for sql, expected in (
                ("SELECT * FROM inferred WHERE id = $1", [20]),
                ("SELECT * FROM inferred WHERE name = $1", [25]),
                ("SELECT * FROM inferred WHERE name LIKE $1 AND at > $2", [25, 1184]),
                ("INSERT INTO inferred VALUES ($1, $2, $3, $4)", [20, 1043, vector, 1184]),
                ("UPDATE inferred SET name = $1 WHERE id = $2", [1043, 20]),
                ("SELECT id FROM inferred ORDER BY v <-> $1 LIMIT $2", [vector, 20]),
                ("SELECT id FROM inferred WHERE id = ANY($1)", [1016]),
                ("SELECT id FROM inferred WHERE id IN ($1, $2)", [20, 20]),
                ("SELECT $1 + 1, $2 || 'x', $3::date", [23, 25, 1082]),
                ("SELECT upper($1), length($2)", [25, 25]),
                ("SELECT CASE WHEN $1 THEN $2 ELSE 1 END", [16, 23]),
                ("SELECT coalesce($1, 1.5)", [1700]),
                ("SELECT $1", [25]),
                ("SELECT vector_norm($1)", [vector]),
            ):
                messages = wire.parse(sql).describe("S").sync().until_ready()
                check_equal(error_of(messages), None, sql)
                check_equal(parameter_types(messages[1]), expected, sql)

    @suite.case("Describe of a statement: parameters, then columns or NoData")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.parse("SELECT $1::int AS a, 'x' AS b", "s").describe("S", "s").sync().until_ready()
            check_equal(kinds(messages), "1tTZ")
            messages = wire.parse("CREATE TABLE nodata (a int)").describe("S").sync().until_ready()
            check_equal(kinds(messages), "1tnZ")
            messages = wire.parse("").describe("S").bind().execute().sync().until_ready()
            check_equal(kinds(messages), "1tn2IZ")

    @suite.case("named statements live until closed; the unnamed one until the next Parse")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT $1::text", "keep").sync().until_ready()
            for text in ("a", "b"):
                messages = wire.bind([text], statement="keep").execute().sync().until_ready()
                check_equal(messages[1].values(), [text.encode()])
            check_equal(error_of(wire.parse("SELECT 1", "keep").sync().until_ready()), "42P05")
            check_equal(kinds(wire.close("S", "keep").sync().until_ready()), "3Z")
            check_equal(error_of(wire.bind(["x"], statement="keep").sync().until_ready()), "26000")
            check_equal(kinds(wire.close("S", "never").close("P", "never").sync().until_ready()), "33Z")
            check_equal(error_of(wire.execute("nowhere").sync().until_ready()), "34000")

    @suite.case("a portal with a row limit is suspended and goes on")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT g FROM generate_series(1, 5) AS g").bind(portal="p")
            messages = wire.execute("p", 2).execute("p", 2).execute("p", 2).sync().until_ready()
            check_equal(kinds(messages), "12DDsDDsDCZ")
            check_equal(tags(messages), ["SELECT 1"])
            wire.run("BEGIN")
            wire.parse("SELECT g FROM generate_series(1, 3000) AS g").bind(portal="q").execute("q", 1500)
            check_equal(kinds(wire.sync().until_ready()).count("D"), 1500)
            messages = wire.execute("q", 0).sync().until_ready()
            check_equal(kinds(messages).count("D"), 1500)
            check_equal(messages[0].values(), [b"1501"])
            wire.run("COMMIT")
            check_equal(error_of(wire.execute("q", 0).sync().until_ready()), "34000")

    @suite.case("after an error everything is skipped until Sync, once")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT nosuch").bind().execute().parse("SELECT 1").bind().execute().sync()
            check_equal(kinds(wire.until_ready()), "EZ")
            wire.parse("SELECT 1 / $1::int").bind(["0"]).execute().parse("SELECT 2").sync()
            messages = wire.until_ready()
            check(kinds(messages) in ("12EZ", "1EZ"), "the error comes at Bind (folded) or at Execute")
            check_equal(error_of(messages), "22012")
            check_equal(wire.rows("SELECT 3"), [("3",)])

    @suite.case("pipelining: what precedes one Sync is one transaction")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("DROP TABLE IF EXISTS piped; CREATE TABLE piped (a int PRIMARY KEY)")
            for value in ("1", "2", "3"):
                wire.parse("INSERT INTO piped VALUES ($1)").bind([value]).execute()
            check_equal(kinds(wire.sync().until_ready()), "12C" * 3 + "Z")
            for value in ("4", "5", "1", "6"):
                wire.parse("INSERT INTO piped VALUES ($1)").bind([value]).execute()
            check_equal(kinds(wire.sync().until_ready()), "12C12C12EZ")
            check_equal(wire.rows("SELECT count(*) FROM piped"), [("3",)])
            for value in ("7", "7", "8"):
                wire.parse("INSERT INTO piped VALUES ($1)").bind([value]).execute().sync()
            answers = [kinds(wire.until_ready()) for _ in range(3)]
            check_equal(answers, ["12CZ", "12EZ", "12CZ"])
            wire.run("DROP TABLE piped")

    @suite.case("a thousand statements in one write are answered in order")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT $1::int", "n")
            for number in range(1000):
                wire.bind([str(number)], statement="n").execute()
            rows = [m.values()[0] for m in wire.sync().until_ready() if m.kind == "D"]
            check_equal(rows, [str(n).encode() for n in range(1000)])

    @suite.case("Flush delivers answers without a Sync")
    def _(server):
        with Wire(server.url) as wire:
            check_equal(kinds(wire.parse("SELECT 1", "f").describe("S", "f").flush().until("T")), "1tT")
            check_equal(kinds(wire.bind(statement="f").execute().flush().until("C")), "2DC")
            check_equal(kinds(wire.sync().until_ready()), "Z")

    @suite.case("wrong counts and formats of parameters are refused")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT $1::int, $2::int", "two").sync().until_ready()
            for case in (
                dict(values=["1"]),
                dict(values=["1", "2", "3"]),
                dict(values=["1", "2"], formats=(0, 0, 0)),
                dict(values=["1", "2"], result_formats=(0, 0, 0)),
            ):
                check_equal(error_of(wire.bind(statement="two", **case).execute().sync().until_ready()), "08P01", str(case))
            check_equal(error_of(wire.bind(["x", "2"], statement="two").sync().until_ready()), "22P02")
            check_equal(error_of(wire.parse("SELECT 1; SELECT 2").sync().until_ready()), "42601")
            check_equal(error_of(wire.bind([b"\0\0\0\1", b"\0\1"], statement="two", formats=(1,)).sync().until_ready()), "08P01")
            check_equal(error_of(wire.bind(["1", "2"], statement="two", result_formats=(7,)).execute().sync().until_ready()), "22023")

    @suite.case("a transaction block spans Syncs, and an error in it needs ROLLBACK")
    def _(server):
        with Wire(server.url) as wire:
            check_equal(status(wire.parse("BEGIN").bind().execute().sync().until_ready()), "T")
            check_equal(status(wire.parse("SELECT 1 / 0").bind().execute().sync().until_ready()), "E")
            check_equal(error_of(wire.parse("SELECT 1").sync().until_ready()), "25P02")
            check_equal(status(wire.parse("ROLLBACK").bind().execute().sync().until_ready()), "I")

    @suite.case("a prepared statement survives a change of its table, or says so")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("DROP TABLE IF EXISTS changing; CREATE TABLE changing (a int)")
            wire.run("INSERT INTO changing VALUES (1)")
            wire.parse("SELECT a FROM changing", "c").parse("SELECT * FROM changing", "star").sync().until_ready()
            wire.run("ALTER TABLE changing ADD COLUMN b int")
            check_equal(kinds(wire.bind(statement="c").execute().sync().until_ready()), "2DCZ")
            check_equal(error_of(wire.bind(statement="star").execute().sync().until_ready()), "0A000")
            wire.run("DROP TABLE changing")
            check_equal(error_of(wire.bind(statement="c").execute().sync().until_ready()), "42P01")

    @suite.case("a typed NULL parameter is NULL")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.parse("SELECT $1::int IS NULL, $2").bind([None, None]).execute().sync().until_ready()
            check_equal(messages[2].values(), [b"t", None])
