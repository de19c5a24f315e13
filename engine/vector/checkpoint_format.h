#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/api/catalog.h"
#include "engine/vector/node_array.h"
#include "engine/vector/slot_table.h"

/// The bytes of the files of a checkpoint; docs/vector-index.md has tables. Little-endian, as all
/// machines OmenDB runs on.
namespace omen::engine {

constexpr std::uint64_t kCheckpointMagic = 0x584456524E454D4F;  // "OMENRVDX"
constexpr std::uint64_t kBaseMagic = 0x534256524E454D4F;        // "OMENRVBS"
constexpr std::uint32_t kCheckpointVersion = 4;
constexpr std::size_t kCheckpointPageBytes = 4096;

/// What a base file holds and a delta file changes: arrays of units, each with a checksum.
enum CheckpointArray : std::uint8_t {
  kArraySlots,  ///< SlotEntry, SlotTable::kUnitSlots a unit
  kArrayNulls,  ///< likewise
  kArrayUpper,  ///< uint32[m + 1] lists, NodeArray::kUnitLists a unit
  kArrayNodes,  ///< node blocks, one a unit; none before training
  kArrayCount
};

/// How an array is cut into units; the last may be short.
struct ArrayShape {
  std::size_t entry_bytes = 0;
  std::size_t unit_entries = 0;
  [[nodiscard]] std::size_t unit_bytes() const { return entry_bytes * unit_entries; }
  [[nodiscard]] std::size_t units(std::size_t entries) const {
    return (entries + unit_entries - 1) / unit_entries;
  }
};
inline ArrayShape array_shape(CheckpointArray array, const NodeLayout& layout) {
  switch (array) {
    case kArrayUpper:
      return {layout.upper_words() * sizeof(std::uint32_t), NodeArray::kUnitLists};
    case kArrayNodes:
      return {layout.stride_bytes, 1};
    default:
      return {sizeof(SlotEntry), SlotTable::kUnitSlots};
  }
}

/// The file `checkpoint`: this, then `mean_count` floats. `crc` covers all but itself.
struct CheckpointHeader {
  std::uint64_t magic = kCheckpointMagic;
  std::uint32_t version = kCheckpointVersion;
  std::uint32_t crc = 0;
  std::uint32_t dimensions = 0;
  std::uint32_t metric = 0;
  std::uint32_t m = 0;
  std::uint32_t element = 0;
  std::uint32_t quantization = 0;
  std::uint32_t stride_bytes = 0;
  std::uint32_t mean_count = 0;
  std::uint32_t reserved = 0;
  std::uint64_t generation = 0;
  std::uint64_t cursor = 0;
  std::uint64_t seed = 0;
  std::uint64_t base = 0;          ///< number of the base and the delta file
  std::uint64_t delta_bytes = 0;   ///< of the delta file; what follows is of no checkpoint
  std::uint32_t trained_rows = 0;  ///< 0: no codes
  float norm_max = 0;
  float residual_norm = 0;
  std::uint32_t counts[kArrayCount] = {};  ///< entries
  std::uint32_t graph_begun = 0;
  std::uint32_t entry_slot = 0;
  std::uint32_t entry_level = 0;
  std::uint32_t entry_present = 0;
  std::uint32_t calibrated = 0;
  float recall[10] = {};
};
static_assert(sizeof(CheckpointHeader) == 176);

struct BasePlace {
  std::uint64_t offset = 0;       ///< a multiple of kCheckpointPageBytes
  std::uint64_t crcs_offset = 0;  ///< a CRC-32C (4 bytes) a unit
  std::uint32_t entries = 0;
  std::uint32_t crcs_crc = 0;
};

/// The first page of a base file, zero behind this. `crc` covers all but itself.
struct BaseHeader {
  std::uint64_t magic = kBaseMagic;
  std::uint32_t version = kCheckpointVersion;
  std::uint32_t crc = 0;
  std::uint64_t number = 0;
  std::uint64_t file_bytes = 0;
  BasePlace places[kArrayCount];
};
static_assert(sizeof(BaseHeader) == 128);

/// A delta file is a row of these, each followed by `size_bytes` bytes: a unit as it is from then
/// on. `crc` covers the other fields and those bytes.
struct DeltaRecord {
  std::uint32_t array = 0;
  std::uint32_t unit = 0;
  std::uint32_t size_bytes = 0;
  std::uint32_t crc = 0;
};
static_assert(sizeof(DeltaRecord) == 16);

}  // namespace omen::engine
