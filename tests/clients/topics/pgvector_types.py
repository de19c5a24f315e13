"""halfvec, sparsevec and bit through psycopg 3, with dumpers and loaders as pgvector-python has them:
typed parameters in text and in binary, results, COPY. The byte forms are written out here."""

import struct
from dataclasses import dataclass, field

from support.suite import Skipped, check_equal

try:
    import psycopg
    from psycopg.adapt import Dumper, Loader
    from psycopg.pq import Format
    from psycopg.types import TypeInfo
except ImportError:
    psycopg = None


@dataclass(frozen=True)
class Half:
    """halfvec: int16 dimensions, int16 zero, binary16 each."""

    values: tuple

    def text(self):
        return "[" + ",".join(f"{value:g}" for value in self.values) + "]"

    def binary(self):
        return struct.pack(f">HH{len(self.values)}e", len(self.values), 0, *self.values)

    @classmethod
    def of_text(cls, text):
        return cls(tuple(float(value) for value in text[1:-1].split(",")))

    @classmethod
    def of_binary(cls, data):
        count, zero = struct.unpack_from(">HH", data)
        check_equal(zero, 0)
        return cls(struct.unpack_from(f">{count}e", data, 4))


@dataclass(frozen=True)
class Sparse:
    """sparsevec: int32 dimensions, count and zero, int32 indices from 0, float4 values."""

    dimensions: int
    elements: dict = field(hash=False)

    def text(self):
        pairs = ",".join(f"{index + 1}:{value:g}" for index, value in self.elements.items())
        return f"{{{pairs}}}/{self.dimensions}"

    def binary(self):
        count = len(self.elements)
        return struct.pack(f">iii{count}i{count}f", self.dimensions, count, 0, *self.elements.keys(), *self.elements.values())

    @classmethod
    def of_text(cls, text):
        pairs, dimensions = text.split("/")
        elements = dict(pair.split(":") for pair in pairs[1:-1].split(",") if pair)
        return cls(int(dimensions), {int(index) - 1: float(value) for index, value in elements.items()})

    @classmethod
    def of_binary(cls, data):
        dimensions, count, zero = struct.unpack_from(">iii", data)
        check_equal(zero, 0)
        numbers = struct.unpack_from(f">{count}i{count}f", data, 12)
        return cls(dimensions, dict(zip(numbers[:count], numbers[count:])))


@dataclass(frozen=True)
class Bits:
    """bit: int32 number of bits, then the bytes, the first bit highest."""

    digits: str

    def text(self):
        return self.digits

    def binary(self):
        padded = self.digits + "0" * (-len(self.digits) % 8)
        packed = bytes(int(padded[i : i + 8], 2) for i in range(0, len(padded), 8))
        return struct.pack(">i", len(self.digits)) + packed

    @classmethod
    def of_text(cls, text):
        return cls(text)

    @classmethod
    def of_binary(cls, data):
        (count,) = struct.unpack_from(">i", data)
        return cls("".join(f"{byte:08b}" for byte in data[4:])[:count])


def adapt(connection, python_type, type_name):
    """Registers text and binary dumpers and loaders of one type on a connection."""
    info = TypeInfo.fetch(connection, type_name)
    info.register(connection)

    def dumper(binary):
        class _Dumper(Dumper):
            format = Format.BINARY if binary else Format.TEXT
            oid = info.oid

            def dump(self, value):
                return value.binary() if binary else value.text().encode()

        return _Dumper

    def loader(binary):
        class _Loader(Loader):
            format = Format.BINARY if binary else Format.TEXT

            def load(self, data):
                return python_type.of_binary(bytes(data)) if binary else python_type.of_text(bytes(data).decode())

        return _Loader

    for binary in (True, False):
        connection.adapters.register_dumper(python_type, dumper(binary))
        connection.adapters.register_loader(info.oid, loader(binary))


ROWS = (
    (1, Half((1.0, 2.0, 3.0)), Sparse(5, {0: 1.5, 2: 3.5}), Bits("101")),
    (2, Half((0.5, -4.0, 65504.0)), Sparse(5, {}), Bits("010")),
    (3, None, None, None),
)


def connect(server):
    if psycopg is None:
        raise Skipped("python3-psycopg is not installed")
    connection = psycopg.connect(server.url, autocommit=True)
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    connection.execute("DROP TABLE IF EXISTS typed")
    connection.execute("CREATE TABLE typed (id int4, h halfvec(3), s sparsevec(5), b bit(3))")
    adapt(connection, Half, "halfvec")
    adapt(connection, Sparse, "sparsevec")
    adapt(connection, Bits, "bit")
    return connection


def register(suite):
    @suite.case("pgvector types: parameters and results, text and binary")
    def _(server):
        with connect(server) as connection:
            for binary in (False, True):
                marker = "%b" if binary else "%t"
                connection.execute("TRUNCATE typed")
                for row in ROWS:
                    connection.execute(f"INSERT INTO typed VALUES (%s, {marker}, {marker}, {marker})", row)
                for binary_result in (False, True):
                    cursor = connection.execute("SELECT * FROM typed ORDER BY id", binary=binary_result)
                    check_equal(tuple(cursor.fetchall()), ROWS, f"{binary=} {binary_result=}")
                nearest = connection.execute(
                    f"SELECT id, h <-> {marker}, s <#> {marker}, b <~> {marker} FROM typed ORDER BY h <-> {marker} LIMIT 1",
                    (ROWS[0][1], ROWS[0][2], ROWS[1][3], ROWS[0][1]),
                ).fetchone()
                check_equal(nearest, (1, 0.0, -14.5, 3.0))

    @suite.case("pgvector types: arrays of them, text and binary")
    def _(server):
        with connect(server) as connection:
            for binary in (False, True):
                row = connection.execute(
                    "SELECT ARRAY['[1,2]'::halfvec, NULL], ARRAY['{1:1}/2'::sparsevec], ARRAY[B'10', B'1']", binary=binary
                ).fetchone()
                check_equal(row, ([Half((1.0, 2.0)), None], [Sparse(2, {0: 1.0})], [Bits("10"), Bits("1")]))

    @suite.case("pgvector types: COPY text, csv and binary both ways")
    def _(server):
        with connect(server) as connection, connection.cursor() as cursor:
            for options in ("", " WITH (FORMAT csv)", " WITH (FORMAT binary)"):
                cursor.execute("TRUNCATE typed")
                with cursor.copy("COPY typed FROM STDIN" + options) as copy:
                    if "csv" in options:
                        for row in ROWS:
                            fields = [str(row[0])] + ["" if value is None else f'"{value.text()}"' for value in row[1:]]
                            copy.write(",".join(fields) + "\n")
                    else:
                        copy.set_types(["int4", "halfvec", "sparsevec", "bit"])
                        for row in ROWS:
                            copy.write_row(row)
                check_equal(tuple(cursor.execute("SELECT * FROM typed ORDER BY id").fetchall()), ROWS, options)
            with cursor.copy("COPY (SELECT * FROM typed ORDER BY id) TO STDOUT WITH (FORMAT binary)") as copy:
                copy.set_types(["int4", "halfvec", "sparsevec", "bit"])
                check_equal(tuple(copy.rows()), ROWS)
            with cursor.copy("COPY (SELECT h, s, b FROM typed ORDER BY id) TO STDOUT WITH (FORMAT csv)") as copy:
                lines = b"".join(copy).decode().splitlines()
            check_equal(lines[0], '"[1,2,3]","{1:1.5,3:3.5}/5",101')

    @suite.case("pgvector types: bytes that are none are refused")
    def _(server):
        cases = (
            ("halfvec", struct.pack(">HH", 0, 0), "22000", "halfvec must have at least 1 dimension"),
            ("halfvec", struct.pack(">HH", 16001, 0), "54000", "halfvec cannot have more than 16000 dimensions"),
            ("halfvec", struct.pack(">HHe", 1, 1, 1.0), "22000", "expected unused to be 0, not 1"),
            ("halfvec", struct.pack(">HHH", 1, 0, 0x7E00), "22000", "NaN not allowed in halfvec"),
            ("halfvec", struct.pack(">HHH", 1, 0, 0xFC00), "22000", "infinite value not allowed in halfvec"),
            ("halfvec", struct.pack(">HH", 1, 0), "08P01", "insufficient data left in message"),
            ("halfvec", struct.pack(">HHee", 1, 0, 1.0, 2.0), "22P03", None),
            ("sparsevec", struct.pack(">iii", 0, 0, 0), "22000", "sparsevec must have at least 1 dimension"),
            ("sparsevec", struct.pack(">iii", 1000000001, 0, 0), "54000", "sparsevec cannot have more than 1000000000 dimensions"),
            ("sparsevec", struct.pack(">iii", 3, -1, 0), "22000", "sparsevec cannot have negative number of elements"),
            ("sparsevec", struct.pack(">iii", 3, 16001, 0), "54000", "sparsevec cannot have more than 16000 non-zero elements"),
            ("sparsevec", struct.pack(">iii", 3, 4, 0), "54000", "sparsevec cannot have more elements than dimensions"),
            ("sparsevec", struct.pack(">iii", 3, 0, 7), "22000", "expected unused to be 0, not 7"),
            ("sparsevec", struct.pack(">iiiif", 3, 1, 0, 3, 1), "22000", "sparsevec index out of bounds"),
            ("sparsevec", struct.pack(">iiiiiff", 3, 2, 0, 1, 0, 1, 1), "22000", "sparsevec indices must be in ascending order"),
            ("sparsevec", struct.pack(">iiiiiff", 3, 2, 0, 1, 1, 1, 1), "22000", "sparsevec indices must not contain duplicates"),
            ("sparsevec", struct.pack(">iiiif", 3, 1, 0, 1, 0), "22000", "binary representation of sparsevec cannot contain zero values"),
            ("sparsevec", struct.pack(">iiiif", 3, 1, 0, 1, float("nan")), "22000", "NaN not allowed in sparsevec"),
            ("sparsevec", struct.pack(">iiii", 3, 1, 0, 1), "08P01", "insufficient data left in message"),
            ("bit", struct.pack(">i", -1), "22P03", "invalid length in external bit string"),
            ("bit", struct.pack(">i", 3), "08P01", "insufficient data left in message"),
            ("bit", struct.pack(">iBB", 3, 160, 0), "22P03", None),
        )
        with connect(server) as connection:
            for type_name, data, sqlstate, message in cases:
                oid = connection.execute("SELECT %s::regtype::oid", (type_name,)).fetchone()[0]
                result = connection.pgconn.exec_params(b"SELECT $1", [data], [oid], [1], 0)
                what = f"{type_name} {data.hex()}"
                check_equal((result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) or b"").decode(), sqlstate, what)
                if message is not None:
                    check_equal(result.error_field(psycopg.pq.DiagnosticField.MESSAGE_PRIMARY).decode(), message, what)
            result = connection.pgconn.exec_params(b"SELECT $1", [struct.pack(">iB", 3, 255)], [1560], [1], 0)
            check_equal(result.get_value(0, 0), b"111")
