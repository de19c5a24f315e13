#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "engine/base/blocking.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/checkpoint_format.h"

namespace omen::engine {
namespace {

Status damaged(const std::string& what) {
  return {StatusCode::Corruption, "vector index checkpoint is damaged: " + what};
}

/// Closes a file at the end of a scope.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

Status read_all(int file, void* data, std::size_t size_bytes, std::uint64_t offset) {
  auto* bytes = static_cast<char*>(data);
  while (size_bytes > 0) {
    const ssize_t got = ::pread(file, bytes, size_bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return {StatusCode::IoError,
              std::string("could not read vector index checkpoint: ") + strerror(errno)};
    }
    if (got == 0) {
      return damaged("it is too short");
    }
    bytes += got;
    size_bytes -= static_cast<std::size_t>(got);
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

/// The size each section must have by the header's own counts.
std::uint64_t expected_bytes(const CheckpointHeader& header, CheckpointSection section,
                             const NodeArray& nodes, std::size_t space_dimensions) {
  const bool trained = header.trained_rows != 0;
  const std::uint64_t node_bytes =
      trained ? std::uint64_t{header.slot_count} * header.stride_bytes : 0;
  switch (section) {
    case kSectionMean:
      return trained ? space_dimensions * sizeof(float) : 0;
    case kSectionSlots:
      return std::uint64_t{header.slot_count} * sizeof(SlotEntry);
    case kSectionNulls:
      return std::uint64_t{header.null_count} * sizeof(SlotEntry);
    case kSectionUpper:
      return header.upper_count * nodes.layout().upper_words() * sizeof(std::uint32_t);
    case kSectionNodeCrcs:
      return (node_bytes + kCrcBlockBytes - 1) / kCrcBlockBytes * sizeof(std::uint32_t);
    case kSectionNodes:
      return node_bytes;
    case kSectionUncoded:
    case kSectionCount:
      break;
  }
  return header.sections[section].size_bytes;
}

Status read_header(int file, CheckpointHeader& header) {
  struct stat information {};
  if (::fstat(file, &information) != 0) {
    return {StatusCode::IoError,
            std::string("could not examine vector index checkpoint: ") + strerror(errno)};
  }
  OMEN_TRY(read_all(file, &header, sizeof(header), 0));
  if (header.magic != kCheckpointMagic) {
    return damaged("it is no checkpoint");
  }
  if (header.version != kCheckpointVersion) {
    return damaged("its version is " + std::to_string(header.version));
  }
  if (header.crc != kernels().crc32c(0, &header, offsetof(CheckpointHeader, crc))) {
    return damaged("its header");
  }
  return static_cast<std::uint64_t>(information.st_size) == header.file_bytes
             ? Status()
             : damaged("its length");
}

Status check_header(const CheckpointHeader& header, const VectorIndexOptions& options,
                    const Generation& generation) {
  const NodeLayout& layout = generation.nodes().layout();
  if (header.dimensions != options.dimensions ||
      header.metric != static_cast<std::uint32_t>(options.metric) ||
      header.m != layout.upper_links_max || header.stride_bytes != layout.stride_bytes ||
      header.element != static_cast<std::uint32_t>(options.element) ||
      header.quantization != static_cast<std::uint32_t>(options.quantization)) {
    return damaged("it is of another index");
  }
  const std::size_t width = generation.shape().space_dimensions;
  for (std::uint8_t section = 0; section < kSectionCount; ++section) {
    const CheckpointPlace& place = header.sections[section];
    if (place.size_bytes != expected_bytes(header, static_cast<CheckpointSection>(section),
                                           generation.nodes(), width) ||
        place.offset % kCheckpointPageBytes != 0 || place.offset > header.file_bytes ||
        place.size_bytes > header.file_bytes - place.offset) {
      return damaged("its table of sections");
    }
  }
  if (header.slot_count > generation.slots_max() || header.null_count > generation.slots_max() ||
      header.linked_count > header.slot_count ||
      (header.entry_present != 0 && header.entry_slot >= header.linked_count)) {
    return damaged("its counts");
  }
  return {};
}

Status map_section(int file, const CheckpointPlace& place, ReservedArray& array) {
  OMEN_TRY(array.map_file(file, place.offset, place.size_bytes));
  return kernels().crc32c(0, array.data(), place.size_bytes) == place.crc ? Status()
                                                                          : damaged("a section");
}

template <typename T>
Status read_section(int file, const CheckpointPlace& place, std::vector<T>& values) {
  values.resize(place.size_bytes / sizeof(T));
  OMEN_TRY(read_all(file, values.data(), values.size() * sizeof(T), place.offset));
  return kernels().crc32c(0, values.data(), values.size() * sizeof(T)) == place.crc
             ? Status()
             : damaged("a section");
}

Status restore_graph(int file, const CheckpointHeader& header, Generation& generation) {
  CodeParameters parameters;
  parameters.seed = header.seed;
  parameters.row_count = header.trained_rows;
  parameters.norm_max = header.norm_max;
  OMEN_TRY(read_section(file, header.sections[kSectionMean], parameters.mean));
  OMEN_TRY(map_section(file, header.sections[kSectionUpper], generation.nodes().upper()));
  const CheckpointPlace& nodes = header.sections[kSectionNodes];
  OMEN_TRY(generation.nodes().blocks().map_file(file, nodes.offset, nodes.size_bytes));
  generation.nodes().restore_upper(header.upper_count);
  generation.restore_space(std::move(parameters));
  if (header.entry_present != 0) {
    generation.entry().store(header.entry_slot, header.entry_level);
  }
  generation.set_linked(header.linked_count);
  if (header.calibrated != 0) {
    std::array<float, Calibration::kEfSteps.size()> recall{};
    std::copy(std::begin(header.recall), std::end(header.recall), recall.begin());
    generation.calibration().set(recall);
  }
  return {};
}

}  // namespace

Result<OpenedCheckpoint> read_checkpoint(const std::filesystem::path& directory,
                                         const VectorIndexOptions& options) {
  const BlockingScope blocking;
  const OpenFile file(directory / "checkpoint");
  if (file.number() < 0) {
    return Status(errno == ENOENT || errno == ENOTDIR ? StatusCode::NotFound : StatusCode::IoError,
                  "no vector index checkpoint in \"" + directory.string() + "\"");
  }
  CheckpointHeader header;
  OMEN_TRY(read_header(file.number(), header));
  if (header.dimensions != options.dimensions ||
      header.element != static_cast<std::uint32_t>(options.element)) {
    return damaged("it is of another index");
  }
  OMEN_ASSIGN(std::shared_ptr<Generation> generation,
              Generation::restore(directory, header.generation, options, header.slot_count));
  OMEN_TRY(check_header(header, options, *generation));
  OMEN_TRY(map_section(file.number(), header.sections[kSectionSlots], generation->slots().array()));
  OMEN_TRY(map_section(file.number(), header.sections[kSectionNulls], generation->nulls().array()));
  std::vector<std::uint32_t> uncoded;
  OMEN_TRY(read_section(file.number(), header.sections[kSectionUncoded], uncoded));
  for (const std::uint32_t slot : uncoded) {
    if (slot >= header.slot_count) {
      return damaged("its list of uncoded slots");
    }
    generation->add_uncoded(slot);
  }
  if (header.trained_rows != 0) {
    OMEN_TRY(restore_graph(file.number(), header, *generation));
  }
  generation->restore_dead(header.dead_slots, header.dead_nulls);
  generation->nulls().restore(header.null_count);
  generation->slots().restore(header.slot_count);
  return OpenedCheckpoint{std::move(generation), header.cursor};
}

Status verify_blocks(const std::filesystem::path& directory, std::uint64_t generation_number,
                     CancelToken& cancel) {
  const OpenFile file(directory / "checkpoint");
  if (file.number() < 0) {
    return {};
  }
  CheckpointHeader header;
  OMEN_TRY(read_header(file.number(), header));
  if (header.generation != generation_number) {
    return {};
  }
  std::vector<std::uint32_t> crcs;
  OMEN_TRY(read_section(file.number(), header.sections[kSectionNodeCrcs], crcs));
  const CheckpointPlace& nodes = header.sections[kSectionNodes];
  std::vector<unsigned char> block(kCrcBlockBytes);
  for (std::uint64_t at = 0, i = 0; at < nodes.size_bytes; at += kCrcBlockBytes, ++i) {
    OMEN_TRY(cancel.check());
    const std::size_t size_bytes = std::min<std::uint64_t>(kCrcBlockBytes, nodes.size_bytes - at);
    OMEN_TRY(read_all(file.number(), block.data(), size_bytes, nodes.offset + at));
    if (i >= crcs.size() || crcs[i] != kernels().crc32c(0, block.data(), size_bytes)) {
      return damaged("a node block");
    }
  }
  return {};
}

}  // namespace omen::engine
