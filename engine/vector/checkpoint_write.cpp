#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/blocking.h"
#include "engine/vector/checkpoint.h"
#include "engine/vector/checkpoint_format.h"

namespace omen::engine {
namespace {

constexpr const char* kTemporaryName = "checkpoint.new";

Status io_error(const std::string& what) {
  const StatusCode code =
      errno == ENOSPC || errno == EDQUOT ? StatusCode::DiskFull : StatusCode::IoError;
  return {code, "could not " + what + " vector index checkpoint: " + strerror(errno)};
}

Status write_all(int file, const void* data, std::size_t size_bytes, std::uint64_t offset) {
  const auto* bytes = static_cast<const char*>(data);
  while (size_bytes > 0) {
    const ssize_t written = ::pwrite(file, bytes, size_bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return io_error("write");
    }
    bytes += written;
    size_bytes -= static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

/// Appends sections, each from a page of its own on.
class SectionWriter {
 public:
  SectionWriter(int file, CheckpointHeader& header) : file_(file), header_(header) {}

  void begin(CheckpointSection section) {
    place_ = &header_.sections[section];
    end_ = (end_ + kCheckpointPageBytes - 1) / kCheckpointPageBytes * kCheckpointPageBytes;
    place_->offset = end_;
  }
  Status add(const void* data, std::size_t size_bytes) {
    OMEN_TRY(write_all(file_, data, size_bytes, end_));
    place_->crc = kernels().crc32c(place_->crc, data, size_bytes);
    place_->size_bytes += size_bytes;
    end_ += size_bytes;
    return {};
  }
  template <typename T>
  Status write(CheckpointSection section, const std::vector<T>& values) {
    begin(section);
    return add(values.data(), values.size() * sizeof(T));
  }
  [[nodiscard]] std::uint64_t end() const { return end_; }

 private:
  int file_;
  CheckpointHeader& header_;
  CheckpointPlace* place_ = nullptr;
  std::uint64_t end_ = kCheckpointPageBytes;
};

/// Entries as a reader of the file must find them: unlinked slots without upper links, vectors to
/// be compared with their checksums.
std::vector<SlotEntry> copy_entries(const SlotTable& table, std::uint32_t count,
                                    std::uint32_t linked, std::uint32_t& dead) {
  std::vector<SlotEntry> entries(count);
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    const VectorKey key = table.key(slot);
    std::uint32_t state = table.state(slot);
    if (slot >= linked) {
      state &= slot_flag::kAll;
    }
    dead += (state & slot_flag::kDead) != 0 ? 1U : 0U;
    entries[slot] = {key.row_id, key.xid, table.vector_crc(slot), state | slot_flag::kUnverified};
  }
  return entries;
}

/// A node as the file holds it: links of `linked` nodes only, the lock open.
void copy_node(const NodeArray& nodes, std::uint32_t slot, std::uint32_t linked,
               unsigned char* target) {
  const NodeLayout& layout = nodes.layout();
  std::memset(target, 0, layout.stride_bytes);
  std::memcpy(target, nodes.node(slot), layout.code_bytes + 10);
  if (slot >= linked) {
    return;
  }
  std::uint32_t kept = 0;
  const std::uint32_t count = std::min(nodes.link_count(slot), layout.links_max);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t id = nodes.link(slot, i).load(std::memory_order_relaxed);
    if (id < linked) {
      std::memcpy(target + layout.links_offset() + kept * sizeof(id), &id, sizeof(id));
      ++kept;
    }
  }
  target[layout.code_bytes + 10] = static_cast<unsigned char>(kept);
  target[layout.code_bytes + 11] = static_cast<unsigned char>(nodes.level(slot));
  target[layout.code_bytes + 12] = static_cast<unsigned char>(nodes.in_degree(slot));
}

Status write_nodes(const NodeArray& nodes, const CheckpointHeader& header, SectionWriter& writer) {
  const std::size_t stride_bytes = header.stride_bytes;
  const std::size_t count = header.trained_rows == 0 ? 0 : header.slot_count;
  std::vector<unsigned char> block;
  std::vector<std::uint32_t> crcs;
  /// Writes all whole checksum blocks, and what is left if it has at least `rest_min` bytes.
  const auto flush = [&](std::size_t rest_min) -> Status {
    std::size_t at = 0;
    while (block.size() - at >= std::min(rest_min, kCrcBlockBytes)) {
      const std::size_t size_bytes = std::min(kCrcBlockBytes, block.size() - at);
      crcs.push_back(kernels().crc32c(0, block.data() + at, size_bytes));
      OMEN_TRY(writer.add(block.data() + at, size_bytes));
      at += size_bytes;
    }
    block.erase(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(at));
    return {};
  };
  writer.begin(kSectionNodes);
  for (std::size_t slot = 0; slot < count; ++slot) {
    const std::size_t at = block.size();
    block.resize(at + stride_bytes);
    copy_node(nodes, static_cast<std::uint32_t>(slot), header.linked_count, block.data() + at);
    if (block.size() >= 16 * kCrcBlockBytes) {
      OMEN_TRY(flush(kCrcBlockBytes));
    }
  }
  OMEN_TRY(flush(1));
  return writer.write(kSectionNodeCrcs, crcs);
}

Status write_upper(const NodeArray& nodes, const CheckpointHeader& header, SectionWriter& writer) {
  const std::size_t words = nodes.layout().upper_words();
  std::vector<std::uint32_t> lists;
  lists.reserve(header.upper_count * words);
  for (std::uint32_t place = 0; place < header.upper_count; ++place) {
    const std::size_t begin = lists.size();
    lists.resize(begin + words);
    const std::uint32_t count = std::min(nodes.upper_word(place, 0).load(std::memory_order_relaxed),
                                         nodes.layout().upper_links_max);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t id = nodes.upper_word(place, i + 1).load(std::memory_order_relaxed);
      if (id < header.linked_count) {
        lists[begin + ++lists[begin]] = id;
      }
    }
  }
  return writer.write(kSectionUpper, lists);
}

/// The entry, or if that is among what is just being linked, the best of the linked nodes.
GraphEntry linked_entry(const Generation& generation, std::uint32_t linked) {
  GraphEntry entry = generation.entry().load();
  if (!entry.present || entry.slot < linked) {
    return entry;
  }
  entry.present = false;
  for (std::uint32_t slot = 0; slot < linked; ++slot) {
    const std::uint32_t level = generation.nodes().level(slot);
    if (generation.nodes().link_count(slot) > 0 && (!entry.present || level > entry.level)) {
      entry = {slot, level, true};
    }
  }
  return entry;
}

Status write_file(int file, Generation& generation, Xid cursor) {
  CheckpointHeader header;
  const CodeSpace* space = generation.space();
  header.linked_count = generation.linked();
  header.slot_count = generation.slots().count();
  header.null_count = generation.nulls().count();
  header.dimensions = generation.options().dimensions;
  header.metric = static_cast<std::uint32_t>(generation.options().metric);
  header.m = generation.nodes().layout().upper_links_max;
  header.element = static_cast<std::uint32_t>(generation.options().element);
  header.quantization = static_cast<std::uint32_t>(generation.options().quantization);
  header.stride_bytes = static_cast<std::uint32_t>(generation.nodes().layout().stride_bytes);
  header.generation = generation.number();
  header.cursor = cursor;
  const GraphEntry entry = linked_entry(generation, header.linked_count);
  const bool graph = space != nullptr && entry.present;
  header.linked_count = graph ? header.linked_count : 0;
  header.entry_present = graph ? 1 : 0;
  header.entry_slot = graph ? entry.slot : 0;
  header.entry_level = graph ? entry.level : 0;
  header.upper_count = graph ? generation.nodes().upper_used() : 0;
  std::vector<float> mean;
  if (space != nullptr) {
    header.seed = space->parameters().seed;
    header.trained_rows = space->parameters().row_count;
    header.norm_max = space->parameters().norm_max;
    mean = space->parameters().mean;
  }
  header.calibrated = generation.calibration().measured() ? 1 : 0;
  for (std::size_t i = 0; i < Calibration::kEfSteps.size(); ++i) {
    header.recall[i] = generation.calibration().recall(i);
  }
  SectionWriter writer(file, header);
  OMEN_TRY(writer.write(kSectionMean, mean));
  OMEN_TRY(writer.write(kSectionSlots, copy_entries(generation.slots(), header.slot_count,
                                                    header.linked_count, header.dead_slots)));
  OMEN_TRY(writer.write(kSectionNulls, copy_entries(generation.nulls(), header.null_count,
                                                    header.null_count, header.dead_nulls)));
  OMEN_TRY(writer.write(kSectionUncoded, generation.uncoded_slots(header.slot_count)));
  OMEN_TRY(write_upper(generation.nodes(), header, writer));
  OMEN_TRY(write_nodes(generation.nodes(), header, writer));
  header.file_bytes = writer.end();
  header.crc = kernels().crc32c(0, &header, offsetof(CheckpointHeader, crc));
  std::vector<unsigned char> page(kCheckpointPageBytes);
  std::memcpy(page.data(), &header, sizeof(header));
  OMEN_TRY(write_all(file, page.data(), page.size(), 0));
  // Empty sections at the end begin on pages nothing was written to.
  if (::ftruncate(file, static_cast<off_t>(header.file_bytes)) != 0) {
    return io_error("extend");
  }
  return ::fsync(file) == 0 ? Status() : io_error("sync");
}

Status sync_directory(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    return io_error("open the directory of");
  }
  const bool synced = ::fsync(file) == 0;
  Status status = synced ? Status() : io_error("sync the directory of");
  ::close(file);
  return status;
}

/// Files that stay behind cost space, nothing else: errors are of no consequence.
template <typename Condition>
void delete_vector_files(const std::filesystem::path& directory, const Condition& unwanted) {
  constexpr std::string_view kPrefix = "vectors.";
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with(kPrefix)) {
      continue;
    }
    const std::string_view digits = std::string_view(name).substr(kPrefix.size());
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec == std::errc() && unwanted(number)) {
      std::filesystem::remove(file.path(), error);
    }
  }
}

}  // namespace

Status write_checkpoint(const std::filesystem::path& directory, Generation& generation,
                        Xid cursor) {
  const BlockingScope blocking;
  const std::filesystem::path temporary = directory / kTemporaryName;
  const int file = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return io_error("create");
  }
  Status status = write_file(file, generation, cursor);
  ::close(file);
  OMEN_TRY(status);
  // All vectors the new file refers to were written before it was; they must be durable first.
  OMEN_TRY(generation.file().sync());
  if (::rename(temporary.c_str(), (directory / "checkpoint").c_str()) != 0) {
    return io_error("rename");
  }
  return sync_directory(directory);
}

void delete_older_files(const std::filesystem::path& directory, std::uint64_t number) {
  delete_vector_files(directory, [number](std::uint64_t other) { return other < number; });
}

void delete_other_files(const std::filesystem::path& directory, std::uint64_t number) {
  delete_vector_files(directory, [number](std::uint64_t other) { return other != number; });
  std::error_code error;
  std::filesystem::remove(directory / kTemporaryName, error);
}

}  // namespace omen::engine
