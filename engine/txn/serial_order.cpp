#include "engine/txn/serial_order.h"

#include <algorithm>
#include <functional>

namespace omen::engine {

std::uint32_t SerialSlots::of_table(std::uint64_t storage_id) {
  return static_cast<std::uint32_t>((storage_id * 0x9e3779b97f4a7c15ULL) >> 48);
}

std::uint32_t SerialSlots::of_key(std::string_view index_key) {
  const std::uint64_t hash = std::hash<std::string_view>()(index_key);
  return static_cast<std::uint32_t>((hash * 0xff51afd7ed558ccdULL) >> 48);
}

void SlotSet::add(std::uint32_t slot) {
  if (present_.empty()) {
    present_.resize(SerialSlots::kCount);
  }
  if (!present_[slot]) {
    present_[slot] = true;
    slots_.push_back(slot);
  }
}

bool SerialOrder::admit(const Candidate& candidate, Timestamp commit) {
  const std::vector<std::uint32_t>& reads = candidate.reads->slots();
  const std::vector<std::uint32_t>& writes = candidate.writes->slots();
  slots_.resize(SerialSlots::kCount);
  const auto later = [&](Timestamp Slot::*event) {
    return [this, event, &candidate](std::uint32_t slot) {
      return slots_[slot].*event > candidate.snapshot;
    };
  };
  const bool has_out = std::ranges::any_of(reads, later(&Slot::written));
  const bool has_in = std::ranges::any_of(writes, later(&Slot::read));
  if (has_out && (has_in || std::ranges::any_of(reads, later(&Slot::written_by_pivot)))) {
    return false;
  }
  if (has_out && !writes.empty()) {
    last_pivot_.store(commit, std::memory_order_release);
  }
  for (const std::uint32_t slot : reads) {
    slots_[slot].read = commit;
  }
  for (const std::uint32_t slot : writes) {
    slots_[slot].written = commit;
    if (has_out) {
      slots_[slot].written_by_pivot = commit;
    }
  }
  return true;
}

}  // namespace omen::engine
