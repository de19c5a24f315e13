"""Protocol 3.0 by hand: bytes out, messages in, for what no driver would ever send."""

import socket
import struct
from urllib.parse import urlparse

MESSAGE_SECONDS_MAX = 20


class Message:
    """One message of the server: its type letter and its body."""

    def __init__(self, kind, body):
        self.kind, self.body = kind, body

    def __repr__(self):
        return f"{self.kind}{self.fields() if self.kind in 'EN' else self.body[:40]!r}"

    def fields(self):
        """Of ErrorResponse and NoticeResponse: field letter -> text."""
        parts = self.body.rstrip(b"\0").split(b"\0")
        return {chr(p[0]): p[1:].decode() for p in parts if p}

    def columns(self):
        """Of RowDescription: (name, table oid, attribute, type oid, length, modifier, format) each."""
        (count,), position, out = struct.unpack_from("!h", self.body), 2, []
        for _ in range(count):
            end = self.body.index(b"\0", position)
            name = self.body[position:end].decode()
            out.append((name, *struct.unpack_from("!ihihih", self.body, end + 1)))
            position = end + 19
        return out

    def values(self):
        """Of DataRow: bytes or None each."""
        (count,), position, out = struct.unpack_from("!h", self.body), 2, []
        for _ in range(count):
            (length,) = struct.unpack_from("!i", self.body, position)
            position += 4
            out.append(None if length < 0 else self.body[position : position + length])
            position += max(length, 0)
        return out


class Wire:
    """A connection. Methods that send build one message; `flush` is implied by reading."""

    def __init__(self, url, start=True, **parameters):
        parts = urlparse(url)
        self.host, self.port = parts.hostname, parts.port
        self.socket = socket.create_connection((self.host, self.port), timeout=MESSAGE_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.out = bytearray()
        self.parameters, self.key = {}, None
        if start:
            self.start_up(user=parts.username, database=parts.path.lstrip("/"), **parameters)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def start_up(self, protocol=196608, **parameters):
        body = struct.pack("!i", protocol)
        body += b"".join(f"{k}\0{v}\0".encode() for k, v in parameters.items()) + b"\0"
        self.raw(struct.pack("!i", len(body) + 4) + body)
        for message in self.until_ready():
            if message.kind == "S":
                name, value, _ = message.body.split(b"\0")
                self.parameters[name.decode()] = value.decode()
            elif message.kind == "K":
                self.key = struct.unpack("!ii", message.body)
            elif message.kind == "E":
                raise AssertionError(f"start-up refused: {message}")

    # --- out ---
    def raw(self, data):
        self.out += data
        return self

    def send(self, kind, body=b""):
        return self.raw(kind.encode() + struct.pack("!i", len(body) + 4) + body)

    def query(self, sql):
        return self.send("Q", sql.encode() + b"\0")

    def parse(self, sql, name="", types=()):
        types_part = struct.pack(f"!h{len(types)}i", len(types), *types)
        return self.send("P", name.encode() + b"\0" + sql.encode() + b"\0" + types_part)

    def bind(self, values=(), portal="", statement="", formats=(), result_formats=()):
        body = portal.encode() + b"\0" + statement.encode() + b"\0"
        body += struct.pack(f"!h{len(formats)}h", len(formats), *formats)
        body += struct.pack("!h", len(values))
        for value in values:
            data = value.encode() if isinstance(value, str) else value
            body += struct.pack("!i", -1) if data is None else struct.pack("!i", len(data)) + data
        return self.send("B", body + struct.pack(f"!h{len(result_formats)}h", len(result_formats), *result_formats))

    def describe(self, kind, name=""):
        return self.send("D", kind.encode() + name.encode() + b"\0")

    def execute(self, portal="", row_count_max=0):
        return self.send("E", portal.encode() + b"\0" + struct.pack("!i", row_count_max))

    def close(self, kind, name=""):
        return self.send("C", kind.encode() + name.encode() + b"\0")

    def sync(self):
        return self.send("S")

    def flush(self):
        return self.send("H")

    # --- in ---
    def _push(self):
        if self.out:
            self.socket.sendall(self.out)
            self.out.clear()

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError("the server closed the connection")
            data += part
        return bytes(data)

    def byte(self):
        self._push()
        return self._exactly(1)

    def read(self):
        self._push()
        kind = self._exactly(1).decode()
        (length,) = struct.unpack("!i", self._exactly(4))
        return Message(kind, self._exactly(length - 4))

    def until(self, kinds):
        """Messages up to the first of one of these kinds, without asynchronous ones."""
        out = []
        while True:
            message = self.read()
            out.append(message)
            if message.kind in kinds:
                return out

    def until_ready(self):
        return self.until("Z")

    def is_closed(self):
        """Whether the server ends the connection (reading whatever it still says)."""
        self._push()
        try:
            while self.socket.recv(65536):
                pass
            return True
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    # --- shorthand ---
    def run(self, sql):
        """One Query; all its messages."""
        return self.query(sql).until_ready()

    def rows(self, sql):
        """One Query; its rows as text. An error fails the test."""
        messages = self.run(sql)
        errors = [m for m in messages if m.kind == "E"]
        if errors:
            raise AssertionError(f"{sql}: {errors[0]}")
        return [tuple(None if v is None else v.decode() for v in m.values()) for m in messages if m.kind == "D"]


def kinds(messages):
    """The letters of messages, without ParameterStatus and notices: the shape of an answer."""
    return "".join(m.kind for m in messages if m.kind not in "SN")


def error_of(messages):
    """SQLSTATE of the first error, or None."""
    return next((m.fields()["C"] for m in messages if m.kind == "E"), None)


def tags(messages):
    return [m.body.rstrip(b"\0").decode() for m in messages if m.kind == "C"]


def status(messages):
    """Of ReadyForQuery."""
    return messages[-1].body.decode()
