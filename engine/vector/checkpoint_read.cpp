#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "engine/base/blocking.h"
#include "engine/base/failpoint.h"
#include "engine/vector/checkpoint.h"

namespace omen::engine {
namespace {

/// Header and mean.
Status read_header(const std::filesystem::path& directory, CheckpointHeader& header,
                   std::vector<float>& mean) {
  OMEN_ASSIGN(const CheckpointFile file, CheckpointFile::open(directory / "checkpoint"));
  OMEN_ASSIGN(const std::uint64_t size_bytes, file.size_bytes());
  OMEN_TRY(file.read(&header, sizeof(header), 0));
  if (header.magic != kCheckpointMagic) {
    return checkpoint_damaged("it is no checkpoint");
  }
  if (header.version != kCheckpointVersion) {
    return checkpoint_damaged("its version is " + std::to_string(header.version));
  }
  if (size_bytes != sizeof(header) + std::uint64_t{header.mean_count} * sizeof(float)) {
    return checkpoint_damaged("its length");
  }
  mean.resize(header.mean_count);
  OMEN_TRY(file.read(mean.data(), mean.size() * sizeof(float), sizeof(header)));
  CheckpointHeader plain = header;
  plain.crc = 0;
  const std::uint32_t crc = kernels().crc32c(kernels().crc32c(0, &plain, sizeof(plain)),
                                             mean.data(), mean.size() * sizeof(float));
  return crc == header.crc ? Status() : checkpoint_damaged("its header");
}

Status check_header(const CheckpointHeader& header, const VectorIndexOptions& options,
                    const Generation& generation) {
  const NodeLayout& layout = generation.nodes().layout();
  if (header.m != layout.upper_links_max || header.stride_bytes != layout.stride_bytes ||
      header.quantization != static_cast<std::uint32_t>(options.quantization)) {
    return checkpoint_damaged("it is of another index");
  }
  const std::size_t width = generation.shape().space_dimensions;
  if (header.mean_count != (header.trained_rows == 0 ? 0 : width) ||
      header.counts[kArraySlots] > generation.slots_max() ||
      header.counts[kArrayNulls] > generation.slots_max() ||
      header.counts[kArrayNodes] != (header.trained_rows == 0 ? 0 : header.counts[kArraySlots]) ||
      (header.entry_present != 0 && header.entry_slot >= header.counts[kArraySlots])) {
    return checkpoint_damaged("its counts");
  }
  return {};
}

Status read_base_header(const CheckpointFile& file, std::uint64_t number, BaseHeader& base) {
  OMEN_ASSIGN(const std::uint64_t size_bytes, file.size_bytes());
  OMEN_TRY(file.read(&base, sizeof(base), 0));
  BaseHeader plain = base;
  plain.crc = 0;
  if (base.magic != kBaseMagic || base.version != kCheckpointVersion || base.number != number ||
      base.crc != kernels().crc32c(0, &plain, sizeof(plain)) || size_bytes != base.file_bytes) {
    return checkpoint_damaged("its base");
  }
  return {};
}

Status read_crcs(const CheckpointFile& file, const BasePlace& place, const ArrayShape& shape,
                 std::vector<std::uint32_t>& crcs) {
  crcs.resize(shape.units(place.entries));
  const std::size_t size_bytes = crcs.size() * sizeof(std::uint32_t);
  OMEN_TRY(file.read(crcs.data(), size_bytes, place.crcs_offset));
  return kernels().crc32c(0, crcs.data(), size_bytes) == place.crcs_crc
             ? Status()
             : checkpoint_damaged("its checksums");
}

ReservedArray& array_of(Generation& generation, CheckpointArray array) {
  switch (array) {
    case kArraySlots:
      return generation.slots().array();
    case kArrayNulls:
      return generation.nulls().array();
    case kArrayUpper:
      return generation.nodes().upper();
    default:
      return generation.nodes().blocks();
  }
}

Status map_arrays(const CheckpointFile& file, const BaseHeader& base, Generation& generation) {
  for (std::uint8_t i = 0; i < kArrayCount; ++i) {
    const auto array = static_cast<CheckpointArray>(i);
    const ArrayShape shape = array_shape(array, generation.nodes().layout());
    const BasePlace& place = base.places[i];
    const std::uint64_t size_bytes = std::uint64_t{place.entries} * shape.entry_bytes;
    if (place.offset % kCheckpointPageBytes != 0 || place.offset > base.file_bytes ||
        size_bytes > base.file_bytes - place.offset) {
      return checkpoint_damaged("its table of arrays");
    }
    OMEN_TRY(array_of(generation, array).map_file(file.number(), place.offset, size_bytes));
  }
  return {};
}

/// Puts the units of the delta file in their places, in its order.
Status apply_delta(const std::filesystem::path& directory, const CheckpointHeader& header,
                   OpenedCheckpoint& opened) {
  if (header.delta_bytes == 0) {
    return {};
  }
  OMEN_ASSIGN(const CheckpointFile file, CheckpointFile::open(directory / delta_name(header.base)));
  OMEN_ASSIGN(const std::uint64_t size_bytes, file.size_bytes());
  if (size_bytes < header.delta_bytes) {
    return checkpoint_damaged("its delta is too short");
  }
  OMEN_ASSIGN(ReservedArray mapping,
              ReservedArray::reserve(header.delta_bytes, header.delta_bytes));
  OMEN_TRY(mapping.map_file(file.number(), 0, header.delta_bytes));
  const std::span<const unsigned char> bytes(mapping.data(), header.delta_bytes);
  const NodeLayout& layout = opened.generation->nodes().layout();
  for (std::size_t at = 0; at < bytes.size();) {
    DeltaRecord record;
    if (bytes.size() - at < sizeof(record)) {
      return checkpoint_damaged("its delta");
    }
    std::memcpy(&record, bytes.data() + at, sizeof(record));
    at += sizeof(record);
    if (record.array >= kArrayCount || record.size_bytes > bytes.size() - at) {
      return checkpoint_damaged("its delta");
    }
    const auto array = static_cast<CheckpointArray>(record.array);
    const ArrayShape shape = array_shape(array, layout);
    ReservedArray& target = array_of(*opened.generation, array);
    const std::uint64_t place = record.unit * shape.unit_bytes();
    const std::uint32_t crc =
        kernels().crc32c(kernels().crc32c(0, &record, offsetof(DeltaRecord, crc)),
                         bytes.data() + at, record.size_bytes);
    if (crc != record.crc || record.size_bytes > shape.unit_bytes() ||
        place + record.size_bytes > target.capacity_bytes()) {
      return checkpoint_damaged("its delta");
    }
    std::memcpy(target.data() + place, bytes.data() + at, record.size_bytes);
    at += record.size_bytes;
    std::vector<bool>& replaced = opened.replaced[array];
    if (replaced.size() <= record.unit) {
      replaced.resize(record.unit + 1);
    }
    replaced[record.unit] = true;
  }
  return {};
}

bool is_replaced(const OpenedCheckpoint& opened, CheckpointArray array, std::size_t unit) {
  return unit < opened.replaced[array].size() && opened.replaced[array][unit];
}

/// What nobody would notice later: a lost or wrong slot.
Status verify_slots(const CheckpointFile& file, const BaseHeader& base,
                    const OpenedCheckpoint& opened) {
  for (const CheckpointArray array : {kArraySlots, kArrayNulls}) {
    const ArrayShape shape = array_shape(array, opened.generation->nodes().layout());
    const BasePlace& place = base.places[array];
    std::vector<std::uint32_t> crcs;
    OMEN_TRY(read_crcs(file, place, shape, crcs));
    const unsigned char* bytes = array_of(*opened.generation, array).data();
    const std::size_t end = place.entries * shape.entry_bytes;
    for (std::size_t unit = 0; unit < crcs.size(); ++unit) {
      const std::size_t begin = unit * shape.unit_bytes();
      if (!is_replaced(opened, array, unit) &&
          kernels().crc32c(0, bytes + begin, std::min(shape.unit_bytes(), end - begin)) !=
              crcs[unit]) {
        return checkpoint_damaged("a slot");
      }
    }
  }
  return {};
}

void restore_graph(const CheckpointHeader& header, std::vector<float> mean,
                   Generation& generation) {
  CodeParameters parameters;
  parameters.seed = header.seed;
  parameters.row_count = header.trained_rows;
  parameters.residual_norm = header.residual_norm;
  parameters.norm_max = header.norm_max;
  parameters.mean = std::move(mean);
  generation.restore_space(std::move(parameters));
  generation.nodes().restore_upper(header.counts[kArrayUpper]);
  if (header.entry_present != 0) {
    generation.entry().store(header.entry_slot, header.entry_level);
  }
  if (header.graph_begun != 0) {
    generation.restore_graph();
  }
  if (header.calibrated != 0) {
    std::array<float, kCalibrationPools.size()> recall{};
    std::copy(std::begin(header.recall), std::end(header.recall), recall.begin());
    generation.calibration().set(recall);
  }
}

}  // namespace

Result<OpenedCheckpoint> read_checkpoint(const std::filesystem::path& directory,
                                         const VectorIndexOptions& options) {
  const BlockingScope blocking;
  CheckpointHeader header;
  std::vector<float> mean;
  OMEN_TRY(read_header(directory, header, mean));
  if (header.dimensions != options.dimensions ||
      header.metric != static_cast<std::uint32_t>(options.metric) ||
      header.element != static_cast<std::uint32_t>(options.element)) {
    return checkpoint_damaged("it is of another index");
  }
  OpenedCheckpoint opened;
  opened.cursor = header.cursor;
  OMEN_ASSIGN(opened.generation,
              Generation::restore(directory, header.generation, options, header.counts[kArraySlots],
                                  header.trained_rows != 0));
  OMEN_TRY(check_header(header, options, *opened.generation));
  Result<CheckpointFile> file = CheckpointFile::open(directory / base_name(header.base));
  if (!file.ok()) {
    return file.status().code() == StatusCode::NotFound ? checkpoint_damaged("its base is missing")
                                                        : file.status();
  }
  BaseHeader base;
  OMEN_TRY(read_base_header(file.value(), header.base, base));
  OMEN_TRY(map_arrays(file.value(), base, *opened.generation));
  OMEN_FAILPOINT("vector.open.mapped");
  const Status applied = apply_delta(directory, header, opened);
  if (!applied.ok()) {
    return applied.code() == StatusCode::NotFound ? checkpoint_damaged("its delta is missing")
                                                  : applied;
  }
  OMEN_FAILPOINT("vector.open.delta_applied");
  OMEN_TRY(verify_slots(file.value(), base, opened));
  opened.state = {header.generation, header.base, base.file_bytes, header.delta_bytes};
  opened.generation->nulls().restore(header.counts[kArrayNulls]);
  opened.generation->slots().restore(header.counts[kArraySlots]);
  if (header.trained_rows != 0) {
    restore_graph(header, std::move(mean), *opened.generation);
  }
  return opened;
}

Status verify_graph(const std::filesystem::path& directory, const OpenedCheckpoint& opened,
                    CancelToken& cancel) {
  Result<CheckpointFile> file = CheckpointFile::open(directory / base_name(opened.state.base));
  if (!file.ok()) {
    return file.status().code() == StatusCode::NotFound ? Status() : file.status();
  }
  BaseHeader base;
  OMEN_TRY(read_base_header(file.value(), opened.state.base, base));
  for (const CheckpointArray array : {kArrayUpper, kArrayNodes}) {
    const ArrayShape shape = array_shape(array, opened.generation->nodes().layout());
    const BasePlace& place = base.places[array];
    std::vector<std::uint32_t> crcs;
    OMEN_TRY(read_crcs(file.value(), place, shape, crcs));
    const std::size_t step = std::max<std::size_t>((std::size_t{1} << 20) / shape.unit_bytes(), 1);
    const std::uint64_t end = std::uint64_t{place.entries} * shape.entry_bytes;
    std::vector<unsigned char> bytes;
    for (std::size_t first = 0; first < crcs.size(); first += step) {
      OMEN_TRY(cancel.check());
      const std::uint64_t begin = first * shape.unit_bytes();
      bytes.resize(std::min<std::uint64_t>(step * shape.unit_bytes(), end - begin));
      OMEN_TRY(file.value().read(bytes.data(), bytes.size(), place.offset + begin));
      for (std::size_t unit = first; unit < std::min(first + step, crcs.size()); ++unit) {
        const std::size_t at = (unit - first) * shape.unit_bytes();
        const std::size_t size_bytes = std::min(shape.unit_bytes(), bytes.size() - at);
        if (!is_replaced(opened, array, unit) &&
            kernels().crc32c(0, bytes.data() + at, size_bytes) != crcs[unit]) {
          return checkpoint_damaged(array == kArrayUpper ? "an upper list" : "a node block");
        }
      }
    }
  }
  return {};
}

}  // namespace omen::engine
