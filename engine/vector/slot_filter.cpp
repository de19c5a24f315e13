#include "engine/vector/slot_filter.h"

namespace omen::engine {

SlotFilter::SlotFilter(const Generation& generation, std::span<const RowId> rows,
                       std::uint32_t slots_end, std::uint32_t nulls_end)
    : slots_end_(slots_end),
      slots_(std::size_t{slots_end} / kWordBits + 1),
      nulls_(std::size_t{nulls_end} / kWordBits + 1) {
  for (const RowId row_id : rows) {
    generation.for_each_entry(row_id, [&](std::uint32_t entry) {
      const std::uint32_t null = entry & ~RowMap::kNullEntry;
      if (null != entry) {
        if (null < nulls_end) {
          set(nulls_, null);
        }
      } else if (entry < slots_end &&
                 (generation.slots().flags(entry) & (slot_flag::kDead | slot_flag::kFree)) == 0) {
        slot_count_ += static_cast<std::uint32_t>(set(slots_, entry));
      }
    });
  }
}

}  // namespace omen::engine
