#include "engine/api/advisory_locks.h"

#include <atomic>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

/// A session that takes advisory locks, a transaction at a time.
struct LockSession {
  explicit LockSession(Engine& e) : engine(e), locks(e.make_session_locks(0)) { begin(); }
  void begin() { transaction = engine.begin({.session_locks = locks}); }
  void commit() {
    check(transaction->commit());
    begin();
  }
  Result<bool> lock(const AdvisoryRequest& request) {
    return transaction->lock_advisory(request, cancel);
  }
  bool try_lock(std::uint64_t key, bool is_of_session) {
    return check(lock({.key = {.value = key}, .is_of_session = is_of_session, .may_wait = false}));
  }

  Engine& engine;
  std::shared_ptr<SessionLocks> locks;
  std::unique_ptr<Transaction> transaction;
  CancelToken cancel;
};

}  // namespace

TEST_CASE("a session's advisory lock is held as often as taken, and beyond its transactions") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  LockSession first(*engine);
  LockSession second(*engine);
  CHECK(first.try_lock(1, true));
  CHECK(first.try_lock(1, true));
  first.commit();
  CHECK_FALSE(second.try_lock(1, true));
  CHECK(first.locks->unlock({.value = 1}, false));
  CHECK_FALSE(second.try_lock(1, false));
  CHECK(first.locks->unlock({.value = 1}, false));
  CHECK_FALSE(first.locks->unlock({.value = 1}, false));
  CHECK(second.try_lock(1, false));
  CHECK_FALSE(first.try_lock(1, true));
  second.commit();
  CHECK(first.try_lock(1, true));
  first.locks->unlock_all();
  CHECK(second.try_lock(1, true));
}

TEST_CASE("a session and its transaction do not stand in each other's way") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  LockSession session(*engine);
  CHECK(session.try_lock(1, true));
  CHECK(session.try_lock(1, false));
  CHECK(check(session.lock({.key = {.value = 1}, .is_shared = true, .may_wait = false})));
  CHECK(session.try_lock(2, false));
  CHECK(session.try_lock(2, true));
}

TEST_CASE("a deadlock through a session's lock and a transaction's lock is found") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  std::atomic<int> ready{0};
  std::atomic<int> deadlocks{0};
  std::atomic<int> successes{0};
  const auto run = [&](std::uint64_t mine, std::uint64_t other, bool is_of_session) {
    LockSession session(*engine);
    ensure(session.try_lock(mine, is_of_session), "the first lock is free");
    ++ready;
    while (ready != 2) {
      std::this_thread::yield();
    }
    // What waits is of the other kind than what is held.
    const Result<bool> result =
        session.lock({.key = {.value = other}, .is_of_session = !is_of_session});
    if (result.ok()) {
      ++successes;
    } else {
      ensure(result.status().code() == StatusCode::Deadlock, result.status().message());
      ++deadlocks;
    }
  };
  TestThreads other;
  other.start([&] { run(2, 1, true); });
  run(1, 2, false);
  other.join();
  CHECK(deadlocks == 1);
  CHECK(successes == 1);
}

}  // namespace omen::engine
