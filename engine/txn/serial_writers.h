#pragma once

#include <algorithm>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "engine/txn/snapshot_registry.h"
#include "engine/txn/wait_graph.h"

namespace omen::engine {

/// The serializable transactions at work that may write. A reader beside whose snapshot none of
/// them runs, or of whom none turned out to be in conflict with an earlier one, is in order
/// whatever it reads.
///
/// **Threads:** any. **Invariant:** a transaction is known here before it takes its snapshot, until
/// after its commit is published.
class SerialWriters {
 public:
  void enter(const TransactionStatePtr& writer) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    writers_.push_back(writer);
  }
  void leave(const TransactionStatePtr& writer) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    std::erase(writers_, writer);
  }
  [[nodiscard]] bool contains(const TransactionStatePtr& writer) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return std::find(writers_.begin(), writers_.end(), writer) != writers_.end();
  }
  /// A snapshot, and exactly those who run beside it.
  struct ReaderStart {
    SnapshotRegistry::Ticket ticket;
    std::vector<TransactionStatePtr> writers;
  };
  ReaderStart begin_reader(SnapshotRegistry& snapshots) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return {snapshots.acquire(), writers_};
  }

 private:
  Mutex mutex_;
  std::vector<TransactionStatePtr> writers_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
