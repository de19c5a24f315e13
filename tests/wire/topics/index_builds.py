"""CREATE INDEX as it is watched, cancelled and left behind; statistics of vector indexes."""

import threading
import time

from support.suite import check, check_equal
from support.wire import Wire, error_of

SECONDS_MAX = 60
ROW_COUNT = 30000
PHASES = ["initializing", "building index: loading tuples", "building index: coding vectors",
          "building index: linking nodes", "building index: measuring recall", "building index: writing checkpoint"]
MAKE_INDEX = "CREATE INDEX built_idx ON built USING hnsw (v vector_l2_ops)"
# Sixteen elements that differ from row to row, without order.
VECTOR = "ARRAY[" + ", ".join(f"(i * {7919 + 1009 * n}) % {997 + 12 * n}" for n in range(16)) + "]::vector"
PROGRESS = ("SELECT pid, datname, relid::regclass::text, command, phase, tuples_done, tuples_total, blocks_done, blocks_total,"
            " lockers_total + lockers_done + current_locker_pid + partitions_total + partitions_done"
            " FROM pg_stat_progress_create_index")


def make_table(wire, row_count=ROW_COUNT):
    wire.run("CREATE EXTENSION IF NOT EXISTS vector")
    wire.run("DROP TABLE IF EXISTS built; CREATE TABLE built (i int PRIMARY KEY, v vector(16))")
    check_equal(error_of(wire.run(f"INSERT INTO built SELECT i, {VECTOR} FROM generate_series(1, {row_count}) i")), None)


def in_background(server, sql, setting=None):
    """Starts sql on a connection of its own: the process id, and how to wait for its error code."""
    wire = Wire(server.url)
    if setting:
        wire.run(setting)
    pid = wire.rows("SELECT pg_backend_pid()")[0][0]
    codes = []
    thread = threading.Thread(target=lambda: codes.append(error_of(wire.run(sql))))
    thread.start()

    def wait():
        thread.join(SECONDS_MAX)
        check(codes, f"{sql} has not ended")
        wire.__exit__()
        return codes[0]

    return pid, thread, wait


def index_files(server):
    """Files under the folders of vector indexes, if the server is ours."""
    data = getattr(server, "data", None)
    return sorted(str(p) for p in (data / "db" / "vectors").rglob("*")) if data else []


def check_nothing_left(wire, server, files_before, was_dropped):
    """At once after a build that failed; what was dropped is erased in the background."""
    check_equal(wire.rows("SELECT count(*) FROM pg_class WHERE relname = 'built_idx'"), [("0",)], "pg_class")
    check_equal(wire.rows(PROGRESS), [], "progress")
    deadline = time.monotonic() + (SECONDS_MAX if was_dropped else 0)
    while left := set(index_files(server)) - set(files_before):
        check(time.monotonic() < deadline, f"files are left: {sorted(left)}")
        time.sleep(0.01)
    check_equal(wire.rows("SELECT count(*) FROM omendb_stat_vector_indexes WHERE relname = 'built'"), [("0",)])


def poll(wire, sql, expected):
    deadline = time.monotonic() + SECONDS_MAX
    while (rows := wire.rows(sql)) != expected:
        check(time.monotonic() < deadline, f"{sql}: expected {expected!r}, still {rows!r}")
        time.sleep(0.01)


def register(suite):
    @suite.case("pg_stat_progress_create_index follows an hnsw index through its phases", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            make_table(wire)
            pid, thread, wait = in_background(server, MAKE_INDEX)
            seen = []
            while thread.is_alive():
                for row in wire.rows(PROGRESS):
                    check_equal(row[:4], (pid, "postgres", "built", "CREATE INDEX"))
                    check(row[4] in PHASES, row[4])
                    done, total, blocks_done, blocks_total = (int(text) for text in row[5:9])
                    check(done <= total or total == 0, f"{row}: more than all")
                    check(blocks_done <= blocks_total, f"{row}: more blocks than all")
                    check_equal(row[9], "0", "what does not apply")
                    if row[4] != (seen[-1] if seen else None):
                        seen.append(row[4])
            check_equal(wait(), None)
            check_equal(seen, sorted(seen, key=PHASES.index), "the order of phases")
            check(PHASES[3] in seen, f"linking was not seen, only {seen}")
            check_equal(wire.rows(PROGRESS), [])
            wire.run("DROP TABLE built")

    @suite.case("a cancel in any phase of CREATE INDEX leaves nothing behind", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            make_table(wire)
            files = index_files(server)
            caught = set()
            for phase in PHASES[1:]:
                pid, thread, wait = in_background(server, MAKE_INDEX)
                while thread.is_alive():
                    if wire.rows(f"SELECT 1 FROM pg_stat_progress_create_index WHERE pid = {pid} AND phase = '{phase}'"):
                        wire.run(f"SELECT pg_cancel_backend({pid})")
                        break
                code = wait()
                if code is None:
                    wire.run("DROP INDEX built_idx; VACUUM built")  # over before the phase was seen
                else:
                    check_equal(code, "57014", phase)
                    caught.add(phase)
                check_nothing_left(wire, server, files, code is None)
            check(PHASES[3] in caught, f"linking was not cancelled, only {caught}")
            check_equal(wire.rows("SELECT count(*) FROM built"), [(str(ROW_COUNT),)])
            wire.run("DROP TABLE built")

    @suite.case("statement_timeout ends CREATE INDEX wherever it is", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            make_table(wire)
            files = index_files(server)
            ended = 0
            for timeout_ms in (1, 30, 100, 200, 400, 800):
                _, _, wait = in_background(server, MAKE_INDEX, f"SET statement_timeout = {timeout_ms}")
                code = wait()
                if code is None:
                    wire.run("DROP INDEX built_idx; VACUUM built")
                else:
                    check_equal(code, "57014", f"{timeout_ms} ms")
                    ended += 1
                check_nothing_left(wire, server, files, code is None)
            check(ended > 0, "no timeout came before the end")
            check_equal(error_of(wire.run(MAKE_INDEX)), None)
            check_equal(wire.rows("SELECT live FROM omendb_stat_vector_indexes WHERE relname = 'built'"), [(str(ROW_COUNT),)])
            wire.run("DROP TABLE built")

    @suite.case("statistics of a vector index follow inserts, deletes, vacuum and checkpoints", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            make_table(wire, 12000)
            of_built = "FROM omendb_stat_vector_indexes WHERE indexrelname = 'built_idx'"
            check_equal(error_of(wire.run(MAKE_INDEX + " WITH (m = 24, ef_construction = 80)")), None)
            check_equal(
                wire.rows(f"SELECT schemaname, relname, type, dimensions, metric, quantization, m, ef_construction, phase, generation {of_built}"),
                [("public", "built", "vector", "16", "l2", "bq", "24", "80", "idle", "1")])
            counts = f"SELECT entries, live, nodes, tail, tombstones, free_slots, unreachable {of_built}"
            check_equal(wire.rows(counts), [("12000", "12000", "12000", "0", "0", "0", "0")])
            check_equal(wire.rows(
                f"SELECT required_bytes = block_bytes + slot_bytes + upper_list_bytes + row_map_bytes, block_bytes >= 12000 * 200,"
                f" evictable_bytes >= 12000 * 64, checkpoint_bytes >= block_bytes, unsaved_bytes {of_built}"),
                [("t", "t", "t", "t", "0")])
            check_equal(wire.rows(
                f"SELECT cardinality(calibration_pools) > 1, cardinality(calibration_pools) = cardinality(calibration_recalls),"
                f" 0.5 < ALL (calibration_recalls), 1 >= ALL (calibration_recalls) {of_built}"), [("t", "t", "t", "t")])

            # Rows that come afterwards wait in the tail, and are linked in the background.
            wire.run(f"INSERT INTO built SELECT i, {VECTOR} FROM generate_series(12001, 15000) i")
            check_equal(wire.rows(f"SELECT live, unsaved_bytes >= 3000 * 64 {of_built}"), [("15000", "t")])
            poll(wire, counts, [("15000", "15000", "15000", "0", "0", "0", "0")])

            # A few dead nodes stay until there are enough to be worth a repair.
            wire.run("DELETE FROM built WHERE i <= 400")
            wire.run("VACUUM built")
            poll(wire, counts, [("15000", "14600", "15000", "0", "400", "0", "0")])
            wire.run("DELETE FROM built WHERE i <= 4000")
            wire.run("VACUUM built")
            poll(wire, counts, [("11000", "11000", "11000", "0", "0", "4000", "0")])

            wire.run("CHECKPOINT")
            check_equal(wire.rows(f"SELECT unsaved_bytes, checkpoint_cursor > 0 {of_built}"), [("0", "t")])
            wire.run(f"INSERT INTO built SELECT i, {VECTOR} FROM generate_series(15001, 16000) i")
            poll(wire, counts, [("12000", "12000", "12000", "0", "0", "3000", "0")])
            wire.run("INSERT INTO built VALUES (0, NULL)")
            check_equal(wire.rows(f"SELECT live, nodes {of_built}"), [("12001", "12000")])
            wire.run("DROP TABLE built")
            check_equal(wire.rows(f"SELECT count(*) {of_built}"), [("0",)])

    @suite.case("pg_stat_user_indexes counts scans of vector indexes and others", only="omendb")
    def _(server):
        with Wire(server.url) as wire:
            make_table(wire, 2000)
            wire.run(MAKE_INDEX)
            uses = "SELECT indexrelname, idx_scan, idx_tup_read FROM pg_stat_user_indexes WHERE relname = 'built' ORDER BY 1"
            check_equal(wire.rows(uses), [("built_idx", "0", "0"), ("built_pkey", "0", "0")])
            wire.run("SELECT i FROM built WHERE i = 7")
            for _ in range(3):
                wire.run("SELECT i FROM built ORDER BY v <-> (SELECT v FROM built WHERE i = 9) LIMIT 5")
            check_equal(wire.rows(uses), [("built_idx", "3", "15"), ("built_pkey", "4", "4")])
            wire.run("DROP TABLE built")
