#include "engine/txn/wait_graph.h"

#include <thread>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

using std::chrono::steady_clock;

/// A session that waits for others, and gives way at a time of its own.
struct Waiter {
  explicit Waiter(std::int32_t process_id)
      : state(std::make_shared<TransactionState>(process_id)) {}

  Status wait_for(WaitGraph& graph, std::initializer_list<const Waiter*> others) {
    std::vector<Blocker> blockers;
    for (const Waiter* other : others) {
      blockers.push_back({other->state, other->state->generation()});
    }
    return graph.wait(*state, blockers, {.cancel = cancel, .gives_way_at = gives_way_at});
  }

  TransactionStatePtr state;
  CancelToken cancel;
  steady_clock::time_point gives_way_at = steady_clock::time_point::max();
};

void await_blocked(WaitGraph& graph, std::int32_t process_id) {
  while (graph.blockers_of(process_id).empty()) {
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("a circle of waiters is broken where patience ends first") {
  WaitGraph graph;
  Waiter first(1);
  Waiter second(2);
  Waiter third(3);
  const auto now = steady_clock::now();
  first.gives_way_at = now + std::chrono::hours(3);
  second.gives_way_at = now + std::chrono::hours(1);
  third.gives_way_at = now + std::chrono::hours(2);
  Status first_outcome;
  Status second_outcome;
  TestThreads threads;
  threads.start([&] {
    first_outcome = first.wait_for(graph, {&second});
    graph.notify(*first.state);
  });
  await_blocked(graph, 1);
  threads.start([&] {
    second_outcome = second.wait_for(graph, {&third});
    graph.notify(*second.state);
  });
  await_blocked(graph, 2);
  CHECK(third.wait_for(graph, {&first}).ok());
  threads.join();
  CHECK(first_outcome.ok());
  CHECK(second_outcome.code() == StatusCode::Deadlock);
}

TEST_CASE("who has looked for a circle before it closed is not its victim") {
  WaitGraph graph;
  Waiter first(1);
  Waiter second(2);
  first.gives_way_at = steady_clock::now() - std::chrono::hours(1);
  second.gives_way_at = steady_clock::now() + std::chrono::hours(1);
  TestThreads threads;
  threads.start([&] { check(first.wait_for(graph, {&second})); });
  await_blocked(graph, 1);
  CHECK(second.wait_for(graph, {&first}).code() == StatusCode::Deadlock);
  graph.notify(*second.state);
  threads.join();
}

TEST_CASE("two circles closed by one wait are both broken") {
  WaitGraph graph;
  Waiter left(1);
  Waiter right(2);
  Waiter middle(3);
  left.gives_way_at = right.gives_way_at = steady_clock::now() + std::chrono::hours(1);
  middle.gives_way_at = steady_clock::now() + std::chrono::hours(2);
  Status left_outcome;
  Status right_outcome;
  TestThreads threads;
  threads.start([&] {
    left_outcome = left.wait_for(graph, {&middle});
    graph.notify(*left.state);
  });
  threads.start([&] {
    right_outcome = right.wait_for(graph, {&middle});
    graph.notify(*right.state);
  });
  await_blocked(graph, 1);
  await_blocked(graph, 2);
  CHECK(middle.wait_for(graph, {&left, &right}).ok());
  threads.join();
  CHECK(left_outcome.code() == StatusCode::Deadlock);
  CHECK(right_outcome.code() == StatusCode::Deadlock);
}

TEST_CASE("a wait ends for others the moment its blocker lets something go") {
  WaitGraph graph;
  Waiter holder(1);
  Waiter waiter(2);
  holder.state->xid = 77;
  TestThreads threads;
  threads.start([&] { check(waiter.wait_for(graph, {&holder})); });
  await_blocked(graph, 2);
  CHECK(graph.blockers_of(2) == std::vector<std::int32_t>{1});
  CHECK(graph.blockers_of(1).empty());
  REQUIRE(graph.transaction_waits().size() == 1);
  CHECK(graph.transaction_waits()[0].process_id == 2);
  CHECK(graph.transaction_waits()[0].xid == 77);
  graph.notify(*holder.state);
  CHECK(graph.blockers_of(2).empty());
  CHECK(graph.transaction_waits().empty());
  threads.join();
}

}  // namespace omen::engine
