#include "engine/storage/log_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "engine/kernels/kernels.h"

namespace omen::engine {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{32} << 10;
constexpr std::size_t kReadBlocks = 32;
constexpr std::size_t kHeaderBytes = 7;

enum FragmentType : std::uint8_t { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  File(const File&) = delete;

  /// Bytes read, fewer than asked for at the end only; negative on failure.
  ssize_t read(char* target, std::size_t size_bytes, std::uint64_t offset) const {
    std::size_t done = 0;
    while (done < size_bytes) {
      const ssize_t count =
          ::pread(descriptor_, target + done, size_bytes - done, static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return count;
      }
      if (count == 0) {
        break;
      }
      done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
  }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

bool has_right_checksum(const char* header, std::size_t payload_bytes) {
  std::uint32_t stored = 0;
  std::memcpy(&stored, header, sizeof stored);
  const std::uint32_t rotated = stored - 0xa282ead8U;
  const std::uint32_t expected = (rotated >> 17) | (rotated << 15);
  return kernels().crc32c(0, header + 6, payload_bytes + 1) == expected;
}

/// Follows fragments block by block.
class FragmentWalk {
 public:
  explicit FragmentWalk(const std::function<void(std::string_view)>& first_fragment)
      : first_fragment_(first_fragment) {}

  /// Takes one block, which begins at `offset`; false if it has a fragment that is not whole.
  bool take(std::string_view block, std::uint64_t offset) {
    std::size_t position = 0;
    while (block.size() - position >= kHeaderBytes) {
      const char* header = block.data() + position;
      std::uint16_t payload_bytes = 0;
      std::memcpy(&payload_bytes, header + 4, sizeof payload_bytes);
      const auto type = static_cast<std::uint8_t>(header[6]);
      const bool in_order =
          open_ ? type == kMiddle || type == kLast : type == kWhole || type == kFirst;
      if (!in_order || block.size() - position < kHeaderBytes + payload_bytes ||
          !has_right_checksum(header, payload_bytes)) {
        return false;
      }
      if (!open_) {
        first_ = std::string(
            block.substr(position + kHeaderBytes, std::min<std::size_t>(payload_bytes, 64)));
      }
      position += kHeaderBytes + payload_bytes;
      open_ = type == kFirst || type == kMiddle;
      if (!open_) {
        first_fragment_(first_);
        whole_bytes_ = offset + position;
      }
    }
    // What is too short for a header is filling, if it is at the end of a block.
    if (block.size() == kBlockBytes && !open_) {
      whole_bytes_ = offset + kBlockBytes;
    }
    return block.size() == kBlockBytes;
  }
  [[nodiscard]] std::uint64_t whole_bytes() const { return whole_bytes_; }

 private:
  const std::function<void(std::string_view)>& first_fragment_;
  std::string first_;
  bool open_ = false;  ///< a record has begun and not ended
  std::uint64_t whole_bytes_ = 0;
};

}  // namespace

Result<LogFileState> read_log_file(const std::filesystem::path& path,
                                   const std::function<void(std::string_view)>& first_fragment) {
  const File file(path);
  std::error_code error;
  LogFileState state;
  state.size_bytes = std::filesystem::file_size(path, error);
  if (!file.is_open() || error) {
    return Status(StatusCode::IoError, fmt::format("could not open file \"{}\"", path.string()));
  }
  std::vector<char> buffer(kReadBlocks * kBlockBytes);
  FragmentWalk walk(first_fragment);
  bool whole = true;
  for (std::uint64_t offset = 0; whole && offset < state.size_bytes; offset += buffer.size()) {
    const ssize_t count = file.read(buffer.data(), buffer.size(), offset);
    if (count < 0) {
      return Status(StatusCode::IoError,
                    fmt::format("could not read file \"{}\": {}", path.string(),
                                std::generic_category().message(errno)));
    }
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    for (std::size_t at = 0; whole && at < bytes.size(); at += kBlockBytes) {
      whole = walk.take(bytes.substr(at, kBlockBytes), offset + at);
    }
  }
  state.whole_bytes = walk.whole_bytes();
  return state;
}

}  // namespace omen::engine
