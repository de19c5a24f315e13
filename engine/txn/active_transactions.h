#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/thread_annotations.h"
#include "engine/txn/commit_table.h"
#include "engine/txn/id_allocator.h"
#include "engine/txn/wait_graph.h"

namespace omen::engine {

/// Who owns each xid in progress.
///
/// **Threads:** any.
/// **Invariant:** an xid is known here before anything is written under it, until after its outcome
/// is in the commit table.
class ActiveTransactions {
 public:
  ActiveTransactions(Store& store, IdAllocator& xids, CommitTable& commits)
      : store_(store), xids_(xids), commits_(commits) {}

  /// A fresh xid above all others.
  Result<Xid> begin(const TransactionStatePtr& owner) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    OMEN_ASSIGN(const Xid xid, xids_.allocate(store_));
    OMEN_TRY(commits_.begin(xid));
    owners_.emplace_hint(owners_.end(), xid, owner);
    return xid;
  }
  void finish(std::span<const Xid> xids) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    for (const Xid xid : xids) {
      owners_.erase(xid);
    }
  }
  /// The owner if he is still at work.
  std::optional<Blocker> find(Xid xid) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = owners_.find(xid);
    if (found == owners_.end()) {
      return std::nullopt;
    }
    return Blocker{found->second, found->second->generation()};
  }
  struct Owned {
    Xid xid;
    TransactionStatePtr owner;
  };
  /// All xids in progress, those of savepoints and statements too.
  std::vector<Owned> all() OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    std::vector<Owned> result;
    for (const auto& [xid, owner] : owners_) {
      result.push_back({xid, owner});
    }
    return result;
  }
  /// Every xid below is finished.
  Xid oldest() OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return owners_.empty() ? xids_.next() : owners_.begin()->first;
  }

 private:
  Store& store_;
  IdAllocator& xids_;
  CommitTable& commits_;
  Mutex mutex_;
  std::map<Xid, TransactionStatePtr> owners_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
