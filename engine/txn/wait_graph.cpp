#include "engine/txn/wait_graph.h"

#include <algorithm>
#include <set>

#include "engine/base/blocking.h"

namespace omen::engine {
namespace {

/// How often a waiter looks at its cancel token, which nobody signals.
constexpr std::chrono::milliseconds kPollInterval(10);

bool any_changed(std::span<const Blocker> blockers) {
  return std::any_of(blockers.begin(), blockers.end(), [](const Blocker& blocker) {
    return blocker.transaction->generation() != blocker.generation;
  });
}

}  // namespace

bool WaitGraph::reaches(const TransactionState& from, const TransactionState& target) const {
  std::vector<const TransactionState*> pending{&from.node()};
  std::set<const TransactionState*> seen;
  while (!pending.empty()) {
    const TransactionState* state = pending.back();
    pending.pop_back();
    if (state == &target.node()) {
      return true;
    }
    if (!seen.insert(state).second) {
      continue;
    }
    for (const TransactionState::Edge& edge : state->waits_for_) {
      if (edge.blocker->generation() == edge.generation) {
        pending.push_back(&edge.blocker->node());
      }
    }
  }
  return false;
}

Status WaitGraph::wait(TransactionState& self, std::span<const Blocker> blockers,
                       const WaitLimit& limit) {
  const BlockingScope blocking;
  MutexLock lock(mutex_);
  for (const Blocker& blocker : blockers) {
    blocker.transaction->waiter_count_.fetch_add(1, std::memory_order_seq_cst);
  }
  Status status;
  bool deadlock = false;
  if (!any_changed(blockers)) {
    for (const Blocker& blocker : blockers) {
      deadlock = deadlock || reaches(*blocker.transaction, self);
    }
    if (deadlock) {
      status = {StatusCode::Deadlock, "deadlock detected"};
    } else {
      for (const Blocker& blocker : blockers) {
        self.node().waits_for_.push_back({blocker.transaction.get(), blocker.generation});
      }
    }
  }
  // One condition variable is waited on; with several blockers the poll finds the others' changes.
  while (status.ok() && !any_changed(blockers)) {
    status = limit.cancel.check();
    const auto now = std::chrono::steady_clock::now();
    if (status.ok() && now >= limit.deadline) {
      status = {StatusCode::LockTimeout, "canceling statement due to lock timeout"};
    }
    if (status.ok()) {
      const auto nap =
          std::min<std::chrono::steady_clock::duration>(kPollInterval, limit.deadline - now);
      blockers.front().transaction->changed_.wait_for(lock, nap);
    }
  }
  self.node().waits_for_.clear();
  for (const Blocker& blocker : blockers) {
    blocker.transaction->waiter_count_.fetch_sub(1, std::memory_order_seq_cst);
  }
  return status;
}

void WaitGraph::notify(TransactionState& transaction) {
  transaction.generation_.fetch_add(1, std::memory_order_seq_cst);
  if (transaction.waiter_count_.load(std::memory_order_seq_cst) == 0) {
    return;
  }
  const MutexLock lock(mutex_);
  transaction.changed_.notify_all();
}

}  // namespace omen::engine
