#include <atomic>
#include <thread>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

const std::vector<PhysicalType> kItem = {PhysicalType::Int32, PhysicalType::Int32};

std::unique_ptr<Engine> engine_with_items(const TestDirectory& directory, int row_count) {
  auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  TestRows rows;
  for (int i = 1; i <= row_count; ++i) {
    rows.push_back({integer(i), integer(0)});
  }
  session.insert("items", rows);
  session.commit();
  return engine;
}

/// Waits until some transaction waits for another: seen by its lock table, or by its thread's flag.
void wait_until(const std::function<bool()>& condition) {
  while (!condition()) {
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("read committed: an update of a row updated meanwhile is told to look again") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  TestSession first(*engine);
  TestSession second(*engine);
  first.begin();
  second.begin();
  const TestSession::Found seen = second.find("items", integer(1));
  CHECK(first.update("items", integer(1), {1}, {integer(10)}).result == WriteResult::Done);
  first.commit();
  const WriteOutcome outcome = check(second.try_update("items", seen, {1}, {integer(20)}));
  REQUIRE(outcome.result == WriteResult::Changed);
  const Table table = second.table("items");
  {
    ColumnBatch row;
    const auto statement = second.statement();
    REQUIRE(check(statement->fetch(table, seen.row_id, outcome.newest_xid, {1, 0}, row)));
    CHECK(row.column(0).value(0) == integer(10));
    CHECK(row.column(1).value(0) == integer(1));
  }
  CHECK(check(second.try_update("items", {seen.row_id, outcome.newest_xid}, {1}, {integer(20)}))
            .result == WriteResult::Done);
  second.commit();
  first.begin();
  CHECK(first.scan("items", {1}) == TestRows{{integer(20)}});
}

TEST_CASE("R1: a version written after a younger committer lies above it") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 2);
  TestSession older(*engine);
  TestSession younger(*engine);
  older.begin();
  older.update("items", integer(2), {1}, {integer(1)});  // takes its xid first
  younger.begin();
  younger.update("items", integer(1), {1}, {integer(10)});
  younger.commit();
  older.update("items", integer(1), {1}, {integer(20)});
  older.commit();
  younger.begin();
  CHECK(younger.scan_index("items", "items_pkey", {1}, bound({integer(1)}), bound({integer(1)})) ==
        TestRows{{integer(20)}});
}

TEST_CASE("R1: updates around a released savepoint apply in the order written") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  TestSession session(*engine);
  session.begin();
  session.update("items", integer(1), {1}, {integer(1)});
  const std::size_t depth = check(session.transaction().savepoint());
  session.update("items", integer(1), {1}, {integer(2)});
  check(session.transaction().release(depth));
  session.update("items", integer(1), {1}, {integer(3)});
  CHECK(session.scan("items", {1}) == TestRows{{integer(3)}});
  session.commit();
  session.begin();
  CHECK(session.scan("items", {1}) == TestRows{{integer(3)}});
}

TEST_CASE("rolling back to a savepoint undoes what came after it and nothing else") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  TestSession session(*engine);
  session.begin();
  session.update("items", integer(1), {1}, {integer(1)});
  const std::size_t depth = check(session.transaction().savepoint());
  session.update("items", integer(1), {1}, {integer(2)});
  session.insert("items", {{integer(2), integer(0)}});
  const std::size_t inner = check(session.transaction().savepoint());
  CHECK(inner == depth + 1);
  session.remove("items", integer(1));
  check(session.transaction().rollback_to(depth));
  CHECK(session.scan("items", {0, 1}) == TestRows{{integer(1), integer(1)}});
  CHECK(session.insert("items", {{integer(2), integer(5)}}).rows_inserted == 1);
  session.commit();
  session.begin();
  CHECK(session.scan("items", {0, 1}) ==
        TestRows{{integer(1), integer(1)}, {integer(2), integer(5)}});
}

TEST_CASE("a statement neither sees nor rewrites what it wrote itself") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  TestSession session(*engine);
  session.begin();
  const Table table = session.table("items");
  const TestSession::Found seen = session.find("items", integer(1));
  const auto statement = session.statement();
  ColumnBatch batch;
  fill(batch, {PhysicalType::Int32}, {{integer(7)}});
  CHECK(check(statement->update(table, seen.row_id, seen.xid, {1}, batch, 0)).result ==
        WriteResult::Done);
  CHECK(check(statement->update(table, seen.row_id, seen.xid, {1}, batch, 0)).result ==
        WriteResult::ModifiedByStatement);
  CHECK(rows_of(*check(statement->scan(TableScan{&table, {1}}))) == TestRows{{integer(0)}});
}

TEST_CASE("repeatable read keeps its snapshot and refuses to update a changed row") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 2);
  TestSession session(*engine, {.isolation = IsolationLevel::RepeatableRead});
  TestSession other(*engine);
  session.begin();
  const TestSession::Found one = session.find("items", integer(1));
  const TestSession::Found two = session.find("items", integer(2));
  other.begin();
  other.update("items", integer(1), {1}, {integer(10)});
  other.remove("items", integer(2));
  other.commit();
  CHECK(session.scan("items", {1}) == TestRows{{integer(0)}, {integer(0)}});
  const Status update = session.try_update("items", one, {1}, {integer(20)}).status();
  CHECK(update.code() == StatusCode::SerializationFailure);
  CHECK(update.message() == "could not serialize access due to concurrent update");
  const Status removed = session.try_update("items", two, {1}, {integer(20)}).status();
  CHECK(removed.message() == "could not serialize access due to concurrent delete");
}

TEST_CASE("a writer waits for the transaction that changed the row, whatever becomes of it") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  for (const bool commits : {true, false}) {
    TestSession holder(*engine);
    holder.begin();
    holder.update("items", integer(1), {1}, {integer(5)});
    std::atomic<bool> done{false};
    WriteOutcome outcome;
    TestThreads waiter;
    waiter.start([&] {
      TestSession session(*engine);
      session.begin();
      outcome = session.update("items", integer(1), {1}, {integer(6)});
      session.rollback();
      done = true;
    });
    CHECK_FALSE(done);
    if (commits) {
      holder.commit();
    } else {
      holder.rollback();
    }
    waiter.join();
    // If the waiter began after the commit, it saw the new version at once.
    CHECK((outcome.result == WriteResult::Done ||
           (commits && outcome.result == WriteResult::Changed)));
  }
}

TEST_CASE("two transactions that wait for each other's rows: one is told of the deadlock") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 2);
  std::atomic<int> ready{0};
  std::atomic<int> deadlocks{0};
  std::atomic<int> successes{0};
  const auto run = [&](int mine, int other) {
    TestSession session(*engine);
    session.begin();
    session.update("items", integer(mine), {1}, {integer(mine)});
    const TestSession::Found target = session.find("items", integer(other));
    ++ready;
    wait_until([&] { return ready == 2; });
    const Result<WriteOutcome> result = session.try_update("items", target, {1}, {integer(mine)});
    if (result.ok()) {
      ++successes;
      session.commit();
    } else {
      ensure(result.status().code() == StatusCode::Deadlock, result.status().message());
      ensure(result.status().message() == "deadlock detected", result.status().message());
      ++deadlocks;
      session.rollback();
    }
  };
  TestThreads other;
  other.start([&] { run(2, 1); });
  run(1, 2);
  other.join();
  CHECK(deadlocks == 1);
  CHECK(successes == 1);
}

TEST_CASE("lock waits end at the lock timeout and when cancelled") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  TestSession holder(*engine);
  TestSession session(*engine);
  holder.begin();
  const Oid oid = holder.table("items").oid;
  check(holder.transaction().lock_table(oid, TableLock::Share, holder.cancel));
  session.begin();
  check(session.transaction().lock_table(oid, TableLock::AccessShare, session.cancel));
  session.transaction().set_lock_timeout(std::chrono::milliseconds(20));
  const Status timeout =
      session.transaction().lock_table(oid, TableLock::RowExclusive, session.cancel);
  CHECK(timeout.code() == StatusCode::LockTimeout);
  CHECK(timeout.message() == "canceling statement due to lock timeout");
  session.transaction().set_lock_timeout(std::chrono::milliseconds(0));
  TestThreads canceller;
  canceller.start([&] {
    wait_until([&] { return engine->locks().size() == 3; });
    session.cancel.cancel(CancelReason::UserRequest);
  });
  CHECK(session.transaction().lock_table(oid, TableLock::RowExclusive, session.cancel).code() ==
        StatusCode::Cancelled);
  canceller.join();
  session.rollback();
  session.cancel.reset();
  holder.commit();
  session.begin();
  check(session.transaction().lock_table(oid, TableLock::RowExclusive, session.cancel));
  CHECK(engine->locks().size() == 1);
}

TEST_CASE("a row locked for update keeps writers away, one locked for share lets readers share") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  TestSession first(*engine);
  TestSession second(*engine);
  const auto lock = [](TestSession& session, bool exclusive) {
    const TestSession::Found row = session.find("items", integer(1));
    const Table table = session.table("items");
    session.transaction().set_lock_timeout(std::chrono::milliseconds(20));
    return session.statement()
        ->lock_row(table, row.row_id, row.xid,
                   {.strength = exclusive ? RowLockStrength::Update : RowLockStrength::Share})
        .status();
  };
  first.begin();
  second.begin();
  check(lock(first, false));
  check(lock(second, false));
  CHECK(lock(second, true).code() == StatusCode::LockTimeout);
  CHECK(second.try_update("items", second.find("items", integer(1)), {1}, {integer(1)})
            .status()
            .code() == StatusCode::LockTimeout);
  const std::size_t depth = check(second.transaction().savepoint());
  first.rollback();
  check(lock(second, true));
  first.begin();
  CHECK(lock(first, false).code() == StatusCode::LockTimeout);
  check(second.transaction().rollback_to(depth));
  check(lock(first, false));
}

TEST_CASE("of threads that insert the same keys, exactly one gets each") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 0);
  constexpr int kThreads = 4;
  constexpr int kKeys = 200;
  std::atomic<int> inserted{0};
  TestThreads threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.start([&, t] {
      TestSession session(*engine);
      for (int i = 0; i < kKeys; ++i) {
        session.begin();
        const InsertOutcome outcome = session.insert("items", {{integer(i), integer(t)}});
        if (outcome.conflict.has_value() || (i + t) % 5 == 0) {
          session.rollback();
        } else {
          session.commit();
          ++inserted;
        }
      }
    });
  }
  threads.join();
  TestSession session(*engine);
  session.begin();
  const TestRows rows = session.scan("items", {0});
  CHECK(static_cast<int>(rows.size()) == inserted);
  CHECK(session.scan_index("items", "items_pkey", {0}, std::nullopt, std::nullopt).size() ==
        rows.size());
}

TEST_CASE("concurrent increments of one row lose none, while vacuum runs") {
  const TestDirectory directory;
  const auto engine = engine_with_items(directory, 1);
  constexpr int kThreads = 4;
  constexpr int kIncrements = 50;
  std::atomic<bool> stop{false};
  TestThreads vacuumer;
  vacuumer.start([&] {
    CancelToken cancel;
    while (!stop) {
      check(engine->vacuum(0, cancel));
    }
  });
  TestThreads threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.start([&] {
      TestSession session(*engine, {.synchronous_commit = false});
      for (int i = 0; i < kIncrements;) {
        session.begin();
        const TestRows seen = session.scan("items", {1, kRowIdColumn, kXidColumn});
        const int next = std::get<std::int32_t>(seen.at(0)[0]) + 1;
        const TestSession::Found row{static_cast<RowId>(std::get<std::int64_t>(seen[0][1])),
                                     static_cast<Xid>(std::get<std::int64_t>(seen[0][2]))};
        if (check(session.try_update("items", row, {1}, {integer(next)})).result ==
            WriteResult::Done) {
          session.commit();
          ++i;
        } else {
          session.rollback();
        }
      }
    });
  }
  threads.join();
  stop = true;
  vacuumer.join();
  TestSession session(*engine);
  session.begin();
  CHECK(session.scan("items", {1}) == TestRows{{integer(kThreads * kIncrements)}});
}

TEST_CASE("two transactions cannot create tables of one name") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession first(*engine);
  TestSession second(*engine);
  first.begin();
  second.begin();
  first.create_table("items", kItem);
  Table table;
  table.oid = check(second.transaction().allocate_oid());
  table.schema_oid = kPublicSchemaOid;
  table.name = "items";
  second.transaction().set_lock_timeout(std::chrono::milliseconds(20));
  CHECK(second.transaction().put(table, second.cancel).code() == StatusCode::LockTimeout);
  first.commit();
  const Status status = second.transaction().put(table, second.cancel);
  CHECK(status.code() == StatusCode::AlreadyExists);
  CHECK(status.message() == "relation \"items\" already exists");
}

TEST_CASE("bulk writers get by in a store that is short of room") {
  const TestDirectory directory;
  EngineOptions options;
  options.data_directory = directory.path();
  options.block_cache_bytes = std::size_t{1} << 20;
  options.memtable_bytes = std::size_t{64} << 10;
  const auto engine = check(Engine::open(options));
  constexpr int kThreads = 4;
  constexpr int kBatches = 20;
  constexpr int kRows = 50;
  TestSession session(*engine);
  session.begin();
  session.create_table("items", {PhysicalType::Int32, PhysicalType::Bytes});
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.commit();
  TestThreads threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.start([&, thread] {
      TestSession own(*engine);
      for (int batch = 0; batch < kBatches; ++batch) {
        TestRows rows;
        for (int row = 0; row < kRows; ++row) {
          rows.push_back({integer((thread * kBatches + batch) * kRows + row),
                          text(std::string(3000, static_cast<char>('a' + thread)))});
        }
        own.begin();
        own.insert("items", rows);
        ensure(own.update("items", rows[0][0], {1}, {text("new")}).result == WriteResult::Done,
               "an update of an own row");
        own.commit();
      }
    });
  }
  threads.join();
  session.begin();
  CHECK(session.scan("items", {0, 1}).size() == kThreads * kBatches * kRows);
  CHECK(session.scan_index("items", "items_pkey", {0}, std::nullopt, std::nullopt).size() ==
        kThreads * kBatches * kRows);
}

}  // namespace omen::engine
