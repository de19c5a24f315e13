"""Binary parameters and results of every type: what goes in comes out, byte for byte."""

import struct

from support.suite import Skipped, check, check_equal
from support.wire import Wire, error_of

# type name, text form, binary form
VALUES = (
    ("bool", "t", b"\1"),
    ("int2", "-2", struct.pack("!h", -2)),
    ("int4", "123456", struct.pack("!i", 123456)),
    ("int8", "-9000000000", struct.pack("!q", -9000000000)),
    ("oid", "4000000000", struct.pack("!I", 4000000000)),
    ("float4", "1.5", struct.pack("!f", 1.5)),
    ("float8", "-0.1", struct.pack("!d", -0.1)),
    ("numeric", "12345.678", struct.pack("!hhhh3h", 3, 1, 0, 3, 1, 2345, 6780)),
    ("numeric", "-0.0001", struct.pack("!hhHhh", 1, -1, 0x4000, 4, 1)),
    ("numeric", "0", struct.pack("!hhhh", 0, 0, 0, 0)),
    ("numeric", "NaN", struct.pack("!hhHh", 0, 0, 0xC000, 0)),
    ("text", "häuser", "häuser".encode()),
    ("varchar", "abc", b"abc"),
    ("bpchar", "abc", b"abc"),
    ("name", "a_name", b"a_name"),
    ("\"char\"", "x", b"x"),
    ("bytea", "\\x00ff10", b"\x00\xff\x10"),
    ("date", "2000-01-02", struct.pack("!i", 1)),
    ("date", "infinity", struct.pack("!i", 2147483647)),
    ("time", "01:02:03.5", struct.pack("!q", 3723500000)),
    ("timestamp", "2000-01-01 00:00:01", struct.pack("!q", 1000000)),
    ("timestamptz", "1999-12-31 23:59:59+00", struct.pack("!q", -1000000)),
    ("interval", "1 year 2 mons 3 days 04:05:06", struct.pack("!qii", 14706000000, 3, 14)),
    ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", bytes.fromhex("a0eebc999c0b4ef8bb6d6bb9bd380a11")),
    ("int4[]", "{1,NULL,3}", struct.pack("!iii ii ii i ii", 1, 1, 23, 3, 1, 4, 1, -1, 4, 3)),
    ("text[]", "{a,bc}", struct.pack("!iiiii", 1, 0, 25, 2, 1) + b"\0\0\0\1a\0\0\0\2bc"),
    ("int4[]", "{}", struct.pack("!iii", 0, 0, 23)),
    ("int4[]", "{{1,2},{3,4}}", struct.pack("!iii iiii", 2, 0, 23, 2, 1, 2, 1) + b"".join(struct.pack("!ii", 4, n) for n in (1, 2, 3, 4))),
    ("float8[]", "{0.5}", struct.pack("!iiiii", 1, 0, 701, 1, 1) + struct.pack("!id", 8, 0.5)),
    ("vector", "[1,2,3]", struct.pack("!hh3f", 3, 0, 1, 2, 3)),
    ("vector", "[-0.5]", struct.pack("!hhf", 1, 0, -0.5)),
)
TIMETZ_VALUES = (("timetz", "01:02:03+02", struct.pack("!qi", 3723000000, -7200)),)


def check_both_ways(server, values):
    wrong = []
    with Wire(server.url, TimeZone="UTC") as wire:
        wire.run("CREATE EXTENSION IF NOT EXISTS vector")
        for name, text, binary in values:
            for value, form, result, expected in (
                (text, 0, 1, binary),
                (binary, 1, 0, text.encode()),
                (binary, 1, 1, binary),
                (text, 0, 0, text.encode()),
            ):
                wire.parse(f"SELECT $1::{name}").bind([value], formats=(form,), result_formats=(result,))
                messages = wire.execute().sync().until_ready()
                rows = [m.values()[0] for m in messages if m.kind == "D"]
                if rows != [expected]:
                    got = rows[0] if rows else messages
                    wrong.append(f"{name} {text} ({form} -> {result}): expected {expected!r}, got {got!r}")
    check(not wrong, "\n     ".join(wrong))


def register(suite):
    @suite.case("every type: text in, binary out; binary in, text out; binary both ways")
    def _(server):
        check_both_ways(server, VALUES)

    @suite.case("timetz in text and in binary")
    def _(server):
        with Wire(server.url) as wire:
            if wire.rows("SELECT to_regtype('timetz')") == [(None,)]:
                raise Skipped("the type timetz does not exist")
        check_both_ways(server, TIMETZ_VALUES)

    @suite.case("NULL is NULL in either format")
    def _(server):
        with Wire(server.url) as wire:
            for form in (0, 1):
                wire.parse("SELECT $1::int4, $1::int4 + 1").bind([None], formats=(form,), result_formats=(form,))
                messages = wire.execute().sync().until_ready()
                check_equal(messages[2].values(), [None, None])

    @suite.case("formats can differ by parameter and by column")
    def _(server):
        with Wire(server.url) as wire:
            wire.parse("SELECT $1::int4, $2::int4, 'x'::text")
            wire.bind(["1", struct.pack("!i", 2)], formats=(0, 1), result_formats=(1, 0, 1)).execute().sync()
            check_equal(wire.until_ready()[2].values(), [struct.pack("!i", 1), b"2", b"x"])

    @suite.case("binary values of the wrong size or content are refused")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("CREATE EXTENSION IF NOT EXISTS vector")
            for name, data, code in (
                ("int4", b"\0\0\1", "08P01"),
                ("int4", b"\0\0\0\0\1", "22P03"),
                ("float8", b"", "08P01"),
                ("uuid", b"\1\2", "08P01"),
                ("text", b"\xff\xfe", "22021"),
                ("int4[]", struct.pack("!iii", 9, 0, 23), "54000"),
                ("int4[]", struct.pack("!iii", -1, 0, 23), "22P03"),
                ("int4[]", struct.pack("!iii", 1, 5, 23), "22P03"),
                ("int4[]", struct.pack("!iii", 1, 0, 25), "42804"),
                ("vector", struct.pack("!hh", 0, 0), "22000"),
                ("vector", struct.pack("!Hh", 65535, 0), "54000"),
                ("vector", struct.pack("!hhf", 1, 1, 1), "22000"),
                ("vector", struct.pack("!hhf", 2, 0, 1), "08P01"),
                ("vector", struct.pack("!hhff", 1, 0, 1, 2), "22P03"),
                ("vector", struct.pack("!hhf", 1, 0, float("nan")), "22000"),
                ("vector", struct.pack("!hhf", 1, 0, float("inf")), "22000"),
                ("vector(3)", struct.pack("!hhff", 2, 0, 1, 2), "22000"),
                ("numeric", struct.pack("!hhhh", 1, 0, 0, 0), "08P01"),
                ("numeric", struct.pack("!hhhhh", 1, 0, 0x1234, 0, 1), "22P03"),
                ("numeric", struct.pack("!hhhhh", 1, 0, 0, 0, 10000), "22P03"),
            ):
                wire.parse(f"SELECT $1::{name}").bind([data], formats=(1,)).execute().sync()
                check_equal(error_of(wire.until_ready()), code, f"{name} {data!r}")
            check_equal(wire.rows("SELECT 1"), [("1",)])

    @suite.case("RowDescription of vectors: type, modifier, format")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("CREATE EXTENSION IF NOT EXISTS vector")
            wire.run("DROP TABLE IF EXISTS vectors; CREATE TABLE vectors (v vector(3))")
            vector = int(wire.rows("SELECT oid FROM pg_type WHERE typname = 'vector'")[0][0])
            wire.parse("SELECT v, v + v, v <-> '[1,2,3]', ARRAY[v] FROM vectors").bind(result_formats=(1,))
            columns = wire.describe("P").sync().until_ready()[2].columns()
            check_equal([(c[0], c[3], c[4], c[5], c[6]) for c in columns[:3]],
                        [("v", vector, -1, 3, 1), ("?column?", vector, -1, -1, 1), ("?column?", 701, 8, -1, 1)])
            check_equal(columns[3][0], "array")
