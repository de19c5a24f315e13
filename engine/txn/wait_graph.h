#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
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
  /// Of a transaction of a session that has a state of its own, for the locks it keeps.
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
  /// First xid, or 0; for views.
  std::atomic<Xid> xid{0};

 private:
  friend class WaitGraph;
  /// A session and its transaction are one node of the graph: only one of them waits at a time.
  [[nodiscard]] const TransactionState& node() const {
    return session_ == nullptr ? *this : *session_;
  }
  [[nodiscard]] TransactionState& node() { return session_ == nullptr ? *this : *session_; }
  const std::shared_ptr<TransactionState> session_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<int> waiter_count_{0};
  std::condition_variable_any changed_;  ///< with WaitGraph::mutex_
  struct Edge {
    const TransactionState* blocker;
    std::uint64_t generation;  ///< void once the blocker's differs
  };
  std::vector<Edge> waits_for_;  ///< guarded by WaitGraph::mutex_
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
};

/// Waits between transactions, for whatever reason, with deadlock detection: a wait that would
/// close a cycle fails at once, so there never is one.
///
/// **Threads:** any. Never called under a latch (R2).
/// **Invariant:** no wake-up is lost: notify() raises the generation before it looks for waiters, a
/// waiter counts itself before it compares generations (both sequentially consistent).
class WaitGraph {
 public:
  /// Returns Ok once the generation of any blocker has changed; the caller then looks again.
  Status wait(TransactionState& self, std::span<const Blocker> blockers, const WaitLimit& limit)
      OMEN_EXCLUDES(mutex_);
  void notify(TransactionState& transaction) OMEN_EXCLUDES(mutex_);

 private:
  bool reaches(const TransactionState& from, const TransactionState& target) const
      OMEN_REQUIRES(mutex_);

  Mutex mutex_;
};

}  // namespace omen::engine
