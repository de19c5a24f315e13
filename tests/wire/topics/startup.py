"""Start-up, encryption requests, parameters, refusals."""

import struct

from support.suite import check, check_equal
from support.wire import Wire, error_of

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


def register(suite):
    @suite.case("SSLRequest and GSSENCRequest are each answered with one byte, then start-up goes on")
    def _(server):
        for code in (SSL_REQUEST, GSS_REQUEST):
            with Wire(server.url, start=False) as wire:
                check(wire.raw(struct.pack("!ii", 8, code)).byte() in b"NSG", "an answer of N, S or G")
        with Wire(server.url, start=False) as wire:
            if wire.raw(struct.pack("!ii", 8, SSL_REQUEST)).byte() == b"N":
                wire.start_up(user="postgres", database="postgres")
                check_equal(wire.rows("SELECT 1"), [("1",)])

    @suite.case("start-up sends the parameters drivers rely on, and a cancel key")
    def _(server):
        with Wire(server.url, application_name="wire test") as wire:
            for name in (
                "server_version", "server_encoding", "client_encoding", "DateStyle", "TimeZone",
                "integer_datetimes", "standard_conforming_strings", "is_superuser", "session_authorization",
                "IntervalStyle", "application_name", "in_hot_standby", "default_transaction_read_only",
            ):
                check(name in wire.parameters, f"ParameterStatus {name}")
            check_equal(wire.parameters["application_name"], "wire test")
            check_equal(wire.parameters["server_encoding"], "UTF8")
            check(wire.parameters["server_version"].startswith("15"), "server_version 15")
            check(wire.key is not None and wire.key[0] > 0, "BackendKeyData")

    @suite.case("settings of the start-up packet and of options take effect")
    def _(server):
        with Wire(server.url, options="-c statement_timeout=4321 -c work_mem=9MB", TimeZone="Europe/Berlin") as wire:
            check_equal(wire.rows("SHOW statement_timeout"), [("4321ms",)])
            check_equal(wire.rows("SHOW work_mem"), [("9MB",)])
            check_equal(wire.rows("SHOW TimeZone"), [("Europe/Berlin",)])

    @suite.case("client_encoding with quotes is accepted, as asyncpg sends it")
    def _(server):
        with Wire(server.url, client_encoding="'utf-8'") as wire:
            check_equal(wire.rows("SELECT 'ä'"), [("ä",)])

    @suite.case("a changed reported setting is reported")
    def _(server):
        with Wire(server.url) as wire:
            messages = wire.run("SET application_name = 'renamed'")
            check(any(m.kind == "S" and b"renamed" in m.body for m in messages), "ParameterStatus after SET")

    @suite.case("a wrong setting, an unknown database and no user are refused with their code")
    def _(server):
        def refusal(**parameters):
            with Wire(server.url, start=False) as wire:
                body = struct.pack("!i", 196608) + b"".join(f"{k}\0{v}\0".encode() for k, v in parameters.items())
                wire.raw(struct.pack("!i", len(body) + 5) + body + b"\0")
                return error_of(wire.until("ER" if not parameters.get("user") else "EZ"))

        check_equal(refusal(user="postgres", database="no_such_database"), "3D000")
        check_equal(refusal(user="postgres", database="postgres", no_such_setting="1"), "42704")
        check_equal(refusal(user="postgres", database="postgres", work_mem="abc"), "22023")
        check_equal(refusal(database="postgres"), "28000")

    @suite.case("an old protocol version is refused; a newer minor one is negotiated")
    def _(server):
        with Wire(server.url, start=False) as wire:
            body = struct.pack("!i", 131072) + b"user\0postgres\0\0"
            check_equal(wire.raw(struct.pack("!i", len(body) + 4) + body).byte(), b"E")
            check(wire.is_closed(), "closed")
        with Wire(server.url, start=False) as wire:
            body = struct.pack("!i", 196610) + b"user\0postgres\0database\0postgres\0\0"
            messages = wire.raw(struct.pack("!i", len(body) + 4) + body).until("ZE")
            check(any(m.kind == "v" for m in messages), "NegotiateProtocolVersion")
            check_equal(messages[-1].kind, "Z")

    @suite.case("Terminate ends the connection in silence")
    def _(server):
        with Wire(server.url) as wire:
            check(wire.send("X").is_closed(), "closed")
