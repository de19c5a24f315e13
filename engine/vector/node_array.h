#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"
#include "engine/vector/reserved_array.h"

namespace omen::engine {

/// Where things lie in a node block. Part of the file format.
///
///     0                  code (code_bytes, a multiple of 8)
///     code_bytes         float add, float factor, uint16 ones (CodeFactors)
///     code_bytes + 10    uint8 link count
///     code_bytes + 11    uint8 level
///     code_bytes + 12    uint8 in-degree, sticks at 255
///     code_bytes + 13    uint8 writer's lock
///     code_bytes + 14    2 bytes zero
///     code_bytes + 16    uint32 links[links_max], which fill the block to a multiple of 64 bytes
struct NodeLayout {
  NodeLayout() = default;
  NodeLayout(std::size_t code_size_bytes, std::size_t m);

  std::size_t code_bytes = 0;
  std::size_t stride_bytes = 0;
  std::uint32_t links_max = 0;
  std::uint32_t upper_links_max = 0;

  [[nodiscard]] std::size_t links_offset() const { return code_bytes + 16; }
  /// 32-bit words of one upper list: count, then links.
  [[nodiscard]] std::size_t upper_words() const { return upper_links_max + 1; }
};

/// The graph: node blocks by slot number and the link lists of the upper levels.
///
/// **Threads and memory model:** codes are written before their slot is published (SlotTable) and
/// never change. Links, counts, levels and in-degrees are single atomic bytes and words, written
/// under the node's lock byte and read with no lock. A reader may see a list half replaced: every
/// word in it is the number of a published node at any time, so that any mixture is a list of valid
/// links, if not the newest. Readers skip numbers at or above the slot count they started from;
/// whose code they then read was published before that count was loaded (acquire), which is why
/// relaxed order suffices for links. An upper list is allocated (zeroed) and announced by a release
/// store in the slot's state before any link to its node on that level exists.
class NodeArray {
 public:
  static Result<NodeArray> create(const NodeLayout& layout, std::size_t slots_max);
  NodeArray() = default;
  NodeArray(NodeArray&& other) noexcept { *this = std::move(other); }
  NodeArray& operator=(NodeArray&& other) noexcept;

  [[nodiscard]] const NodeLayout& layout() const { return layout_; }
  [[nodiscard]] CodeArray codes() const {
    return {blocks_.data(), layout_.stride_bytes, layout_.code_bytes};
  }
  [[nodiscard]] unsigned char* node(std::uint32_t slot) const {
    return const_cast<unsigned char*>(blocks_.data()) + slot * layout_.stride_bytes;
  }

  [[nodiscard]] std::uint32_t link_count(std::uint32_t slot) const {
    return byte(slot, 10).load(std::memory_order_relaxed);
  }
  void set_link_count(std::uint32_t slot, std::uint32_t count) {
    byte(slot, 10).store(static_cast<std::uint8_t>(count), std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t level(std::uint32_t slot) const {
    return byte(slot, 11).load(std::memory_order_relaxed);
  }
  void set_level(std::uint32_t slot, std::uint32_t level) {
    byte(slot, 11).store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t in_degree(std::uint32_t slot) const {
    return byte(slot, 12).load(std::memory_order_relaxed);
  }
  void add_in_link(std::uint32_t slot);
  void drop_in_link(std::uint32_t slot);
  void lock(std::uint32_t slot);
  void unlock(std::uint32_t slot) { byte(slot, 13).store(0, std::memory_order_release); }

  [[nodiscard]] std::atomic_ref<std::uint32_t> link(std::uint32_t slot, std::uint32_t index) const {
    return std::atomic_ref<std::uint32_t>(links(slot)[index]);
  }
  [[nodiscard]] std::uint32_t* links(std::uint32_t slot) const {
    return reinterpret_cast<std::uint32_t*>(node(slot) + layout_.links_offset());
  }

  /// Upper list number `place` (see SlotTable::upper; levels of a node follow one another).
  [[nodiscard]] std::uint32_t* upper_list(std::size_t place) const {
    return reinterpret_cast<std::uint32_t*>(const_cast<unsigned char*>(upper_.data())) +
           place * layout_.upper_words();
  }
  [[nodiscard]] std::atomic_ref<std::uint32_t> upper_word(std::size_t place,
                                                          std::size_t word) const {
    return std::atomic_ref<std::uint32_t>(upper_list(place)[word]);
  }
  /// Takes `count` zeroed lists; the place of the first.
  std::uint32_t take_upper(std::uint32_t count) {
    return upper_used_.fetch_add(count, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t upper_used() const {
    return upper_used_.load(std::memory_order_relaxed);
  }
  void restore_upper(std::uint32_t used) { upper_used_.store(used, std::memory_order_relaxed); }

  ReservedArray& blocks() { return blocks_; }
  ReservedArray& upper() { return upper_; }

 private:
  [[nodiscard]] std::atomic_ref<std::uint8_t> byte(std::uint32_t slot, std::size_t offset) const {
    return std::atomic_ref<std::uint8_t>(*(node(slot) + layout_.code_bytes + offset));
  }

  NodeLayout layout_;
  ReservedArray blocks_;
  ReservedArray upper_;
  std::atomic<std::uint32_t> upper_used_{0};
};

}  // namespace omen::engine
