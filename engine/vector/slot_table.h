#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/vector/reserved_array.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// What is known of a slot besides its code and its vector. Part of the file format.
struct SlotEntry {
  RowId row_id = 0;
  Xid xid = 0;
  std::uint32_t vector_crc = 0;  ///< CRC-32C of the row in the vector file
  std::uint32_t state = 0;       ///< SlotFlag bits; from bit 4 on: place of the upper links + 1
};
static_assert(sizeof(SlotEntry) == 24);

namespace slot_flag {
constexpr std::uint32_t kDead = 1;     ///< for all snapshots
constexpr std::uint32_t kZero = 2;     ///< no distance under this metric (cosine of a zero vector)
constexpr std::uint32_t kUncoded = 4;  ///< its code would not be finite: compared exactly, always
constexpr std::uint32_t kUnverified =
    8;  ///< vector not yet compared with its checksum since open()
constexpr std::uint32_t kAll = 15;
}  // namespace slot_flag

/// Slot entries by slot number.
///
/// **Threads:** append() by one thread at a time; it publishes with a release store of the count.
/// A reader loads the count (acquire) once and stays below it; row id, xid and checksum are then
/// constant, the state word is atomic (flags are independent facts, so relaxed order is enough).
class SlotTable {
 public:
  static Result<SlotTable> create(std::size_t slots_max) {
    SlotTable table;
    OMEN_ASSIGN(table.entries_, ReservedArray::reserve(slots_max * sizeof(SlotEntry),
                                                       slots_max * sizeof(SlotEntry)));
    return table;
  }
  SlotTable() = default;
  SlotTable(SlotTable&& other) noexcept
      : entries_(std::move(other.entries_)), count_(other.count()) {}
  SlotTable& operator=(SlotTable&& other) noexcept {
    entries_ = std::move(other.entries_);
    count_.store(other.count(), std::memory_order_relaxed);
    return *this;
  }

  [[nodiscard]] std::uint32_t count() const { return count_.load(std::memory_order_acquire); }
  /// The entry number count(), for the writer to fill before publish().
  SlotEntry& next() { return entry(count_.load(std::memory_order_relaxed)); }
  void publish() { count_.fetch_add(1, std::memory_order_release); }
  /// After map_file of the array: the first `count` entries are there.
  void restore(std::uint32_t count) { count_.store(count, std::memory_order_release); }
  ReservedArray& array() { return entries_; }

  void prefetch(std::uint32_t slot) const { __builtin_prefetch(&entry(slot)); }
  [[nodiscard]] VectorKey key(std::uint32_t slot) const {
    return {entry(slot).row_id, entry(slot).xid};
  }
  [[nodiscard]] std::uint32_t vector_crc(std::uint32_t slot) const {
    return entry(slot).vector_crc;
  }
  [[nodiscard]] std::uint32_t state(std::uint32_t slot) const {
    return state_of(slot).load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t flags(std::uint32_t slot) const {
    return state(slot) & slot_flag::kAll;
  }
  /// Returns the flags before.
  std::uint32_t set(std::uint32_t slot, std::uint32_t flags) {
    return state_of(slot).fetch_or(flags, std::memory_order_relaxed) & slot_flag::kAll;
  }
  void clear(std::uint32_t slot, std::uint32_t flags) const {
    state_of(slot).fetch_and(~flags, std::memory_order_relaxed);
  }
  /// Place of the slot's upper links, or -1 if it lies on the lowest level alone. Acquire: pairs
  /// with the release of set_upper(), so that the lists are seen empty or filled.
  [[nodiscard]] std::int64_t upper(std::uint32_t slot) const {
    return static_cast<std::int64_t>(state_of(slot).load(std::memory_order_acquire) >> 4) - 1;
  }
  void set_upper(std::uint32_t slot, std::uint32_t place) {
    state_of(slot).fetch_or((place + 1) << 4, std::memory_order_release);
  }

 private:
  [[nodiscard]] SlotEntry& entry(std::uint32_t slot) const {
    return reinterpret_cast<SlotEntry*>(const_cast<unsigned char*>(entries_.data()))[slot];
  }
  [[nodiscard]] std::atomic_ref<std::uint32_t> state_of(std::uint32_t slot) const {
    return std::atomic_ref<std::uint32_t>(entry(slot).state);
  }

  ReservedArray entries_;
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace omen::engine
