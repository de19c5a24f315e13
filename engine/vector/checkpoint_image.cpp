#include "engine/vector/checkpoint_image.h"

#include <algorithm>
#include <cstring>

namespace omen::engine {

UnitMarks& CheckpointImage::marks(CheckpointArray array) const {
  switch (array) {
    case kArraySlots:
      return generation_.slots().marks();
    case kArrayNulls:
      return generation_.nulls().marks();
    case kArrayUpper:
      return generation_.nodes().upper_marks();
    default:
      return generation_.nodes().marks();
  }
}

std::uint32_t CheckpointImage::count(CheckpointArray array) const {
  switch (array) {
    case kArraySlots:
      return generation_.slots().count();
    case kArrayNulls:
      return generation_.nulls().count();
    case kArrayUpper:
      return generation_.nodes().upper_used();
    default:
      return space_ != nullptr ? generation_.slots().count() : 0;
  }
}

CheckpointImage::State CheckpointImage::state_of(std::uint32_t flags) {
  if ((flags & slot_flag::kFree) != 0) {
    return kEmpty;
  }
  return (flags & (slot_flag::kPending | slot_flag::kNoNode)) != 0 ? kFilled : kLinked;
}

void CheckpointImage::load_states() {
  const SlotTable& slots = generation_.slots();
  states_.resize(slots.count());
  for (std::uint32_t slot = 0; slot < states_.size(); ++slot) {
    states_[slot] = state_of(slots.flags(slot));
  }
}

void CheckpointImage::copy(CheckpointArray array, std::uint32_t unit, std::uint32_t count,
                           std::vector<unsigned char>& bytes) {
  const ArrayShape shape = this->shape(array);
  const auto begin = static_cast<std::uint32_t>(unit * shape.unit_entries);
  const std::uint32_t end = std::min(count, begin + static_cast<std::uint32_t>(shape.unit_entries));
  bytes.assign((end - begin) * shape.entry_bytes, 0);
  switch (array) {
    case kArraySlots:
      copy_entries(generation_.slots(), begin, end, bytes.data(), false);
      break;
    case kArrayNulls:
      copy_entries(generation_.nulls(), begin, end, bytes.data(), true);
      break;
    case kArrayUpper:
      copy_upper(begin, end, bytes.data());
      break;
    default:
      copy_node(begin, bytes.data());
      break;
  }
}

void CheckpointImage::copy_entries(SlotTable& table, std::uint32_t begin, std::uint32_t end,
                                   unsigned char* bytes, bool nulls) {
  if (!nulls && states_.size() < end) {
    states_.resize(end, kEmpty);
  }
  for (std::uint32_t slot = begin; slot < end; ++slot) {
    SlotEntry copied;
    copied.state = table.state(slot);
    if ((copied.state & slot_flag::kFree) == 0) {
      copied.set_key(table.key(slot));
      copied.vector_crc = table.vector_crc(slot);
      copied.state |= slot_flag::kUnverified | slot_flag::kFineUnverified;
      if (space_ == nullptr && !nulls) {
        // Whatever has come of codes since begin() is not in this checkpoint.
        copied.state &= ~(slot_flag::kUncoded | slot_flag::kCoarse);
        copied.state |= slot_flag::kPending;
      }
    }
    if (!nulls) {
      states_[slot] = state_of(copied.state);
    }
    std::memcpy(bytes + (slot - begin) * sizeof(copied), &copied, sizeof(copied));
  }
}

void CheckpointImage::copy_upper(std::uint32_t begin, std::uint32_t end, unsigned char* bytes) {
  const NodeArray& nodes = generation_.nodes();
  const std::size_t words = nodes.layout().upper_words();
  std::vector<std::uint32_t> list(words);
  bool whole = true;
  for (std::uint32_t place = begin; place < end; ++place) {
    std::fill(list.begin(), list.end(), 0);
    const std::uint32_t count =
        std::min(nodes.upper_word(place, 0), nodes.layout().upper_links_max);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t id = nodes.upper_word(place, i + 1);
      if (linked(id)) {
        list[++list[0]] = id;
      } else {
        whole = false;
      }
    }
    std::memcpy(bytes + (place - begin) * words * sizeof(std::uint32_t), list.data(),
                words * sizeof(std::uint32_t));
  }
  if (!whole) {
    marks(kArrayUpper).mark(begin / NodeArray::kUnitLists);
  }
}

void CheckpointImage::copy_node(std::uint32_t slot, unsigned char* bytes) {
  const State state = slot < states_.size() ? states_[slot] : kEmpty;
  if (state == kEmpty) {
    return;  // may be in the middle of being filled; whoever does marks it again
  }
  const NodeArray& nodes = generation_.nodes();
  const NodeLayout& layout = nodes.layout();
  std::memcpy(bytes, nodes.node(slot), layout.code_bytes + 10);
  if (state != kLinked) {
    return;
  }
  std::uint32_t kept = 0;
  const std::uint32_t count = std::min(nodes.link_count(slot), layout.links_max);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t id = nodes.link(slot, i);
    if (linked(id)) {
      std::memcpy(bytes + layout.links_offset() + kept * sizeof(id), &id, sizeof(id));
      ++kept;
    }
  }
  bytes[layout.code_bytes + 10] = static_cast<unsigned char>(kept);
  bytes[layout.code_bytes + 11] = static_cast<unsigned char>(nodes.level(slot));
  bytes[layout.code_bytes + 12] = static_cast<unsigned char>(nodes.in_degree(slot));
  if (kept < count) {
    nodes.mark(slot);
  }
}

GraphEntry CheckpointImage::entry() const {
  GraphEntry entry = generation_.entry().load();
  if (!entry.present || linked(entry.slot)) {
    return entry;
  }
  entry.present = false;
  for (std::uint32_t slot = 0; slot < states_.size(); ++slot) {
    const std::uint32_t level = generation_.nodes().level(slot);
    if (linked(slot) && (!entry.present || level > entry.level)) {
      entry = {slot, level, true};
    }
  }
  return entry;
}

}  // namespace omen::engine
