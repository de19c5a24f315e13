#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/blocking.h"
#include "engine/base/failpoint.h"
#include "engine/vector/checkpoint.h"

namespace omen::engine {
namespace {

constexpr const char* kHeaderName = "checkpoint";
constexpr const char* kNewHeaderName = "checkpoint.new";
constexpr std::uint64_t kDeltaMin = std::uint64_t{4} << 20;
constexpr std::uint64_t kDeltaShare = 4;  // of the base, that open() reads and applies

/// The number in "prefix.number", or nothing.
bool parse_number(std::string_view name, std::string_view prefix, std::uint64_t& number) {
  if (!name.starts_with(prefix)) {
    return false;
  }
  name.remove_prefix(prefix.size());
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == name.data() + name.size();
}

/// What was added since `count` was read may lie in the last unit and have lost its mark.
void mark_again(const CheckpointImage& image, CheckpointArray array, std::uint32_t count) {
  if (image.count(array) > count && count > 0) {
    image.marks(array).mark(image.shape(array).units(count) - 1);
  }
}

/// After the arrays were copied, so that the header leads to nothing that is not in them.
void fill_header(const CheckpointImage& image, CheckpointHeader& header) {
  const Generation& generation = image.generation();
  header.dimensions = generation.options().dimensions;
  header.metric = static_cast<std::uint32_t>(generation.options().metric);
  header.m = generation.nodes().layout().upper_links_max;
  header.element = static_cast<std::uint32_t>(generation.options().element);
  header.quantization = static_cast<std::uint32_t>(generation.options().quantization);
  header.stride_bytes = static_cast<std::uint32_t>(generation.nodes().layout().stride_bytes);
  header.generation = generation.number();
  const CodeSpace* space = image.space();
  if (space == nullptr) {
    return;
  }
  header.seed = space->parameters().seed;
  header.trained_rows = space->parameters().row_count;
  header.norm_max = space->parameters().norm_max;
  header.residual_norm = space->parameters().residual_norm;
  header.mean_count = static_cast<std::uint32_t>(space->parameters().mean.size());
  header.graph_begun = generation.graph_begun() ? 1 : 0;
  const GraphEntry entry = image.entry();
  header.entry_present = entry.present ? 1 : 0;
  header.entry_slot = entry.present ? entry.slot : 0;
  header.entry_level = entry.present ? entry.level : 0;
  header.calibrated = generation.calibration().measured() ? 1 : 0;
  for (std::size_t i = 0; i < kCalibrationPools.size(); ++i) {
    header.recall[i] = generation.calibration().recall(i);
  }
}

/// Node blocks are those of the slots copied before.
std::uint32_t entries_of(const CheckpointImage& image, CheckpointArray array,
                         const CheckpointHeader& header) {
  if (array != kArrayNodes) {
    return image.count(array);
  }
  return image.space() != nullptr ? header.counts[kArraySlots] : 0;
}

}  // namespace

std::filesystem::path base_name(std::uint64_t number) {
  return "base." + std::to_string(number);
}

std::filesystem::path delta_name(std::uint64_t number) {
  return "delta." + std::to_string(number);
}

Status CheckpointWriter::write(Generation& generation, Xid cursor, bool base_allowed,
                               CancelToken& cancel) {
  const BlockingScope blocking;
  const bool first = state_.base == 0 || state_.generation != generation.number();
  const bool known = states_of_ == generation.number();
  CheckpointImage image(generation, known ? std::move(states_) : CheckpointImage::States());
  states_of_ = 0;
  if (!first && !known) {
    image.load_states();
  }
  CheckpointHeader header;
  header.cursor = cursor;
  const bool base = first || marks_lost_ || (base_allowed && wants_base(image));
  if (!base) {
    Taken taken;
    Status written = write_delta(image, header, taken, cancel);
    if (written.ok()) {
      written = commit(image, header, cancel);
    }
    if (!written.ok()) {
      give_back(image, taken);
      return written;
    }
  } else {
    marks_lost_ = true;
    const Status written = write_base(image, header, cancel);
    if (!written.ok()) {  // no header leads to it, and a full disk would fill with such
      std::error_code error;
      std::filesystem::remove(directory_ / base_name(header.base), error);
      return written;
    }
    OMEN_TRY(commit(image, header, cancel));
    marks_lost_ = false;
  }
  states_ = image.take_states();
  states_of_ = generation.number();
  delete_other_files(directory_, state_, false);
  return {};
}

/// So much has changed that a delta is no saving, or open() would have too much to apply.
bool CheckpointWriter::wants_base(const CheckpointImage& image) const {
  std::uint64_t delta_bytes = state_.delta_bytes;
  for (std::uint8_t i = 0; i < kArrayCount; ++i) {
    const auto array = static_cast<CheckpointArray>(i);
    const ArrayShape shape = image.shape(array);
    delta_bytes += image.marks(array).count(shape.units(image.count(array))) *
                   (shape.unit_bytes() + sizeof(DeltaRecord));
  }
  return delta_bytes > std::max(kDeltaMin, state_.base_bytes / kDeltaShare);
}

Status CheckpointWriter::write_base(CheckpointImage& image, CheckpointHeader& header,
                                    CancelToken& cancel) {
  header.base = ++last_base_;
  OMEN_ASSIGN(CheckpointFile file, CheckpointFile::create(directory_ / base_name(header.base)));
  BaseHeader base;
  base.number = header.base;
  OMEN_TRY(file.add(&base, sizeof(base)));
  std::vector<std::uint32_t> crcs[kArrayCount];
  std::vector<unsigned char> bytes;
  for (std::uint8_t i = 0; i < kArrayCount; ++i) {
    const auto array = static_cast<CheckpointArray>(i);
    header.counts[i] = entries_of(image, array, header);
    OMEN_FAILPOINT("vector.checkpoint.base_array");
    const std::size_t units = image.shape(array).units(header.counts[i]);
    (void)image.marks(array).take(units);
    mark_again(image, array, header.counts[i]);
    OMEN_TRY(file.align(kCheckpointPageBytes));
    base.places[i].offset = file.end();
    base.places[i].entries = header.counts[i];
    for (std::uint32_t unit = 0; unit < units; ++unit) {
      OMEN_TRY(cancel.check());
      image.copy(array, unit, header.counts[i], bytes);
      crcs[i].push_back(kernels().crc32c(0, bytes.data(), bytes.size()));
      OMEN_TRY(file.add(bytes.data(), bytes.size()));
    }
  }
  OMEN_FAILPOINT("vector.checkpoint.base_arrays");
  for (std::uint8_t i = 0; i < kArrayCount; ++i) {
    OMEN_TRY(file.align(kCheckpointPageBytes));
    const std::size_t size_bytes = crcs[i].size() * sizeof(std::uint32_t);
    base.places[i].crcs_offset = file.end();
    base.places[i].crcs_crc = kernels().crc32c(0, crcs[i].data(), size_bytes);
    OMEN_TRY(file.add(crcs[i].data(), size_bytes));
  }
  OMEN_TRY(file.align(kCheckpointPageBytes));
  base.file_bytes = file.end();
  base.crc = kernels().crc32c(0, &base, sizeof(base));
  OMEN_TRY(file.sync());
  OMEN_FAILPOINT("vector.checkpoint.base_synced");
  OMEN_TRY(file.write_at(&base, sizeof(base), 0));
  OMEN_TRY(file.sync());
  fill_header(image, header);
  return {};
}

void CheckpointWriter::give_back(const CheckpointImage& image, const Taken& taken) {
  for (std::uint8_t i = 0; i < kArrayCount; ++i) {
    for (const std::uint32_t unit : taken[i]) {
      image.marks(static_cast<CheckpointArray>(i)).mark(unit);
    }
  }
}

Status CheckpointWriter::write_delta(CheckpointImage& image, CheckpointHeader& header, Taken& taken,
                                     CancelToken& cancel) const {
  header.base = state_.base;
  OMEN_ASSIGN(CheckpointFile file,
              CheckpointFile::append_to(directory_ / delta_name(header.base), state_.delta_bytes));
  std::vector<unsigned char> bytes;
  for (std::uint8_t i = 0; i < kArrayCount; ++i) {
    const auto array = static_cast<CheckpointArray>(i);
    header.counts[i] = entries_of(image, array, header);
    OMEN_FAILPOINT("vector.checkpoint.delta_array");
    const std::size_t units = image.shape(array).units(header.counts[i]);
    taken[i] = image.marks(array).take(units);
    mark_again(image, array, header.counts[i]);
    for (const std::uint32_t unit : taken[i]) {
      OMEN_TRY(cancel.check());
      image.copy(array, unit, header.counts[i], bytes);
      DeltaRecord record{i, unit, static_cast<std::uint32_t>(bytes.size()), 0};
      record.crc = kernels().crc32c(0, &record, offsetof(DeltaRecord, crc));
      record.crc = kernels().crc32c(record.crc, bytes.data(), bytes.size());
      OMEN_TRY(file.add(&record, sizeof(record)));
      OMEN_TRY(file.add(bytes.data(), bytes.size()));
    }
  }
  header.delta_bytes = file.end();
  OMEN_FAILPOINT("vector.checkpoint.delta_written");
  OMEN_TRY(file.sync());
  OMEN_FAILPOINT("vector.checkpoint.delta_synced");
  fill_header(image, header);
  return {};
}

Status CheckpointWriter::commit(const CheckpointImage& image, CheckpointHeader& header,
                                CancelToken& cancel) {
  Generation& generation = image.generation();
  // All vectors and codes the slots refer to were written before the slots were copied.
  OMEN_TRY(generation.sync_files(cancel));
  OMEN_FAILPOINT("vector.checkpoint.vectors_synced");
  std::vector<unsigned char> bytes(sizeof(header) + header.mean_count * sizeof(float));
  if (header.mean_count > 0) {
    std::memcpy(bytes.data() + sizeof(header), image.space()->parameters().mean.data(),
                header.mean_count * sizeof(float));
  }
  header.crc = 0;
  std::memcpy(bytes.data(), &header, sizeof(header));
  header.crc = kernels().crc32c(0, bytes.data(), bytes.size());
  std::memcpy(bytes.data(), &header, sizeof(header));
  const std::filesystem::path temporary = directory_ / kNewHeaderName;
  {
    OMEN_ASSIGN(CheckpointFile file, CheckpointFile::create(temporary));
    OMEN_TRY(file.add(bytes.data(), bytes.size()));
    OMEN_TRY(file.sync());
  }
  OMEN_FAILPOINT("vector.checkpoint.header_written");
  // The names of new files must be durable before the header that needs them.
  OMEN_TRY(sync_directory(directory_));
  if (std::rename(temporary.c_str(), (directory_ / kHeaderName).c_str()) != 0) {
    return checkpoint_io_error("rename");
  }
  OMEN_FAILPOINT("vector.checkpoint.renamed");
  OMEN_TRY(sync_directory(directory_));
  if (header.base != state_.base) {
    std::error_code error;
    state_.base_bytes = std::filesystem::file_size(directory_ / base_name(header.base), error);
  }
  state_.generation = header.generation;
  state_.base = header.base;
  state_.delta_bytes = header.delta_bytes;
  return {};
}

/// Files that stay behind cost space, nothing else: errors are of no consequence.
void delete_other_files(const std::filesystem::path& directory, const CheckpointState& state,
                        bool all_others) {
  std::error_code error;
  std::vector<std::filesystem::path> unwanted;
  for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
    const std::string full_name = file.path().filename().string();
    std::string_view name = full_name;
    if (name.ends_with(".values")) {
      name.remove_suffix(std::string_view(".values").size());
    }
    std::uint64_t number = 0;
    if (parse_number(name, "base.", number) || parse_number(name, "delta.", number)) {
      if (number != state.base) {
        unwanted.push_back(file.path());
      }
    } else if (parse_number(name, "vectors.", number) || parse_number(name, "codes.", number)) {
      if (number < state.generation || (all_others && number != state.generation)) {
        unwanted.push_back(file.path());
      }
    } else if (all_others && name == kNewHeaderName) {
      unwanted.push_back(file.path());
    }
  }
  for (const std::filesystem::path& path : unwanted) {
    std::filesystem::remove(path, error);
  }
}

}  // namespace omen::engine
