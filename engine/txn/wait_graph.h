#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/cancel_token.h"
#include "engine/base/thread_annotations.h"
#include "engine/base/types.h"

namespace omen::engine {

/// What others need to know of a running transaction: whether it let something go since they
/// looked.
class TransactionState {
 public:
  TransactionState() = default;
  /// Of a session, for the locks it keeps beyond its transactions.
  explicit TransactionState(std::int32_t process_id) : process_id_(process_id) {}
  /// Of a transaction of a session that has a state of its own, or null.
  explicit TransactionState(std::shared_ptr<TransactionState> session)
      : session_(std::move(session)) {}

  /// Grows whenever the transaction ends, rolls back to a savepoint, or releases or gives up a
  /// lock.
  [[nodiscard]] std::uint64_t generation() const {
    return generation_.load(std::memory_order_seq_cst);
  }
  /// Whether both belong to one session, which does not stand in its own way.
  [[nodiscard]] bool is_same_session(const TransactionState& other) const {
    return &node() == &other.node();
  }
  /// Of the session; 0: none.
  [[nodiscard]] std::int32_t process_id() const { return node().process_id_; }
  /// First xid, or 0; for views.
  std::atomic<Xid> xid{0};

 private:
  friend class WaitGraph;
  /// A session and its transaction are one node of the graph: only one of them waits at a time.
  [[nodiscard]] const TransactionState& node() const {
    return session_ == nullptr ? *this : *session_;
  }
  [[nodiscard]] TransactionState& node() { return session_ == nullptr ? *this : *session_; }
  const std::int32_t process_id_ = 0;
  const std::shared_ptr<TransactionState> session_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<int> waiter_count_{0};
  std::condition_variable_any changed_;  ///< with WaitGraph::mutex_

  // Of a node while it waits; guarded by WaitGraph::mutex_.
  struct Edge {
    TransactionState* blocker;
    std::uint64_t generation;  ///< void once the blocker's differs
  };
  std::vector<Edge> waits_for_;
  std::condition_variable_any* sleeps_on_ = nullptr;
  std::chrono::steady_clock::time_point gives_way_at_;
  bool is_victim_ = false;
  bool waits_in_queue_ = false;
};
using TransactionStatePtr = std::shared_ptr<TransactionState>;

/// Who stands in the way, and how he looked when that was found.
struct Blocker {
  TransactionStatePtr transaction;
  std::uint64_t generation = 0;
};

struct WaitLimit {
  const CancelToken& cancel;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// Of those who wait for each other, the one whose time comes next is the victim.
  std::chrono::steady_clock::time_point gives_way_at = std::chrono::steady_clock::time_point::max();
  bool is_in_queue = false;  ///< the lock table shows the wait
};

/// Waits between transactions, for whatever reason, with deadlock detection: a wait that closes a
/// cycle ends one of the cycle's waits at once, so there never is one. Whose wait, deadlock_timeout
/// decides as in PostgreSQL, where each waiter looks for a cycle once, when that much of its wait
/// is over: the first one to look after the cycle closed finds itself in it.
///
/// **Threads:** any. Never called under a latch (R2).
/// **Invariants:**
/// 1. No wake-up is lost: notify() raises the generation before it looks for waiters, a waiter
///    counts itself before it compares generations (both sequentially consistent).
/// 2. Edges lead to states that their waiter's blockers keep alive, and end with the wait.
class WaitGraph {
 public:
  /// Returns Ok once the generation of any blocker has changed; the caller then looks again.
  Status wait(TransactionState& self, std::span<const Blocker> blockers, const WaitLimit& limit)
      OMEN_EXCLUDES(mutex_);
  void notify(TransactionState& transaction) OMEN_EXCLUDES(mutex_);

  /// Whom a session waits for, by process id: each once, ascending. Empty once one of them has let
  /// something go, for then the wait is over.
  std::vector<std::int32_t> blockers_of(std::int32_t process_id) OMEN_EXCLUDES(mutex_);
  /// A wait for the end of a transaction.
  struct TransactionWait {
    std::int32_t process_id;
    Xid xid;  ///< 0: it wrote nothing
  };
  std::vector<TransactionWait> transaction_waits() OMEN_EXCLUDES(mutex_);

 private:
  using Way = std::vector<TransactionState*>;
  /// Some waiters of whom each waits for the next, the last one for the first, `self` being one of
  /// them; empty if there are none.
  Way find_cycle(TransactionState& self) const OMEN_REQUIRES(mutex_);
  /// Ends waits until `self` is in no cycle; true if its own is to end.
  bool break_cycles(TransactionState& self) OMEN_REQUIRES(mutex_);
  static bool is_waiting(const TransactionState& node);

  Mutex mutex_;
  std::vector<TransactionState*> waiting_ OMEN_GUARDED_BY(mutex_);  ///< nodes
};

}  // namespace omen::engine
