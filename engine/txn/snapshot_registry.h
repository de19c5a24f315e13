#pragma once

#include <atomic>
#include <map>

#include "engine/base/thread_annotations.h"
#include "engine/txn/commit_table.h"

namespace omen::engine {

/// The timestamps in use. R9: a reader registers before it reads, under the mutex from which vacuum
/// computes its horizon.
///
/// A reader takes no RocksDB snapshot: versions are written once and removed only when no
/// registered timestamp sees them, so any iterator opened after registration finds all that the
/// timestamp sees; what came later is told apart by commit timestamp, or by xid if it is the
/// reader's own.
///
/// **Threads:** any.
class SnapshotRegistry {
 public:
  /// What a holder must give back.
  struct Ticket {
    Timestamp timestamp = 0;
    std::uint64_t epoch = 0;
  };

  /// Registers the newest published timestamp.
  Ticket acquire() OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    const Ticket ticket{published_.load(std::memory_order_acquire), epoch_};
    ++timestamps_[ticket.timestamp];
    ++epochs_[ticket.epoch];
    return ticket;
  }
  /// Registers what a holder who has not given it back has registered.
  Ticket share(const Ticket& held) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    ++timestamps_[held.timestamp];
    ++epochs_[held.epoch];
    return held;
  }
  void release(const Ticket& ticket) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    drop(timestamps_, ticket.timestamp);
    drop(epochs_, ticket.epoch);
  }

  [[nodiscard]] Timestamp published() const { return published_.load(std::memory_order_acquire); }
  void publish(Timestamp timestamp) { published_.store(timestamp, std::memory_order_release); }

  /// What every snapshot, present or future, is at or above.
  [[nodiscard]] Timestamp oldest() OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return timestamps_.empty() ? published_.load(std::memory_order_acquire)
                               : timestamps_.begin()->first;
  }
  /// Starts a new epoch; the old one is over when no holder of it or an earlier one is left (R3).
  std::uint64_t end_epoch() OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return epoch_++;
  }
  [[nodiscard]] bool is_over(std::uint64_t epoch) OMEN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return epochs_.empty() || epochs_.begin()->first > epoch;
  }

 private:
  using Counts = std::map<std::uint64_t, std::size_t>;
  static void drop(Counts& counts, std::uint64_t key) {
    const auto found = counts.find(key);
    if (--found->second == 0) {
      counts.erase(found);
    }
  }

  std::atomic<Timestamp> published_{kOldTimestamp};
  Mutex mutex_;
  Counts timestamps_ OMEN_GUARDED_BY(mutex_);
  Counts epochs_ OMEN_GUARDED_BY(mutex_);
  std::uint64_t epoch_ OMEN_GUARDED_BY(mutex_) = 1;
};

}  // namespace omen::engine
