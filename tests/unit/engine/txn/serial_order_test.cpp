#include "engine/txn/serial_order.h"

#include <atomic>
#include <thread>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

SlotSet slots(std::initializer_list<std::uint32_t> list) {
  SlotSet set;
  for (const std::uint32_t slot : list) {
    set.add(slot);
  }
  return set;
}

/// Commits one after another, at timestamps 11, 12, ...
struct Order {
  bool admit(std::initializer_list<std::uint32_t> reads,
             std::initializer_list<std::uint32_t> writes, Timestamp snapshot) {
    const SlotSet read = slots(reads);
    const SlotSet written = slots(writes);
    return order.admit({&read, &written, snapshot}, ++commit);
  }
  SerialOrder order;
  Timestamp commit = 10;
};

const TransactionOptions kSerializable{.isolation = IsolationLevel::Serializable};

/// Items 1 and 2 of value 0; unique in column 0.
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

}  // namespace

TEST_CASE("of two that each read what the other writes, the second to commit is refused") {
  Order order;
  CHECK(order.admit({1, 2}, {1}, 10));
  CHECK_FALSE(order.admit({1, 2}, {2}, 10));
}

TEST_CASE("a conflict in one direction alone refuses nobody") {
  Order order;
  CHECK(order.admit({1}, {1}, 10));
  CHECK(order.admit({1}, {2}, 10));
  CHECK(order.admit({3}, {3}, 12));
}

TEST_CASE("who began after a commit is not in conflict with it") {
  Order order;
  CHECK(order.admit({1, 2}, {1}, 10));
  CHECK(order.admit({1, 2}, {2}, 11));
}

TEST_CASE("a reader of what a pivot wrote is refused, though it writes nothing") {
  Order order;
  CHECK(order.admit({2}, {2}, 10));     // T3
  CHECK(order.admit({1, 2}, {1}, 10));  // T2, in conflict with T3
  CHECK(order.order.last_pivot() == 12);
  CHECK_FALSE(order.admit({1, 2}, {}, 11));  // T1 saw T3 and not T2
  CHECK(order.admit({1, 2}, {}, 12));
}

TEST_CASE("a pivot is refused when its reader has committed") {
  Order order;
  CHECK(order.admit({2}, {2}, 10));           // T3
  CHECK(order.admit({1, 2}, {}, 11));         // T1 reads what T2 will write
  CHECK_FALSE(order.admit({1, 2}, {1}, 10));  // T2 read what T3 replaced
}

TEST_CASE("a refused transaction leaves nothing behind, in the order of commits or in the tables") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TestSession first(*engine, kSerializable);
  TestSession second(*engine, kSerializable);
  first.begin();
  second.begin();
  CHECK(first.scan("items", {1}).size() == 2);
  CHECK(second.scan("items", {1}).size() == 2);
  first.update("items", integer(1), {1}, {integer(1)});
  second.update("items", integer(2), {1}, {integer(1)});
  first.commit();
  const Status refused = second.transaction().commit();
  CHECK(refused.code() == StatusCode::SerializationFailure);
  CHECK(refused.message() ==
        "could not serialize access due to read/write dependencies among transactions");
  second.begin();
  CHECK(second.scan("items", {0, 1}) ==
        TestRows{{integer(1), integer(1)}, {integer(2), integer(0)}});
  second.update("items", integer(2), {1}, {integer(1)});
  second.commit();
}

TEST_CASE("look-ups of different keys do not conflict, those of one key do, absent or not") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  const auto look_up = [](TestSession& session, int key) {
    return session.scan_index("items", "items_pkey", {1}, bound({integer(key)}),
                              bound({integer(key)}));
  };
  TestSession first(*engine, kSerializable);
  TestSession second(*engine, kSerializable);
  const auto run = [&](int first_looks_up, int second_looks_up) {
    first.begin();
    second.begin();
    CHECK(look_up(first, first_looks_up).empty());
    CHECK(look_up(second, second_looks_up).empty());
    first.insert("items", {{integer(second_looks_up), integer(0)}});
    second.insert("items", {{integer(first_looks_up), integer(0)}});
    first.commit();
    return second.transaction().commit().code();
  };
  CHECK(run(11, 12) == StatusCode::SerializationFailure);
  first.begin();
  second.begin();
  CHECK(look_up(first, 21).empty());
  CHECK(look_up(second, 22).empty());
  first.insert("items", {{integer(21), integer(0)}});
  second.insert("items", {{integer(22), integer(0)}});
  first.commit();
  second.commit();
}

TEST_CASE("threads that each keep a rule by what they read keep it together") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  constexpr int kThreads = 4;
  constexpr int kRounds = 150;
  constexpr int kSumMax = 40;
  std::atomic<int> committed{0};
  TestThreads threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.start([&, t] {
      TestSession session(*engine, kSerializable);
      for (int round = 0; round < kRounds; ++round) {
        session.begin();
        const int own = t % 2 + 1;
        int sum = 0;
        int own_value = 0;
        for (const TestRow& row : session.scan("items", {0, 1})) {
          sum += std::get<std::int32_t>(row[1]);
          own_value = row[0] == integer(own) ? std::get<std::int32_t>(row[1]) : own_value;
        }
        // Up while the sum allows it, else down to nothing.
        const int value = sum < kSumMax ? own_value + 1 : 0;
        const TestSession::Found target = session.find("items", integer(own));
        const Result<WriteOutcome> written =
            session.try_update("items", target, {1}, {integer(value)});
        if (!written.ok()) {
          session.rollback();
        } else if (session.transaction().commit().ok()) {
          ++committed;
        }
      }
    });
  }
  // What anybody sees at any moment keeps the rule.
  TestSession reader(*engine, kSerializable);
  for (int round = 0; round < 2 * kRounds; ++round) {
    reader.begin();
    int sum = 0;
    for (const TestRow& row : reader.scan("items", {1})) {
      sum += std::get<std::int32_t>(row[0]);
    }
    if (reader.transaction().commit().ok()) {
      CHECK(sum <= kSumMax);
    }
  }
  threads.join();
  CHECK(committed > 0);
}

TEST_CASE("a deferrable reader waits for the writers beside its snapshot, then cannot fail") {
  const TestDirectory directory;
  const auto engine = engine_with_two(directory);
  TransactionOptions options = kSerializable;
  options.session_locks = engine->make_session_locks(7);
  TestSession writer(*engine, options);
  writer.begin();
  CHECK(writer.scan("items", {1}).size() == 2);
  options.read_only = true;
  options.deferrable = true;
  options.session_locks = engine->make_session_locks(8);
  TestThreads threads;
  threads.start([&] {
    TestSession reader(*engine, options);
    reader.begin();
    ensure(reader.scan("items", {1}).size() == 2, "a reader sees other rows");
    reader.commit();
  });
  while (engine->blockers_of(8).empty()) {
    std::this_thread::yield();
  }
  CHECK(engine->blockers_of(8) == std::vector<std::int32_t>{7});
  writer.update("items", integer(1), {1}, {integer(1)});
  writer.commit();
  threads.join();
}

}  // namespace omen::engine
