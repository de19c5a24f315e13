#include "engine/vector/node_array.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace omen::engine {
namespace {

constexpr std::uint8_t kInDegreeStuck = 255;
constexpr unsigned kSpinsMax = 100;
constexpr std::size_t kLinksMax = 255;  // the count is one byte

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

NodeLayout::NodeLayout(std::size_t code_size_bytes, std::size_t m)
    : code_bytes(code_size_bytes),
      stride_bytes((code_size_bytes + 16 + 8 * m + 63) / 64 * 64),
      links_max(static_cast<std::uint32_t>(
          std::min((stride_bytes - links_offset()) / sizeof(std::uint32_t), kLinksMax))),
      upper_links_max(static_cast<std::uint32_t>(m)) {}

Result<NodeArray> NodeArray::create(const NodeLayout& layout, std::size_t slots_max) {
  NodeArray array;
  array.layout_ = layout;
  const std::size_t block_bytes = slots_max * layout.stride_bytes;
  OMEN_ASSIGN(array.blocks_, ReservedArray::reserve(block_bytes, block_bytes));
  // One node in m has upper levels, m / (m - 1) of them on average; this is room for twice as many.
  const std::size_t lists = slots_max * 4 / layout.upper_links_max + 1024;
  const std::size_t upper_bytes = lists * layout.upper_words() * sizeof(std::uint32_t);
  OMEN_ASSIGN(array.upper_, ReservedArray::reserve(upper_bytes, upper_bytes));
  OMEN_ASSIGN(array.marks_, UnitMarks::create(slots_max));
  OMEN_ASSIGN(array.upper_marks_, UnitMarks::create(lists / kUnitLists + 1));
  return array;
}

NodeArray& NodeArray::operator=(NodeArray&& other) noexcept {
  layout_ = other.layout_;
  blocks_ = std::move(other.blocks_);
  upper_ = std::move(other.upper_);
  marks_ = std::move(other.marks_);
  upper_marks_ = std::move(other.upper_marks_);
  upper_used_.store(other.upper_used(), std::memory_order_relaxed);
  return *this;
}

void NodeArray::clear(std::uint32_t slot, std::int64_t upper_place) {
  for (std::uint32_t above = 0; upper_place >= 0 && above < level(slot); ++above) {
    set_upper_word(static_cast<std::size_t>(upper_place) + above, 0, 0);
  }
  set_link_count(slot, 0);
  byte(slot, 12).store(0, std::memory_order_relaxed);
  mark(slot);
}

void NodeArray::add_in_link(std::uint32_t slot) {
  auto degree = byte(slot, 12);
  std::uint8_t seen = degree.load(std::memory_order_relaxed);
  while (seen != kInDegreeStuck &&
         !degree.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen + 1),
                                       std::memory_order_relaxed)) {
  }
  mark(slot);
}

void NodeArray::drop_in_link(std::uint32_t slot) {
  auto degree = byte(slot, 12);
  std::uint8_t seen = degree.load(std::memory_order_relaxed);
  while (seen != kInDegreeStuck && seen != 0 &&
         !degree.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen - 1),
                                       std::memory_order_relaxed)) {
  }
  mark(slot);
}

void NodeArray::lock(std::uint32_t slot) {
  auto word = byte(slot, 13);
  while (word.exchange(1, std::memory_order_acquire) != 0) {
    for (unsigned spins = 0; word.load(std::memory_order_relaxed) != 0; ++spins) {
      // Its holder needs a microsecond; if it takes longer, it may be waiting for this processor.
      if (spins < kSpinsMax) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
  }
}

}  // namespace omen::engine
