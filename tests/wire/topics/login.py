"""Who may log in: passwords, addresses, and how long a client may take."""

import socket
import struct
import subprocess

from support.scram import ScramClient
from support.server import Server, environment_for
from support.suite import Skipped, check, check_equal
from support.wire import Wire, kinds

SASL, SASL_CONTINUE, SASL_FINAL, OK = 10, 11, 12, 0


def own_server(server, *options):
    """A second server from the same build."""
    return Server(server.program.parent, options=options)


def psql(url, user, password, sql, host="127.0.0.1"):
    """Exit code and all output of one psql as a user."""
    environment = environment_for(url)
    environment.pop("PGPASSWORD", None)
    if password is not None:
        environment["PGPASSWORD"] = password
    port = url.rsplit(":", 1)[1].split("/")[0]
    run = subprocess.run(
        ["psql", "-X", "-w", "-At", "-h", host, "-p", port, "-U", user, "-d", "postgres", "-c", sql],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30,
    )
    return run.returncode, run.stdout


def say_hello(wire, user):
    body = struct.pack("!i", 196608) + f"user\0{user}\0database\0postgres\0\0".encode()
    wire.raw(struct.pack("!i", len(body) + 4) + body)


def scram(wire, user, password, spoil=lambda data: data):
    """The whole exchange; the messages after the client's last word, and the client."""
    say_hello(wire, user)
    message = wire.read()
    check_equal((message.kind, message.body), ("R", struct.pack("!i", SASL) + b"SCRAM-SHA-256\0\0"))
    client = ScramClient(password)
    wire.send("p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(client.first())) + client.first())
    message = wire.read()
    check_equal((message.kind, message.body[:4]), ("R", struct.pack("!i", SASL_CONTINUE)))
    return wire.send("p", spoil(client.final(message.body[4:]))).until("EZ"), client


def own_address():
    """An address of this machine that is not a loopback one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError as error:
            raise Skipped("this machine has no network address") from error
        address = probe.getsockname()[0]
    if address.startswith("127."):
        raise Skipped("this machine has loopback addresses only")
    return address


def register(suite):
    @suite.case("a role with a password logs in by SCRAM, also after a restart", only="omendb")
    def _(server):
        with own_server(server, "--set", "auth_loopback=scram") as guarded:
            with Wire(guarded.url) as wire:
                wire.rows("CREATE ROLE guarded LOGIN PASSWORD 'its secret'")
            for _ in range(2):
                check_equal(psql(guarded.url, "guarded", "its secret", "SELECT current_user"), (0, "guarded\n"))
                code, out = psql(guarded.url, "guarded", "a guess", "SELECT 1")
                check_equal(code, 2)
                check('FATAL:  password authentication failed for user "guarded"' in out, out)
                code, out = psql(guarded.url, "guarded", None, "SELECT 1")
                check(code == 2 and "no password supplied" in out, out)
                check_equal(guarded.stop(), 0)
                guarded.start()
            with Wire(guarded.url) as wire:
                wire.rows("ALTER ROLE guarded PASSWORD 'another'")
            check_equal(psql(guarded.url, "guarded", "its secret", "SELECT 1")[0], 2)
            check_equal(psql(guarded.url, "guarded", "another", "SELECT 1"), (0, "1\n"))
            log = guarded.log_path.read_text()
            check("secret" not in log and "another" not in log, "the log holds no password")

    @suite.case("SCRAM message by message: proof of both sides, 28P01 for a wrong one", only="omendb")
    def _(server):
        with own_server(server, "--set", "auth_loopback=scram") as guarded:
            with Wire(guarded.url) as wire:
                wire.rows("CREATE ROLE guarded LOGIN PASSWORD 'right'")
            with Wire(guarded.url, start=False) as wire:
                messages, client = scram(wire, "guarded", "right")
                check_equal(kinds(messages)[:2], "RR")
                check_equal(messages[0].body[:4], struct.pack("!i", SASL_FINAL))
                check(client.verify(messages[0].body[4:]), "the server proves that it knows the password")
                check_equal(messages[1].body, struct.pack("!i", OK))
                check_equal(wire.rows("SELECT current_user"), [("guarded",)])
            with Wire(guarded.url, start=False) as wire:
                messages, _ = scram(wire, "guarded", "wrong")
                fields = messages[-1].fields()
                check_equal((fields["S"], fields["C"]), ("FATAL", "28P01"))
                check_equal(fields["M"], 'password authentication failed for user "guarded"')
                check(wire.is_closed(), "closed")
            for spoil in (lambda data: b"", lambda data: data[:-1], lambda data: data.replace(b"c=biws", b"c=eSws")):
                with Wire(guarded.url, start=False) as wire:
                    messages, _ = scram(wire, "guarded", "right", spoil)
                    check_equal(messages[-1].kind, "E")
                    check(messages[-1].fields()["C"] in ("08P01", "28P01", "28000"), str(messages))
                    check(wire.is_closed(), "closed")
            with Wire(guarded.url, start=False) as wire:
                say_hello(wire, "guarded")
                wire.read()
                check_equal(wire.query("SELECT 1").read().fields()["C"], "08P01")
                check(wire.is_closed(), "closed")

    @suite.case("from another address a password is needed, and a role without one stays out", only="omendb")
    def _(server):
        address = own_address()
        with own_server(server, "--listen", f"127.0.0.1,{address}") as open_server:
            with Wire(open_server.url) as wire:
                wire.rows("CREATE ROLE guarded LOGIN PASSWORD 'right'")
            trusted = psql(open_server.url, "guarded", None, "SELECT 1")
            check_equal(trusted, (0, "1\n"))
            check_equal(psql(open_server.url, "guarded", "right", "SELECT 1", host=address), (0, "1\n"))
            for user, password in (("guarded", "wrong"), ("postgres", "any"), ("nobody", "any")):
                code, out = psql(open_server.url, user, password, "SELECT 1", host=address)
                check_equal(code, 2, user)
                check(f'FATAL:  password authentication failed for user "{user}"' in out, out)

    @suite.case("a client that does not log in is dropped in time", only="omendb")
    def _(server):
        with own_server(server, "--set", "authentication_timeout=1") as hasty:
            with Wire(hasty.url, start=False) as silent, Wire(hasty.url) as wire:
                check(silent.is_closed(), "closed")
                check_equal(wire.rows("SELECT 1"), [("1",)])
