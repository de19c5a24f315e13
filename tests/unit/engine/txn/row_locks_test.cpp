#include "engine/txn/row_locks.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

using enum RowLockStrength;

/// Two unique rows, ids 1 and 2, value 0.
std::unique_ptr<Engine> engine_with_two(const TestDirectory& directory) {
  auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", {PhysicalType::Int32, PhysicalType::Int32});
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(1), integer(0)}, {integer(2), integer(0)}});
  session.commit();
  return engine;
}

WriteResult try_lock(TestSession& session, const TestSession::Found& row,
                     RowLockStrength strength) {
  const Table table = session.table("items");
  return check(session.statement()->lock_row(table, row.row_id, row.xid,
                                             {.strength = strength, .may_wait = false}))
      .result;
}
WriteResult try_lock(TestSession& session, int id, RowLockStrength strength) {
  return try_lock(session, session.find("items", integer(id)), strength);
}

std::size_t lock_count(const Engine& engine, LockInfo::Kind kind) {
  const std::vector<LockInfo> locks = engine.locks();
  return static_cast<std::size_t>(std::count_if(
      locks.begin(), locks.end(), [&](const LockInfo& lock) { return lock.kind == kind; }));
}

}  // namespace

TEST_CASE("strengths of row locks conflict as in PostgreSQL's table") {
  constexpr RowLockStrength kAll[] = {KeyShare, Share, NoKeyUpdate, Update};
  constexpr bool kConflicts[4][4] = {{false, false, false, true},
                                     {false, false, true, true},
                                     {false, true, true, true},
                                     {true, true, true, true}};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      CHECK(row_locks_conflict(kAll[i], kAll[j]) == kConflicts[i][j]);
    }
  }
}

TEST_CASE("a key can be locked beside updates of other columns, before and after their commit") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession writer(*engine);
  TestSession locker(*engine);
  writer.begin();
  locker.begin();
  const TestSession::Found seen = locker.find("items", integer(1));
  writer.update("items", integer(1), {1}, {integer(10)});
  CHECK(try_lock(locker, seen, KeyShare) == WriteResult::Done);
  CHECK(try_lock(locker, seen, Share) == WriteResult::Locked);
  writer.commit();
  CHECK(try_lock(locker, seen, KeyShare) == WriteResult::Done);
  CHECK(try_lock(locker, seen, Share) == WriteResult::Changed);
}

TEST_CASE("a lock of the key alone meets who changes the key or removes the row") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession writer(*engine);
  TestSession locker(*engine);
  writer.begin();
  locker.begin();
  const TestSession::Found first = locker.find("items", integer(1));
  const TestSession::Found second = locker.find("items", integer(2));
  writer.update("items", integer(1), {0}, {integer(3)});
  writer.update("items", integer(3), {1}, {integer(10)});
  writer.remove("items", integer(2));
  CHECK(try_lock(locker, first, KeyShare) == WriteResult::Locked);
  CHECK(try_lock(locker, second, KeyShare) == WriteResult::Locked);
  writer.commit();
  CHECK(try_lock(locker, first, KeyShare) == WriteResult::Changed);
  CHECK(try_lock(locker, second, KeyShare) == WriteResult::Deleted);
}

TEST_CASE("repeatable read: a lock of the key fails once the key has changed, not before") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession writer(*engine);
  TestSession locker(*engine, {.isolation = IsolationLevel::RepeatableRead});
  locker.begin();
  const TestSession::Found seen = locker.find("items", integer(1));
  writer.begin();
  writer.update("items", integer(1), {1}, {integer(10)});
  writer.commit();
  CHECK(try_lock(locker, seen, KeyShare) == WriteResult::Done);
  locker.rollback();
  locker.begin();
  const TestSession::Found again = locker.find("items", integer(1));
  writer.begin();
  writer.update("items", integer(1), {0}, {integer(3)});
  writer.commit();
  const Table table = locker.table("items");
  CHECK(locker.statement()
            ->lock_row(table, again.row_id, again.xid, {.strength = KeyShare})
            .status()
            .code() == StatusCode::SerializationFailure);
}

TEST_CASE("a locked key keeps out changes of the key alone") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession holder(*engine);
  TestSession writer(*engine);
  holder.begin();
  CHECK(try_lock(holder, 1, KeyShare) == WriteResult::Done);
  writer.begin();
  CHECK(writer.update("items", integer(1), {0, 1}, {integer(1), integer(10)}).result ==
        WriteResult::Done);
  writer.transaction().set_lock_timeout(std::chrono::milliseconds(1));
  CHECK(writer.try_update("items", writer.find("items", integer(1)), {0}, {integer(3)})
            .status()
            .code() == StatusCode::LockTimeout);
}

TEST_CASE("a lock given up at a savepoint leaves the weaker one taken before it") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession holder(*engine);
  TestSession other(*engine);
  holder.begin();
  other.begin();
  CHECK(try_lock(holder, 1, KeyShare) == WriteResult::Done);
  const std::size_t depth = check(holder.transaction().savepoint());
  CHECK(try_lock(holder, 1, Update) == WriteResult::Done);
  CHECK(try_lock(other, 1, KeyShare) == WriteResult::Locked);
  check(holder.transaction().rollback_to(depth));
  CHECK(try_lock(other, 1, KeyShare) == WriteResult::Done);
  CHECK(try_lock(other, 1, Update) == WriteResult::Locked);
}

TEST_CASE("who waits for a row gets it in order of asking") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession holder(*engine);
  holder.begin();
  CHECK(try_lock(holder, 1, Update) == WriteResult::Done);
  std::string order;
  std::mutex mutex;
  TestThreads waiters;
  constexpr std::size_t kWaiters = 4;
  for (std::size_t i = 0; i < kWaiters; ++i) {
    waiters.start([&, i] {
      TestSession session(*engine);
      session.begin();
      const TestSession::Found row = session.find("items", integer(1));
      const Table table = session.table("items");
      check(session.statement()->lock_row(table, row.row_id, row.xid, {}));
      {
        const std::lock_guard lock(mutex);
        order += std::to_string(i);
      }
      session.commit();
    });
    while (lock_count(*engine, LockInfo::Kind::Row) != i + 1) {
      std::this_thread::yield();
    }
  }
  holder.commit();
  waiters.join();
  CHECK(order == "0123");
  CHECK(engine->locks().empty());
}

}  // namespace omen::engine
