#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"

namespace omen::engine {

/// See Kernels::merge_order. One source for all instruction sets: the loops over kMergeUnit floats
/// become whatever vectors the including file is compiled for. Static, for each has its own.
[[gnu::always_inline]] static inline void merge_order_loops(const float* sorted,
                                                            std::size_t sorted_count,
                                                            const float* fresh, std::size_t count,
                                                            std::uint32_t* places,
                                                            std::uint32_t* order) {
  constexpr std::size_t kCounted = 128;  // at most so many are counted, found by bisection
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  for (std::size_t i = 0; i < count; ++i) {
    order[i] = kNone;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const float value = fresh[i];
    std::size_t begin = 0;
    std::size_t end = sorted_count;
    while (end - begin > kCounted) {
      const std::size_t middle = begin + (end - begin) / 2 / kMergeUnit * kMergeUnit;
      if (sorted[middle] <= value) {
        begin = middle;
      } else {
        end = middle;
      }
    }
    std::uint32_t place = static_cast<std::uint32_t>(begin);
    for (std::size_t unit = begin; unit < end; unit += kMergeUnit) {
      std::uint32_t not_greater = 0;
      for (std::size_t k = 0; k < kMergeUnit; ++k) {
        not_greater += sorted[unit + k] <= value ? 1U : 0U;
      }
      place += not_greater;
    }
    std::uint32_t rank = 0;
    for (std::size_t unit = 0; unit < count; unit += kMergeUnit) {
      std::uint32_t less = 0;
      for (std::size_t k = 0; k < kMergeUnit; ++k) {
        less += fresh[unit + k] < value ? 1U : 0U;
      }
      rank += less;
    }
    while (order[rank] != kNone) {
      ++rank;  // a tie
    }
    places[rank] = place;
    order[rank] = static_cast<std::uint32_t>(i);
  }
}

}  // namespace omen::engine
