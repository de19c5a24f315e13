#!/usr/bin/env python3
"""Is vector search still good? Recall@10 through the index, against exact search, on real vectors.

After a bulk build, under conditions of every share, after row-by-row inserts into an index, after
updates, deletes and VACUUM, and after a restart. EXPLAIN is checked first: a recall of 1 without the
index proves nothing.
"""

import gzip
import io
import struct
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import psycopg2.extras

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from support.server import server_for  # noqa: E402
from support.suite import Suite, check, check_equal  # noqa: E402

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "bigann-sift-10k-128"
NEIGHBOUR_COUNT = 10
EF_SEARCH = 80
RECALL_MIN = 0.97


def read_rows(data, item_bytes, letter):
    """Rows of an .ivecs or .bvecs file: an int32 count, then the items."""
    rows, position = [], 0
    while position < len(data):
        (count,) = struct.unpack_from("<i", data, position)
        rows.append(struct.unpack_from(f"<{count}{letter}", data, position + 4))
        position += 4 + count * item_bytes
    return rows


BASE = read_rows(gzip.decompress((FIXTURE / "base.bvecs.gz").read_bytes()), 1, "B")
QUERIES = read_rows((FIXTURE / "query.bvecs").read_bytes(), 1, "B")
NEAREST = read_rows((FIXTURE / "groundtruth.ivecs").read_bytes(), 4, "i")


def text(vector):
    return "[" + ",".join(map(str, vector)) + "]"


def search_sql(query):
    return f"SELECT id FROM sift ORDER BY v <-> '{text(query)}' LIMIT {NEIGHBOUR_COUNT}"


def squared(a, b):
    return sum((x - y) * (x - y) for x, y in zip(a, b))


class Table:
    """The table under test, and the rows it should hold: made anew, unless `rows` are known to be there."""

    def __init__(self, connection, query_count, rows=None):
        connection.autocommit = True
        self.cursor = connection.cursor()
        self.rows = rows or {}
        self.queries = QUERIES[:query_count]
        if rows:
            return
        self.execute("CREATE EXTENSION IF NOT EXISTS vector")
        self.execute("DROP TABLE IF EXISTS sift")
        self.execute("CREATE TABLE sift (id int PRIMARY KEY, v vector(128))")

    def execute(self, sql, parameters=None):
        self.cursor.execute(sql, parameters)

    def copy(self):
        rows = "".join(f"{i}\t{text(v)}\n" for i, v in enumerate(BASE))
        self.cursor.copy_expert("COPY sift FROM STDIN", io.StringIO(rows))
        self.rows = dict(enumerate(BASE))

    def insert(self):
        rows = [(i, text(v)) for i, v in enumerate(BASE)]
        psycopg2.extras.execute_values(self.cursor, "INSERT INTO sift VALUES %s", rows, page_size=500)
        self.rows = dict(enumerate(BASE))

    def build(self):
        self.execute("CREATE INDEX sift_v ON sift USING hnsw (v vector_l2_ops) WITH (m = 16, ef_construction = 64)")

    def found(self, query):
        self.execute(search_sql(query))
        return [row[0] for row in self.cursor.fetchall()]

    def check_recall(self):
        """Through the index against exact search of the same server, by distance."""
        exact = self.answers("SET enable_indexscan = off", "RESET enable_indexscan", uses_index=False)
        answers = self.answers(f"SET hnsw.ef_search = {EF_SEARCH}", "RESET hnsw.ef_search", uses_index=True)
        hits = 0
        for query, truth, found in zip(self.queries, exact, answers):
            check_equal(len(found), len(set(found)), "distinct ids of an answer")
            gone = [i for i in found if i not in self.rows]
            check(not gone, f"deleted rows are found: {gone[:3]}")
            bound = squared(query, self.rows[truth[-1]])
            hits += sum(squared(query, self.rows[i]) <= bound for i in found)
        recall = hits / (NEIGHBOUR_COUNT * len(self.queries))
        check(recall >= RECALL_MIN, f"recall@10 is {recall:.4f}, the floor {RECALL_MIN}")
        return exact

    def check_condition(self, condition, match_count):
        """k rows come back whenever k match, and the right ones."""
        wanted = min(NEIGHBOUR_COUNT, match_count)
        hits = 0
        for query in self.queries:
            sql = search_sql(query).replace(" ORDER BY", f" WHERE {condition} ORDER BY")
            self.execute("SET enable_indexscan = off")
            self.execute(sql)
            truth = [row[0] for row in self.cursor.fetchall()]
            self.execute("RESET enable_indexscan")
            self.execute("SET enable_seqscan = off")
            self.execute("EXPLAIN " + sql)
            check("sift_v" in "".join(row[0][:100] for row in self.cursor.fetchall()), f"no index for {condition}")
            self.execute(sql)
            found = [row[0] for row in self.cursor.fetchall()]
            self.execute("RESET enable_seqscan")
            check_equal(len(set(found)), wanted, f"rows where {condition}")
            bound = squared(query, BASE[truth[-1]])
            hits += sum(squared(query, BASE[i]) <= bound for i in found)
        recall = hits / (wanted * len(self.queries))
        check(recall >= RECALL_MIN, f"recall@10 where {condition} is {recall:.4f}, the floor {RECALL_MIN}")

    def answers(self, before, after, uses_index):
        self.execute(before)
        self.execute("EXPLAIN " + search_sql(QUERIES[0]))
        plan = "\n".join(row[0][:100] for row in self.cursor.fetchall())
        check_equal("sift_v" in plan, uses_index, f"the index in the plan after {before}:\n{plan}")
        out = [self.found(query) for query in self.queries]
        self.execute(after)
        return out


def main():
    arguments = Suite.arguments()
    query_count = len(QUERIES) if arguments.full else 100
    suite = Suite("recall")
    kept = {}

    @suite.case("after a bulk build; exact search agrees with the ground truth")
    def _(server):
        with closing(psycopg2.connect(server.url)) as connection:
            table = Table(connection, query_count)
            table.copy()
            table.build()
            for number, found in enumerate(table.check_recall()):
                query = table.queries[number]
                truth = [squared(query, BASE[i]) for i in NEAREST[number][:NEIGHBOUR_COUNT]]
                check_equal([squared(query, BASE[i]) for i in found], truth, f"exact distances of query {number}")

    @suite.case("under conditions that few, many, near or far rows meet, with and without an index on them")
    def _(server):
        with closing(psycopg2.connect(server.url)) as connection:
            table = Table(connection, 10)
            table.copy()
            table.build()
            by_distance = sorted(range(len(BASE)), key=lambda i: squared(BASE[i], BASE[0]))
            table.execute("CREATE TABLE ranks (id int PRIMARY KEY, place int)")
            psycopg2.extras.execute_values(
                table.cursor, "INSERT INTO ranks VALUES %s", [(i, place) for place, i in enumerate(by_distance)]
            )
            table.execute("ALTER TABLE sift ADD COLUMN place int")
            table.execute("UPDATE sift SET place = ranks.place FROM ranks WHERE ranks.id = sift.id")
            for indexed in (False, True):
                if indexed:
                    table.execute("CREATE INDEX sift_place ON sift (place)")
                for share in (5, 100, 1000, 5000):
                    for condition in (
                        f"id * 7919 % 10000 < {share}",
                        f"place < {share}",
                        f"place >= {len(BASE) - share}",
                    ):
                        table.check_condition(condition, share)

    @suite.case("after inserts into an empty index, updates, deletes and VACUUM")
    def _(server):
        with closing(psycopg2.connect(server.url)) as connection:
            table = Table(connection, query_count)
            table.build()
            table.insert()
            table.check_recall()
            table.execute("DELETE FROM sift WHERE id % 3 = 0")
            table.rows = {i: v for i, v in table.rows.items() if i % 3}
            table.check_recall()
            table.execute("VACUUM sift")
            table.check_recall()
            # Each row takes the vector of the row it was deleted beside.
            moved = [(i, text(BASE[i - 1])) for i in table.rows if i % 30 == 1]
            for row_id, vector in moved:
                table.execute("UPDATE sift SET v = %s WHERE id = %s", (vector, row_id))
                table.rows[row_id] = BASE[row_id - 1]
            table.check_recall()
            kept["rows"] = table.rows

    @suite.case("after a restart, orderly and by kill -9", only="omendb")
    def _(server):
        check("rows" in kept, "the case before must have left its table")
        for end in (server.stop, server.kill):
            end()
            server.start()
            with closing(psycopg2.connect(server.url)) as connection:
                table = Table(connection, query_count, kept["rows"])
                table.execute("SELECT count(*) FROM sift")
                check_equal(table.cursor.fetchone()[0], len(kept["rows"]), "rows")
                table.check_recall()

    suite.run(lambda: server_for(arguments), arguments)


if __name__ == "__main__":
    main()
