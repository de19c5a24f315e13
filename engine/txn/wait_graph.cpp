#include "engine/txn/wait_graph.h"

#include <algorithm>
#include <unordered_map>

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

bool WaitGraph::is_waiting(const TransactionState& node) {
  return !node.is_victim_ && std::all_of(node.waits_for_.begin(), node.waits_for_.end(),
                                         [](const TransactionState::Edge& edge) {
                                           return edge.blocker->generation() == edge.generation;
                                         });
}

WaitGraph::Way WaitGraph::find_cycle(TransactionState& self) const {
  TransactionState& target = self.node();
  std::unordered_map<TransactionState*, TransactionState*> reached_from;
  std::vector<TransactionState*> pending{&target};
  while (!pending.empty()) {
    TransactionState* node = pending.back();
    pending.pop_back();
    if (!is_waiting(*node)) {
      continue;
    }
    for (const TransactionState::Edge& edge : node->waits_for_) {
      TransactionState* next = &edge.blocker->node();
      if (next == &target) {
        Way way{node};
        while (way.back() != &target) {
          way.push_back(reached_from.at(way.back()));
        }
        return way;
      }
      if (reached_from.emplace(next, node).second) {
        pending.push_back(next);
      }
    }
  }
  return {};
}

bool WaitGraph::break_cycles(TransactionState& self) {
  const auto now = std::chrono::steady_clock::now();
  while (true) {
    const Way way = find_cycle(self);
    if (way.empty()) {
      return false;
    }
    // Who has looked already will not look again; `self`, the last to wait, has not.
    TransactionState* victim = &self.node();
    for (TransactionState* node : way) {
      if (node->gives_way_at_ > now && node->gives_way_at_ < victim->gives_way_at_) {
        victim = node;
      }
    }
    victim->is_victim_ = true;
    if (victim == &self.node()) {
      return true;
    }
    victim->sleeps_on_->notify_all();
  }
}

Status WaitGraph::wait(TransactionState& self, std::span<const Blocker> blockers,
                       const WaitLimit& limit) {
  const BlockingScope blocking;
  TransactionState& node = self.node();
  std::condition_variable_any& changed = blockers.front().transaction->changed_;
  MutexLock lock(mutex_);
  for (const Blocker& blocker : blockers) {
    blocker.transaction->waiter_count_.fetch_add(1, std::memory_order_seq_cst);
    node.waits_for_.push_back({blocker.transaction.get(), blocker.generation});
  }
  node.sleeps_on_ = &changed;
  node.gives_way_at_ = limit.gives_way_at;
  node.waits_in_queue_ = limit.is_in_queue;
  waiting_.push_back(&node);
  break_cycles(self);
  Status status;
  // One condition variable is waited on; with several blockers the poll finds the others' changes.
  while (status.ok() && (node.is_victim_ || !any_changed(blockers))) {
    const auto now = std::chrono::steady_clock::now();
    status = limit.cancel.check();
    if (status.ok() && node.is_victim_) {
      status = {StatusCode::Deadlock, "deadlock detected"};
    }
    if (status.ok() && now >= limit.deadline) {
      status = {StatusCode::LockTimeout, "canceling statement due to lock timeout"};
    }
    if (status.ok()) {
      changed.wait_for(
          lock, std::min<std::chrono::steady_clock::duration>(kPollInterval, limit.deadline - now));
    }
  }
  std::erase(waiting_, &node);
  node.waits_for_.clear();
  node.sleeps_on_ = nullptr;
  node.is_victim_ = false;
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

std::vector<std::int32_t> WaitGraph::blockers_of(std::int32_t process_id) {
  const MutexLock lock(mutex_);
  std::vector<std::int32_t> blockers;
  for (const TransactionState* node : waiting_) {
    if (node->process_id() == process_id && is_waiting(*node)) {
      for (const TransactionState::Edge& edge : node->waits_for_) {
        blockers.push_back(edge.blocker->process_id());
      }
    }
  }
  std::sort(blockers.begin(), blockers.end());
  blockers.erase(std::unique(blockers.begin(), blockers.end()), blockers.end());
  return blockers;
}

std::vector<WaitGraph::TransactionWait> WaitGraph::transaction_waits() {
  const MutexLock lock(mutex_);
  std::vector<TransactionWait> waits;
  for (const TransactionState* node : waiting_) {
    if (!node->waits_in_queue_ && is_waiting(*node)) {
      for (const TransactionState::Edge& edge : node->waits_for_) {
        waits.push_back({node->process_id(), edge.blocker->xid.load()});
      }
    }
  }
  return waits;
}

}  // namespace omen::engine
