"""COPY in and out, in all formats, with its failures."""

import struct

from support.suite import check, check_equal
from support.wire import Wire, error_of, kinds, status, tags

SIGNATURE = b"PGCOPY\n\377\r\n\0" + struct.pack("!ii", 0, 0)
TRAILER = struct.pack("!h", -1)


def copy_in(wire, sql, *chunks, end=("c", b"")):
    """Sends a COPY FROM with its data; all messages of the answer."""
    answer = wire.query(sql).until("GEZ")
    if answer[-1].kind != "G":
        return answer if answer[-1].kind == "Z" else answer + wire.until_ready()
    for chunk in chunks:
        wire.send("d", chunk)
    return answer + wire.send(*end).until_ready()


def copy_out(wire, sql):
    messages = wire.run(sql)
    if error_of(messages):
        raise AssertionError(f"{sql}: {messages}")
    return b"".join(m.body for m in messages if m.kind == "d")


def register(suite):
    def table(wire):
        wire.run("DROP TABLE IF EXISTS c; CREATE TABLE c (a int, b text, f float8)")
        return wire

    @suite.case("text both ways: escapes, NULL, an early end")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            messages = copy_in(wire, "COPY c FROM STDIN", b"1\ta\\tb\\n\\\\\t1.5\n2\t\\N", b"\t\\N\n3\t\t0\n\\.\n")
            check_equal((kinds(messages), tags(messages)), ("GCZ", ["COPY 3"]))
            check_equal(wire.rows("SELECT * FROM c ORDER BY a"), [("1", "a\tb\n\\", "1.5"), ("2", None, None), ("3", "", "0")])
            messages = wire.run("COPY c TO STDOUT")
            check_equal(kinds(messages), "HdddcCZ")
            check_equal(messages[1].body, b"1\ta\\tb\\n\\\\\t1.5\n")
            check_equal(tags(messages), ["COPY 3"])
            check_equal(copy_out(wire, "COPY (SELECT b, a FROM c WHERE a > 1 ORDER BY a) TO STDOUT WITH (DELIMITER '|', NULL 'nil')"),
                        b"nil|2\n|3\n")

    @suite.case("rows may be cut anywhere between messages, and columns chosen")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            data = b"7\tseven\n8\teight\n"
            copy_in(wire, "COPY c (a, b) FROM STDIN", *[data[i : i + 1] for i in range(len(data))])
            check_equal(wire.rows("SELECT a, b, f FROM c ORDER BY a"), [("7", "seven", None), ("8", "eight", None)])

    @suite.case("CSV both ways: quotes, header, NULL, force quote")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            data = b'a,b,f\n1,"x, ""y""\nz",2.5\n2,,\n3,"",0\n'
            messages = copy_in(wire, "COPY c FROM STDIN WITH (FORMAT csv, HEADER)", data)
            check_equal(tags(messages), ["COPY 3"])
            check_equal(wire.rows("SELECT * FROM c ORDER BY a"), [("1", 'x, "y"\nz', "2.5"), ("2", None, None), ("3", "", "0")])
            check_equal(copy_out(wire, "COPY c TO STDOUT WITH (FORMAT csv, HEADER)"), data)
            check_equal(copy_out(wire, "COPY (SELECT a, b FROM c WHERE a = 3) TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *)"), b'"3",""\n')
            check_equal(copy_out(wire, "COPY (SELECT 1, 'a;b') TO STDOUT WITH CSV DELIMITER ';'"), b'1;"a;b"\n')

    @suite.case("binary both ways")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            row = struct.pack("!h ii i", 3, 4, 5, 2) + b"hi" + struct.pack("!id", 8, 0.5)
            nulls = struct.pack("!h ii ii", 3, 4, 6, -1, -1)
            messages = copy_in(wire, "COPY c FROM STDIN WITH (FORMAT binary)", SIGNATURE + row, nulls + TRAILER)
            check_equal(tags(messages), ["COPY 2"])
            check_equal(messages[0].body[:1], b"\1")
            check_equal(copy_out(wire, "COPY c TO STDOUT WITH (FORMAT binary)"), SIGNATURE + row + nulls + TRAILER)

    @suite.case("vectors by COPY in text, CSV and binary")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("CREATE EXTENSION IF NOT EXISTS vector")
            wire.run("DROP TABLE IF EXISTS cv; CREATE TABLE cv (id int, v vector(2))")
            copy_in(wire, "COPY cv FROM STDIN", b"1\t[1,2]\n2\t\\N\n")
            copy_in(wire, "COPY cv FROM STDIN CSV", b'3,"[3,4]"\n')
            binary = struct.pack("!hiii", 2, 4, 4, 12) + struct.pack("!hhff", 2, 0, 5, 6)
            copy_in(wire, "COPY cv (id, v) FROM STDIN WITH (FORMAT BINARY)", SIGNATURE + binary + TRAILER)
            check_equal(copy_out(wire, "COPY cv TO STDOUT"), b"1\t[1,2]\n2\t\\N\n3\t[3,4]\n4\t[5,6]\n")
            messages = copy_in(wire, "COPY cv FROM STDIN", b"9\t[9,9,9]\n")
            fields = next(m for m in messages if m.kind == "E").fields()
            check_equal((fields["C"], fields["M"]), ("22000", "expected 2 dimensions, not 3"))
            check_equal(fields["W"], 'COPY cv, line 1, column v: "[9,9,9]"')

    @suite.case("bad data ends COPY with the line, nothing stays")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            for data, code in (
                (b"1\tx\t1\nzz\ty\t2\n", "22P02"),
                (b"1\tx\n", "22P04"),
                (b"1\tx\t1\textra\n", "22P04"),
            ):
                messages = copy_in(wire, "COPY c FROM STDIN", data)
                check_equal((error_of(messages), status(messages)), (code, "I"))
            fields = next(m for m in copy_in(wire, "COPY c FROM STDIN", b"1\tx\t1\nzz\ty\t2\n") if m.kind == "E").fields()
            check_equal(fields["W"], 'COPY c, line 2, column a: "zz"')
            check_equal(wire.rows("SELECT count(*) FROM c"), [("0",)])
            for data in (b"NOTPGCOPY\n\377\r\n\0" + struct.pack("!ii", 0, 0), SIGNATURE + struct.pack("!h", 7), SIGNATURE[:5]):
                messages = copy_in(wire, "COPY c FROM STDIN BINARY", data)
                check_equal(error_of(messages), "22P04", repr(data))
            check_equal(wire.rows("SELECT count(*) FROM c"), [("0",)])

    @suite.case("CopyFail, a Query in the middle, and errors before COPY begins")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            messages = copy_in(wire, "COPY c FROM STDIN", b"1\tx\t1\n", end=("f", b"changed my mind\0"))
            fields = next(m for m in messages if m.kind == "E").fields()
            check_equal((fields["C"], fields["M"]), ("57014", "COPY from stdin failed: changed my mind"))
            check_equal(error_of(wire.run("COPY nosuch FROM STDIN")), "42P01")
            check_equal(error_of(wire.run("COPY c (nosuch) TO STDOUT")), "42703")
            check_equal(error_of(wire.run("COPY c TO STDOUT WITH (FORMAT nonsense)")), "22023")
            check_equal(wire.rows("SELECT count(*) FROM c"), [("0",)])

    @suite.case("COPY runs in the extended protocol and inside a transaction")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            wire.parse("COPY c FROM STDIN").bind().execute().flush()
            check_equal(kinds(wire.until("G")), "12G")
            wire.send("d", b"1\tone\t1\n").send("c").sync()
            check_equal(kinds(wire.until_ready()), "CZ")
            wire.run("BEGIN")
            copy_in(wire, "COPY c FROM STDIN", b"2\ttwo\t2\n")
            wire.run("ROLLBACK")
            check_equal(wire.rows("SELECT count(*) FROM c"), [("1",)])

    @suite.case("fifty thousand rows go in and out, data continuing while errors are skipped")
    def _(server):
        with Wire(server.url) as wire:
            table(wire)
            chunk = b"".join(b"%d\ttext %d\t%d.5\n" % (n, n, n) for n in range(5000))
            messages = copy_in(wire, "COPY c FROM STDIN", *[chunk] * 10)
            check_equal(tags(messages), ["COPY 50000"])
            check_equal(copy_out(wire, "COPY c TO STDOUT").count(b"\n"), 50000)
            messages = copy_in(wire, "COPY c FROM STDIN", b"bad\n", *[chunk] * 10)
            check(error_of(messages) is not None and status(messages) == "I", "one error, then ready")
            check_equal(wire.rows("SELECT count(*) FROM c"), [("50000",)])
