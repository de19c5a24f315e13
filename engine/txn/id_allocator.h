#pragma once

#include <atomic>
#include <string>

#include "engine/base/thread_annotations.h"
#include "engine/storage/store.h"

namespace omen::engine {

/// Hands out numbers that are never used twice, across crashes too. R4: they come from blocks
/// reserved by a synced record in the meta family (`name` -> be64 end of the reserved block);
/// a restart begins at the reservation.
///
/// **Threads:** any.
class IdAllocator {
 public:
  IdAllocator(std::string name, std::uint64_t first, std::uint64_t block_size)
      : name_(std::move(name)), next_(first), reserved_end_(first), block_size_(block_size) {}

  /// Reads the reservation.
  Status load(const Store& store) OMEN_EXCLUDES(mutex_);
  /// The first of `count` consecutive numbers.
  Result<std::uint64_t> allocate(Store& store, std::uint64_t count = 1) OMEN_EXCLUDES(mutex_);
  /// All numbers below were handed out, or will never be.
  [[nodiscard]] std::uint64_t next() const { return next_.load(std::memory_order_acquire); }

 private:
  const std::string name_;
  std::atomic<std::uint64_t> next_;  ///< written under mutex_
  Mutex mutex_;
  std::uint64_t reserved_end_ OMEN_GUARDED_BY(mutex_);
  const std::uint64_t block_size_;
};

}  // namespace omen::engine
