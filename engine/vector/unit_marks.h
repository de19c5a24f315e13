#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

#include "engine/vector/reserved_array.h"

namespace omen::engine {

/// Which units (of a file's array) have changed since the last checkpoint took them: a bit each.
///
/// **Threads:** mark() by any, after the change: the taker then either copies the change or finds
/// the mark next time. take() by one at a time.
class UnitMarks {
 public:
  static Result<UnitMarks> create(std::size_t units_max) {
    UnitMarks marks;
    const std::size_t size_bytes = (units_max / 64 + 1) * sizeof(std::uint64_t);
    OMEN_ASSIGN(marks.words_, ReservedArray::reserve(size_bytes, size_bytes));
    return marks;
  }

  void mark(std::size_t unit) const {
    // Always a read-modify-write, also if the bit is set: only so do marker and taker agree on who
    // came first, and the taker who finds the bit (acquire) sees the change (release).
    word(unit / 64).fetch_or(std::uint64_t{1} << (unit % 64), std::memory_order_acq_rel);
  }
  [[nodiscard]] std::size_t count(std::size_t units) const {
    std::size_t marked = 0;
    for (std::size_t i = 0; i * 64 < units; ++i) {
      marked += static_cast<std::size_t>(std::popcount(word(i).load(std::memory_order_relaxed)));
    }
    return marked;
  }
  /// The marked ones below `units`, ascending; they are marked no longer.
  std::vector<std::uint32_t> take(std::size_t units) {
    std::vector<std::uint32_t> taken;
    for (std::size_t i = 0; i * 64 < units; ++i) {
      if (word(i).load(std::memory_order_relaxed) == 0) {
        continue;
      }
      std::uint64_t bits = word(i).exchange(0, std::memory_order_acq_rel);
      for (; bits != 0; bits &= bits - 1) {
        const std::size_t unit = i * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        if (unit < units) {
          taken.push_back(static_cast<std::uint32_t>(unit));
        } else {
          mark(unit);
        }
      }
    }
    return taken;
  }

 private:
  [[nodiscard]] std::atomic_ref<std::uint64_t> word(std::size_t index) const {
    auto* words = reinterpret_cast<std::uint64_t*>(const_cast<unsigned char*>(words_.data()));
    return std::atomic_ref<std::uint64_t>(words[index]);
  }

  ReservedArray words_;
};

}  // namespace omen::engine
