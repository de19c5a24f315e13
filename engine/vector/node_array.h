#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"
#include "engine/vector/reserved_array.h"
#include "engine/vector/unit_marks.h"

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
/// **Threads and memory model:** a code is written before its slot is published (SlotTable) and
/// stays until the slot is taken out and no reader is left that may know it. Links, counts, levels
/// and in-degrees are single atomic bytes and words, written under the node's lock byte and read
/// with no lock. Links and counts are stored with release, a new link before the count that covers
/// it, and loaded with acquire: whoever meets a link finds the code of the node it leads to,
/// however young. A reader may see a list half replaced: every word in it has led to a node of the
/// graph since the reader's epoch began, so that any mixture is a list of valid links, if not the
/// newest. Readers skip numbers at or above the slot count they started from (their marks end
/// there). An upper list is emptied and announced by a release store in the slot's state before any
/// link to its node on that level exists.
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
    return byte(slot, 10).load(std::memory_order_acquire);
  }
  void set_link_count(std::uint32_t slot, std::uint32_t count) {
    byte(slot, 10).store(static_cast<std::uint8_t>(count), std::memory_order_release);
    mark(slot);
  }
  /// To be called after a code was written.
  void mark(std::uint32_t slot) const { marks_.mark(slot); }
  [[nodiscard]] std::uint32_t level(std::uint32_t slot) const {
    return byte(slot, 11).load(std::memory_order_relaxed);
  }
  void set_level(std::uint32_t slot, std::uint32_t level) {
    byte(slot, 11).store(static_cast<std::uint8_t>(level), std::memory_order_relaxed);
    mark(slot);
  }
  [[nodiscard]] std::uint32_t in_degree(std::uint32_t slot) const {
    return byte(slot, 12).load(std::memory_order_relaxed);
  }
  /// Makes a slot's node a node without links, before its code is written or it is linked anew.
  void clear(std::uint32_t slot, std::int64_t upper_place);
  void add_in_link(std::uint32_t slot);
  void drop_in_link(std::uint32_t slot);
  void lock(std::uint32_t slot);
  void unlock(std::uint32_t slot) { byte(slot, 13).store(0, std::memory_order_release); }

  [[nodiscard]] std::uint32_t link(std::uint32_t slot, std::uint32_t index) const {
    return std::atomic_ref<std::uint32_t>(links(slot)[index]).load(std::memory_order_acquire);
  }
  void set_link(std::uint32_t slot, std::uint32_t index, std::uint32_t id) {
    std::atomic_ref<std::uint32_t>(links(slot)[index]).store(id, std::memory_order_release);
    mark(slot);
  }
  [[nodiscard]] std::uint32_t* links(std::uint32_t slot) const {
    return reinterpret_cast<std::uint32_t*>(node(slot) + layout_.links_offset());
  }

  /// Upper list number `place` (see SlotTable::upper; levels of a node follow one another).
  [[nodiscard]] std::uint32_t* upper_list(std::size_t place) const {
    return reinterpret_cast<std::uint32_t*>(const_cast<unsigned char*>(upper_.data())) +
           place * layout_.upper_words();
  }
  /// Word 0 is the count, links follow.
  [[nodiscard]] std::uint32_t upper_word(std::size_t place, std::size_t word) const {
    return std::atomic_ref<std::uint32_t>(upper_list(place)[word]).load(std::memory_order_acquire);
  }
  void set_upper_word(std::size_t place, std::size_t word, std::uint32_t value) {
    std::atomic_ref<std::uint32_t>(upper_list(place)[word]).store(value, std::memory_order_release);
    upper_marks_.mark(place / kUnitLists);
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
  /// Of a block each.
  UnitMarks& marks() { return marks_; }
  /// Of kUnitLists upper lists each.
  UnitMarks& upper_marks() { return upper_marks_; }
  static constexpr std::size_t kUnitLists = 16;

 private:
  [[nodiscard]] std::atomic_ref<std::uint8_t> byte(std::uint32_t slot, std::size_t offset) const {
    return std::atomic_ref<std::uint8_t>(*(node(slot) + layout_.code_bytes + offset));
  }

  NodeLayout layout_;
  ReservedArray blocks_;
  ReservedArray upper_;
  UnitMarks marks_;
  UnitMarks upper_marks_;
  std::atomic<std::uint32_t> upper_used_{0};
};

}  // namespace omen::engine
