#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/vector/reserved_array.h"
#include "engine/vector/unit_marks.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// What is known of a slot besides its code and its vector. Part of the file format. Row ids and
/// xids have 48 bits: a hundred thousand a second for ninety years.
struct SlotEntry {
  std::uint32_t row_id_low = 0;
  std::uint32_t xid_low = 0;
  std::uint16_t row_id_high = 0;
  std::uint16_t xid_high = 0;
  std::uint32_t vector_crc = 0;  ///< CRC-32C of the row in the vector file
  std::uint32_t state = 0;       ///< slot_flag bits; from bit 8 on: place of the upper links + 1

  static constexpr std::uint64_t kNumberMax = (std::uint64_t{1} << 48) - 1;
  [[nodiscard]] VectorKey key() const {
    return {std::uint64_t{row_id_high} << 32 | row_id_low, std::uint64_t{xid_high} << 32 | xid_low};
  }
  void set_key(const VectorKey& key) {
    row_id_low = static_cast<std::uint32_t>(key.row_id);
    row_id_high = static_cast<std::uint16_t>(key.row_id >> 32);
    xid_low = static_cast<std::uint32_t>(key.xid);
    xid_high = static_cast<std::uint16_t>(key.xid >> 32);
  }
};
static_assert(sizeof(SlotEntry) == 20);

namespace slot_flag {
constexpr std::uint32_t kDead = 1;     ///< for all snapshots
constexpr std::uint32_t kZero = 2;     ///< no distance under this metric (cosine of a zero vector)
constexpr std::uint32_t kUncoded = 4;  ///< its code would not be finite: compared exactly, always
constexpr std::uint32_t kUnverified =
    8;                                  ///< vector not yet compared with its checksum since open()
constexpr std::uint32_t kFree = 16;     ///< no entry: never filled, being filled, or taken out
constexpr std::uint32_t kPending = 32;  ///< not in the graph
constexpr std::uint32_t kCoarse = 64;   ///< linked in a hurry, to be linked better
constexpr std::uint32_t kFineUnverified = 128;  ///< the same as kUnverified of its fine code
constexpr std::uint32_t kAll = 255;
/// Never a node of the graph, whatever happens.
constexpr std::uint32_t kNoNode = kZero | kUncoded;
}  // namespace slot_flag

/// Slot entries by slot number. A slot is free, then filled by one writer, then published; once
/// taken out it is free again, and filled anew when no reader of its former life is left (see
/// SlotAllocator). Its level and the place of its upper links stay with it for ever.
///
/// **Threads:** add(), publish() and set_free() by one thread at a time. A reader loads the count
/// (acquire) and a slot's flags (acquire): without kFree, row id, xid, checksum, code and vector
/// are there (publish() is a release store) and stay as they are until the reader's epoch ends. The
/// other flags are independent facts.
class SlotTable {
 public:
  static Result<SlotTable> create(std::size_t slots_max) {
    SlotTable table;
    OMEN_ASSIGN(table.entries_, ReservedArray::reserve(slots_max * sizeof(SlotEntry),
                                                       slots_max * sizeof(SlotEntry)));
    OMEN_ASSIGN(table.marks_, UnitMarks::create(slots_max / kUnitSlots + 1));
    return table;
  }
  SlotTable() = default;
  SlotTable(SlotTable&& other) noexcept
      : entries_(std::move(other.entries_)),
        marks_(std::move(other.marks_)),
        count_(other.count()) {}
  SlotTable& operator=(SlotTable&& other) noexcept {
    entries_ = std::move(other.entries_);
    marks_ = std::move(other.marks_);
    count_.store(other.count(), std::memory_order_relaxed);
    return *this;
  }

  [[nodiscard]] std::uint32_t count() const { return count_.load(std::memory_order_acquire); }
  /// One more slot, free; its number.
  std::uint32_t add() {
    const std::uint32_t slot = count_.load(std::memory_order_relaxed);
    state_of(slot).store(slot_flag::kFree, std::memory_order_relaxed);
    mark(slot);
    count_.store(slot + 1, std::memory_order_release);
    return slot;
  }
  /// Gives a free slot an entry; code and vector are there.
  void publish(std::uint32_t slot, const VectorKey& key, std::uint32_t vector_crc,
               std::uint32_t flags) {
    SlotEntry& filled = entry(slot);
    filled.set_key(key);
    filled.vector_crc = vector_crc;
    state_of(slot).store((state(slot) & ~slot_flag::kAll) | flags, std::memory_order_release);
    mark(slot);
  }
  void set_free(std::uint32_t slot) {
    state_of(slot).store((state(slot) & ~slot_flag::kAll) | slot_flag::kFree,
                         std::memory_order_release);
    mark(slot);
  }
  /// After map_file of the array: the first `count` entries are there.
  void restore(std::uint32_t count) { count_.store(count, std::memory_order_release); }
  ReservedArray& array() { return entries_; }
  /// Of kUnitSlots slots each.
  UnitMarks& marks() { return marks_; }
  static constexpr std::size_t kUnitSlots = 128;

  void prefetch(std::uint32_t slot) const { __builtin_prefetch(&entry(slot)); }
  [[nodiscard]] VectorKey key(std::uint32_t slot) const { return entry(slot).key(); }
  [[nodiscard]] std::uint32_t vector_crc(std::uint32_t slot) const {
    return entry(slot).vector_crc;
  }
  [[nodiscard]] std::uint32_t state(std::uint32_t slot) const {
    return state_of(slot).load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint32_t flags(std::uint32_t slot) const {
    return state(slot) & slot_flag::kAll;
  }
  /// Returns the flags before.
  std::uint32_t set(std::uint32_t slot, std::uint32_t flags) {
    const std::uint32_t before =
        state_of(slot).fetch_or(flags, std::memory_order_relaxed) & slot_flag::kAll;
    mark(slot);
    return before;
  }
  void clear(std::uint32_t slot, std::uint32_t flags) {
    state_of(slot).fetch_and(~flags, std::memory_order_release);
    mark(slot);
  }
  /// Vector or fine code have been compared with their checksums. Files always say that they have
  /// not.
  void clear_verified(std::uint32_t slot, std::uint32_t flag) const {
    state_of(slot).fetch_and(~flag, std::memory_order_relaxed);
  }
  /// Place of the slot's upper links, or -1 if it lies on the lowest level alone. Acquire: pairs
  /// with the release of set_upper(), so that the lists are seen empty or filled.
  [[nodiscard]] std::int64_t upper(std::uint32_t slot) const {
    return static_cast<std::int64_t>(state_of(slot).load(std::memory_order_acquire) >> 8) - 1;
  }
  void set_upper(std::uint32_t slot, std::uint32_t place) {
    state_of(slot).fetch_or((place + 1) << 8, std::memory_order_release);
    mark(slot);
  }
  static constexpr std::uint32_t kUpperMax = (std::uint32_t{1} << 24) - 2;

 private:
  [[nodiscard]] SlotEntry& entry(std::uint32_t slot) const {
    return reinterpret_cast<SlotEntry*>(const_cast<unsigned char*>(entries_.data()))[slot];
  }
  [[nodiscard]] std::atomic_ref<std::uint32_t> state_of(std::uint32_t slot) const {
    return std::atomic_ref<std::uint32_t>(entry(slot).state);
  }

  void mark(std::uint32_t slot) const { marks_.mark(slot / kUnitSlots); }

  ReservedArray entries_;
  UnitMarks marks_;
  std::atomic<std::uint32_t> count_{0};
};

}  // namespace omen::engine
