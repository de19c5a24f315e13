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
  const std::size_t upper_bytes = (slots_max * 4 / layout.upper_links_max + 1024) *
                                  layout.upper_words() * sizeof(std::uint32_t);
  OMEN_ASSIGN(array.upper_, ReservedArray::reserve(upper_bytes, upper_bytes));
  return array;
}

NodeArray& NodeArray::operator=(NodeArray&& other) noexcept {
  layout_ = other.layout_;
  blocks_ = std::move(other.blocks_);
  upper_ = std::move(other.upper_);
  upper_used_.store(other.upper_used(), std::memory_order_relaxed);
  return *this;
}

void NodeArray::add_in_link(std::uint32_t slot) {
  auto degree = byte(slot, 12);
  std::uint8_t seen = degree.load(std::memory_order_relaxed);
  while (seen != kInDegreeStuck &&
         !degree.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen + 1),
                                       std::memory_order_relaxed)) {
  }
}

void NodeArray::drop_in_link(std::uint32_t slot) {
  auto degree = byte(slot, 12);
  std::uint8_t seen = degree.load(std::memory_order_relaxed);
  while (seen != kInDegreeStuck && seen != 0 &&
         !degree.compare_exchange_weak(seen, static_cast<std::uint8_t>(seen - 1),
                                       std::memory_order_relaxed)) {
  }
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
