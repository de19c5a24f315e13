#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/api/catalog.h"

/// The bytes of a checkpoint file; README.md shows them as a table. Little-endian, as all machines
/// OmenDB runs on.
namespace omen::engine {

constexpr std::uint64_t kCheckpointMagic = 0x584456524E454D4F;  // "OMENRVDX"
constexpr std::uint32_t kCheckpointVersion = 2;
constexpr std::size_t kCheckpointPageBytes = 4096;
constexpr std::size_t kCrcBlockBytes = 65536;  ///< of the node section, one checksum each

enum CheckpointSection : std::uint8_t {
  kSectionMean,      ///< float[space dimensions], empty before training
  kSectionSlots,     ///< SlotEntry[slot_count]
  kSectionNulls,     ///< SlotEntry[null_count]
  kSectionUncoded,   ///< uint32[] slots compared exactly
  kSectionUpper,     ///< uint32[(m + 1) * upper_count]
  kSectionNodeCrcs,  ///< uint32 per kCrcBlockBytes of kSectionNodes
  kSectionNodes,     ///< node blocks, slot_count of them once trained
  kSectionCount
};

struct CheckpointPlace {
  std::uint64_t offset = 0;  ///< a multiple of kCheckpointPageBytes
  std::uint64_t size_bytes = 0;
  std::uint32_t crc = 0;  ///< CRC-32C; 0 for kSectionNodes (see kSectionNodeCrcs)
  std::uint32_t reserved = 0;
};

/// The first page, zero behind this. `crc` covers the struct up to itself.
struct CheckpointHeader {
  std::uint64_t magic = kCheckpointMagic;
  std::uint32_t version = kCheckpointVersion;
  std::uint32_t dimensions = 0;
  std::uint32_t metric = 0;
  std::uint32_t m = 0;
  std::uint32_t element = 0;
  std::uint32_t quantization = 0;
  std::uint32_t stride_bytes = 0;
  std::uint32_t reserved = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t generation = 0;
  std::uint64_t cursor = 0;
  std::uint64_t seed = 0;
  std::uint32_t trained_rows = 0;  ///< 0: no codes
  float norm_max = 0;
  std::uint32_t slot_count = 0;
  std::uint32_t null_count = 0;
  std::uint32_t linked_count = 0;
  std::uint32_t upper_count = 0;
  std::uint32_t dead_slots = 0;
  std::uint32_t dead_nulls = 0;
  std::uint32_t entry_slot = 0;
  std::uint32_t entry_level = 0;
  std::uint32_t entry_present = 0;
  std::uint32_t calibrated = 0;
  float recall[8] = {};
  CheckpointPlace sections[kSectionCount];
  std::uint32_t crc = 0;
};
static_assert(sizeof(CheckpointHeader) <= kCheckpointPageBytes);
static_assert(sizeof(CheckpointHeader) % 8 == 0);

}  // namespace omen::engine
