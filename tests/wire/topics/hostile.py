"""Bytes no client would send: the server answers or hangs up, and serves everybody else on."""

import random
import struct

from support.suite import check, check_equal
from support.wire import Wire, error_of

DEPTH = 100_000


def still_serves(server):
    with Wire(server.url) as wire:
        check_equal(wire.rows("SELECT 1"), [("1",)])


def closes_on(server, data, started=True):
    """Sends raw bytes; true if the connection ends (with or without an error first)."""
    with Wire(server.url, start=started) as wire:
        wire.socket.settimeout(5)
        try:
            return wire.raw(data).is_closed()
        except (BrokenPipeError, ConnectionResetError):
            return True


def register(suite):
    @suite.case("bad lengths of the start-up packet end the connection")
    def _(server):
        for length in (0, 1, 3, 7, -1, -2147483648, 20000, 2147483647):
            data = struct.pack("!i", length) + b"x" * 16
            check(closes_on(server, data, started=False), f"closed on length {length}")
        check(closes_on(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", started=False), "closed on HTTP")
        still_serves(server)

    @suite.case("start-up parameters without end or with a name only are refused")
    def _(server):
        for body in (b"user", b"user\0", b"user\0postgres", b"user\0postgres\0database\0", b"\0\0\0"):
            data = struct.pack("!ii", len(body) + 8, 196608) + body
            with Wire(server.url, start=False) as wire:
                wire.socket.settimeout(5)
                wire.raw(data)
                try:
                    check(wire.read().kind in "ERS", "an answer")
                except (EOFError, ConnectionResetError):
                    pass
        still_serves(server)

    @suite.case("bad message lengths and unknown types end the connection")
    def _(server):
        for length in (0, 3, -1, -2147483648, 2147483647):
            check(closes_on(server, b"Q" + struct.pack("!i", length)), f"closed on length {length}")
        for kind in (b"\0", b"z", b"\xff", b"1", b"R"):
            check(closes_on(server, kind + struct.pack("!i", 4)), f"closed on type {kind!r}")
        still_serves(server)

    @suite.case("truncated bodies and absurd counts are errors of the message")
    def _(server):
        bodies = (
            ("Q", b""), ("Q", b"no end"), ("P", b""), ("P", b"\0"), ("P", b"\0SELECT 1\0"), ("P", b"\0SELECT 1\0\x7f\xff"),
            ("P", b"\0SELECT 1\0\xff\xff"), ("B", b""), ("B", b"\0\0"), ("B", b"\0\0\x7f\xff"), ("B", b"\0\0\0\0\x7f\xff"),
            ("B", b"\0\0\0\0\0\1\x7f\xff\xff\xff"), ("B", b"\0\0\0\0\0\1\x80\0\0\0"), ("D", b""), ("D", b"X\0"), ("D", b"S"),
            ("E", b"\0"), ("E", b""), ("C", b"X\0"), ("C", b""), ("F", b""),
        )
        for kind, body in bodies:
            with Wire(server.url) as wire:
                wire.socket.settimeout(5)
                wire.send(kind, body)
                if kind != "Q":
                    wire.sync()
                try:
                    message = wire.read()
                    check_equal(message.kind, "E", f"{kind} {body!r}")
                    check(message.fields()["C"][:2] in ("08", "26"), f"{kind} {body!r}: {message}")
                except (EOFError, ConnectionResetError):
                    pass
        still_serves(server)

    @suite.case("random bytes after start-up never end the server")
    def _(server):
        seed = random.SystemRandom().randrange(1 << 30)
        source = random.Random(seed)
        for _ in range(200):
            with Wire(server.url) as wire:
                kind = source.choice(b"QPBDECHSdcfFXp")
                body = source.randbytes(source.randrange(0, 60))
                try:
                    wire.raw(bytes([kind]) + struct.pack("!i", len(body) + 4) + body + source.randbytes(8))._push()
                except OSError:
                    pass
        try:
            still_serves(server)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error

    @suite.case("a client that hangs up in the middle of anything is just gone")
    def _(server):
        whole = Wire(server.url, start=False)
        whole.parse("SELECT $1::int").bind(["1"]).describe("P").execute().sync().query("SELECT 2")
        data = bytes(whole.out)
        whole.socket.close()
        for cut in range(1, len(data), 5):
            with Wire(server.url) as wire:
                wire.raw(data[:cut])._push()
        with Wire(server.url) as wire:
            wire.query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)")._push()
        still_serves(server)

    @suite.case("deep nesting is 54001, in every shape")
    def _(server):
        shapes = {
            "parentheses": "SELECT " + "(" * DEPTH + "1" + ")" * DEPTH,
            "sums": "SELECT " + "1+" * DEPTH + "1",
            "ands": "SELECT " + "true AND (" * DEPTH + "true" + ")" * DEPTH,
            "nots": "SELECT " + "NOT " * DEPTH + "true",
            "casts": "SELECT 1" + "::int" * DEPTH,
            "sub-selects": "SELECT " + "(SELECT " * DEPTH + "1" + ")" * DEPTH,
            "arrays": "SELECT " + "ARRAY[" * DEPTH + "1" + "]" * DEPTH,
            "cases": "SELECT " + "CASE WHEN true THEN " * DEPTH + "1" + " END" * DEPTH,
            "joins": "SELECT 1 FROM " + "(" * DEPTH + "a" + " CROSS JOIN b)" * DEPTH,
        }
        wrong = []
        for name, sql in shapes.items():
            with Wire(server.url) as wire:
                code = error_of(wire.run(sql))
                if code not in ("54001", "42601", "42883"):
                    wrong.append(f"{name}: {code}")
                check_equal(wire.rows("SELECT 1"), [("1",)])
        check(not wrong, "; ".join(wrong))
        still_serves(server)

    @suite.case("moderate nesting works")
    def _(server):
        with Wire(server.url) as wire:
            check_equal(wire.rows("SELECT " + "1+" * 500 + "1"), [("501",)])
            check_equal(wire.rows("SELECT " + "(" * 200 + "1" + ")" * 200), [("1",)])

    @suite.case("a message above the limit is refused and the rest served")
    def _(server):
        check(closes_on(server, b"Q" + struct.pack("!i", 0x40000001)), "closed on a gigabyte")
        still_serves(server)

    @suite.case("invalid UTF-8 is 22021")
    def _(server):
        with Wire(server.url) as wire:
            check_equal(error_of(wire.send("Q", b"SELECT '\xff\xfe'\0").until_ready()), "22021")
            check_equal(wire.rows("SELECT 1"), [("1",)])

    @suite.case("a thousand named statements and portals are fine")
    def _(server):
        with Wire(server.url) as wire:
            wire.run("BEGIN")
            for number in range(1000):
                wire.parse(f"SELECT {number}", f"s{number}").bind(statement=f"s{number}", portal=f"p{number}")
            check_equal(error_of(wire.sync().until_ready()), None)
            messages = wire.execute("p999").sync().until_ready()
            check_equal(messages[0].values(), [b"999"])
