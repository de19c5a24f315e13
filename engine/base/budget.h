#pragma once

#include <atomic>
#include <cstddef>

#include "engine/base/status.h"

namespace omen::engine {

/// Memory a statement may hold. What grows with data charges it; exceeding it is OutOfMemory
/// (53200)
/// or the sign to spill. Thread-safe.
class Budget {
 public:
  explicit Budget(std::size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  [[nodiscard]] bool try_charge(std::size_t size_bytes) {
    const std::size_t before = used_bytes_.fetch_add(size_bytes, std::memory_order_relaxed);
    if (before + size_bytes > limit_bytes_) {
      used_bytes_.fetch_sub(size_bytes, std::memory_order_relaxed);
      return false;
    }
    return true;
  }
  Status charge(std::size_t size_bytes) {
    return try_charge(size_bytes) ? Status() : Status(StatusCode::OutOfMemory, "out of memory");
  }
  void release(std::size_t size_bytes) {
    used_bytes_.fetch_sub(size_bytes, std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t used_bytes() const {
    return used_bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t limit_bytes() const { return limit_bytes_; }

 private:
  const std::size_t limit_bytes_;
  std::atomic<std::size_t> used_bytes_{0};
};

}  // namespace omen::engine
