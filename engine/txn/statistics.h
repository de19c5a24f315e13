#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "engine/base/thread_annotations.h"

namespace omen::engine {

/// How many rows a transaction added to and removed from a storage.
struct RowCountChange {
  std::int64_t live = 0;
  std::int64_t dead = 0;
};

/// Row counts by storage. Live rows are exact: every commit stores the new counts with its record.
/// Dead ones are counted anew at start, from the garbage records that writers left.
/// **Threads:** any.
class RowCounts {
 public:
  /// Returns the new counts.
  RowCountChange add(std::uint64_t storage_id, RowCountChange change) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    RowCountChange& counts = counts_[storage_id];
    counts.live = std::max<std::int64_t>(0, counts.live + change.live);
    counts.dead = std::max<std::int64_t>(0, counts.dead + change.dead);
    return counts;
  }
  [[nodiscard]] RowCountChange get(std::uint64_t storage_id) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const auto found = counts_.find(storage_id);
    return found == counts_.end() ? RowCountChange() : found->second;
  }
  void erase(std::uint64_t storage_id) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    counts_.erase(storage_id);
  }

 private:
  Mutex mutex_;
  std::unordered_map<std::uint64_t, RowCountChange> counts_ OMEN_GUARDED_BY(mutex_);
};

/// How often an index was used since the engine was opened.
struct IndexUse {
  std::atomic<std::uint64_t> scans{0};
  std::atomic<std::uint64_t> rows_read{0};
};

/// Use of indexes by storage. **Threads:** any.
class IndexUses {
 public:
  /// The counters of one index, made at its first scan.
  std::shared_ptr<IndexUse> of(std::uint64_t storage_id) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    std::shared_ptr<IndexUse>& use = uses_[storage_id];
    if (use == nullptr) {
      use = std::make_shared<IndexUse>();
    }
    return use;
  }
  void erase(std::uint64_t storage_id) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    uses_.erase(storage_id);
  }

 private:
  Mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<IndexUse>> uses_ OMEN_GUARDED_BY(mutex_);
};

}  // namespace omen::engine
