#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/base/thread_annotations.h"
#include "engine/txn/snapshot_registry.h"

namespace omen::engine {

/// The snapshots that transactions lend to others, by name.
///
/// **Threads:** any. **Invariant:** whoever lends holds the ticket until withdraw() returned, so
/// that what is found here is registered.
class ExportedSnapshots {
 public:
  explicit ExportedSnapshots(SnapshotRegistry& snapshots) : snapshots_(snapshots) {}

  void lend(const std::string& name, const SnapshotRegistry::Ticket& ticket) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    tickets_.emplace(name, ticket);
  }
  void withdraw(const std::string& name) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    tickets_.erase(name);
  }
  /// A registration of the taker's own; nullopt if nobody lends it.
  std::optional<SnapshotRegistry::Ticket> take(std::string_view name) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = tickets_.find(name);
    if (found == tickets_.end()) {
      return std::nullopt;
    }
    return snapshots_.share(found->second);
  }

 private:
  SnapshotRegistry& snapshots_;
  Mutex mutex_;
  std::map<std::string, SnapshotRegistry::Ticket, std::less<>> tickets_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
