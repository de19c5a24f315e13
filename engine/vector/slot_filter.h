#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/vector/generation.h"

namespace omen::engine {

/// The entries of the rows that a search is restricted to: one bit for each slot and each NULL
/// entry of the generation, so that duplicates vanish, slots come back in their order, and a
/// membership test is one load.
class SlotFilter {
 public:
  /// Takes the live slots below `slots_end` and NULL entries below `nulls_end` of `rows`, in all
  /// versions that the generation knows; which of them a statement sees is asked later.
  SlotFilter(const Generation& generation, std::span<const RowId> rows, std::uint32_t slots_end,
             std::uint32_t nulls_end);

  [[nodiscard]] bool contains(std::uint32_t slot) const { return test(slots_, slot); }
  [[nodiscard]] bool contains_null(std::uint32_t entry) const { return test(nulls_, entry); }
  /// The first slot of the filter at or above `slot`, or slots_end.
  [[nodiscard]] std::uint32_t next(std::uint32_t slot) const {
    std::size_t word = slot / kWordBits;
    if (word >= slots_.size()) {
      return slots_end_;
    }
    std::uint64_t bits = slots_[word] >> (slot % kWordBits) << (slot % kWordBits);
    while (bits == 0) {
      if (++word == slots_.size()) {
        return slots_end_;
      }
      bits = slots_[word];
    }
    return static_cast<std::uint32_t>(word * kWordBits) +
           static_cast<std::uint32_t>(std::countr_zero(bits));
  }
  [[nodiscard]] std::uint32_t slot_count() const { return slot_count_; }

 private:
  using Bits = std::vector<std::uint64_t>;
  static constexpr std::uint32_t kWordBits = 64;

  static bool test(const Bits& bits, std::uint32_t number) {
    return (bits[number / kWordBits] >> (number % kWordBits) & 1) != 0;
  }
  /// True the first time.
  static bool set(Bits& bits, std::uint32_t number) {
    std::uint64_t& word = bits[number / kWordBits];
    const std::uint64_t before = word;
    word |= std::uint64_t{1} << (number % kWordBits);
    return word != before;
  }

  std::uint32_t slots_end_;
  std::uint32_t slot_count_ = 0;
  Bits slots_;
  Bits nulls_;
};

}  // namespace omen::engine
