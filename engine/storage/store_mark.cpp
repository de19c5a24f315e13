#include "engine/storage/store_mark.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/storage/keys.h"
#include "engine/storage/log_file.h"

namespace omen::engine {
namespace {

constexpr std::size_t kMarkBytes = 32;
constexpr std::string_view kManifestPrefix = "MANIFEST-";
constexpr std::string_view kLogSuffix = ".log";

std::string encode(const StoreMark& mark) {
  std::string bytes;
  append_be64(bytes, mark.sequence);
  append_be64(bytes, mark.manifest_number);
  append_be64(bytes, mark.manifest_bytes);
  append_be64(bytes, kernels().crc32c(0, bytes.data(), bytes.size()));
  return bytes;
}

/// None if the file is absent or is no mark: then nothing is known.
std::optional<StoreMark> read_mark(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() != kMarkBytes) {
    return std::nullopt;
  }
  const StoreMark mark{load_be64(bytes.data()), load_be64(bytes.data() + 8),
                       load_be64(bytes.data() + 16)};
  return encode(mark) == bytes ? std::optional(mark) : std::nullopt;
}

std::optional<std::uint64_t> to_number(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::strtoull(std::string(digits).c_str(), nullptr, 10);
}

struct StoreFiles {
  std::vector<std::uint64_t> logs;  ///< ascending
  bool has_data = false;            ///< a log or a table file
};

StoreFiles list_files(const std::filesystem::path& directory) {
  StoreFiles files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.ends_with(kLogSuffix)) {
      const auto number = to_number(name.substr(0, name.size() - kLogSuffix.size()));
      if (number.has_value()) {
        files.logs.push_back(*number);
      }
    }
    files.has_data = files.has_data || name.ends_with(kLogSuffix) || name.ends_with(".sst");
  }
  std::sort(files.logs.begin(), files.logs.end());
  return files;
}

Status damaged(const std::filesystem::path& path, std::string_view what) {
  return {StatusCode::Corruption, fmt::format("\"{}\" is damaged: {}", path.string(), what)};
}

/// The number in CURRENT, which names the manifest.
Result<std::uint64_t> current_manifest(const std::filesystem::path& directory) {
  std::ifstream file(directory / "CURRENT", std::ios::binary);
  std::string name((std::istreambuf_iterator<char>(file)), {});
  if (!name.starts_with(kManifestPrefix) || !name.ends_with('\n')) {
    return damaged(directory / "CURRENT", "it does not name a manifest");
  }
  name = name.substr(kManifestPrefix.size(), name.size() - kManifestPrefix.size() - 1);
  const std::optional<std::uint64_t> number = to_number(name);
  if (!number.has_value()) {
    return damaged(directory / "CURRENT", "it does not name a manifest");
  }
  return *number;
}

/// RocksDB takes a manifest that is cut off for a shorter one, and deletes the files that the rest
/// of it named.
Status check_manifest(const std::filesystem::path& directory,
                      const std::optional<StoreMark>& mark) {
  OMEN_ASSIGN(const std::uint64_t number, current_manifest(directory));
  const std::filesystem::path path = directory / fmt::format("{}{:06}", kManifestPrefix, number);
  if (!std::filesystem::exists(path)) {
    return damaged(directory / "CURRENT", "the manifest that it names does not exist");
  }
  OMEN_ASSIGN(const LogFileState state, read_log_file(path, [](std::string_view) {}));
  if (mark.has_value() &&
      (number < mark->manifest_number ||
       (number == mark->manifest_number && state.whole_bytes < mark->manifest_bytes))) {
    return damaged(path, "it ends before records known to be durable");
  }
  return {};
}

/// Sequence number of the last change before the first damage, or 0.
Result<std::uint64_t> last_logged_sequence(const std::filesystem::path& directory,
                                           const std::vector<std::uint64_t>& logs) {
  std::uint64_t last = 0;
  for (const std::uint64_t number : logs) {
    const std::filesystem::path path = directory / fmt::format("{:06}{}", number, kLogSuffix);
    OMEN_ASSIGN(const LogFileState state, read_log_file(path, [&last](std::string_view record) {
                  if (record.size() >= 12) {
                    std::uint64_t first = 0;
                    std::uint32_t count = 0;
                    std::memcpy(&first, record.data(), sizeof first);
                    std::memcpy(&count, record.data() + 8, sizeof count);
                    last = std::max(last, first + count - (count == 0 ? 0 : 1));
                  }
                }));
    if (state.whole_bytes < state.size_bytes) {
      break;
    }
  }
  return last;
}

}  // namespace

Result<StoreMarkFile> StoreMarkFile::open(const std::filesystem::path& path) {
  StoreMarkFile result;
  result.file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (result.file_ < 0) {
    return Status(StatusCode::IoError, fmt::format("could not open file \"{}\"", path.string()));
  }
  return result;
}

StoreMarkFile::~StoreMarkFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
}
StoreMarkFile::StoreMarkFile(StoreMarkFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}
StoreMarkFile& StoreMarkFile::operator=(StoreMarkFile&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

void StoreMarkFile::write(const StoreMark& mark) {
  const std::string bytes = encode(mark);
  static_cast<void>(::pwrite(file_, bytes.data(), bytes.size(), 0) == 0);
}

Status check_store(const std::filesystem::path& directory, const std::filesystem::path& mark_path,
                   const std::function<Result<std::uint64_t>()>& sequence_of_recovery) {
  const std::optional<StoreMark> mark = read_mark(mark_path);
  const StoreFiles files = list_files(directory);
  if (!mark.has_value() && !files.has_data) {
    return {};  // new, or never opened to its end
  }
  OMEN_TRY(check_manifest(directory, mark));
  if (!mark.has_value()) {
    return {};
  }
  OMEN_ASSIGN(const std::uint64_t logged, last_logged_sequence(directory, files.logs));
  if (logged >= mark->sequence) {
    return {};
  }
  OMEN_ASSIGN(const std::uint64_t recovered, sequence_of_recovery());
  if (recovered >= mark->sequence) {
    return {};
  }
  return {StatusCode::Corruption,
          fmt::format("the write-ahead log in \"{}\" ends before commits known to be durable; "
                      "remove \"{}\" to start with what is left",
                      directory.string(), mark_path.string())};
}

Status sync_logs(const std::filesystem::path& directory) {
  for (const std::uint64_t number : list_files(directory).logs) {
    const std::filesystem::path path = directory / fmt::format("{:06}{}", number, kLogSuffix);
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = file >= 0 && ::fdatasync(file) == 0;
    if (file >= 0) {
      ::close(file);
    }
    if (!synced) {
      return {StatusCode::IoError, fmt::format("could not sync file \"{}\"", path.string())};
    }
  }
  return {};
}

}  // namespace omen::engine
