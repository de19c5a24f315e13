#include "engine/storage/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace omen::engine {
namespace {

constexpr std::string_view kFormatName = "omendb ";
constexpr std::string_view kFormat = "omendb 3\n";

std::string error_text(int error) {
  return std::generic_category().message(error);
}

Status io_error(const std::filesystem::path& path, std::string_view action, int error) {
  return {error == ENOSPC ? StatusCode::DiskFull : StatusCode::IoError,
          fmt::format("could not {} \"{}\": {}", action, path.string(), error_text(error))};
}

/// Ok if the directory is ours or may become so; `is_new` says which.
Status check_content(const std::filesystem::path& path, bool& is_new) {
  std::ifstream file(path / "FORMAT", std::ios::binary);
  if (file) {
    is_new = false;
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (content == kFormat) {
      return {};
    }
    if (content.starts_with(kFormatName)) {
      return {StatusCode::Unsupported,
              fmt::format("data directory \"{}\" was written by another version of OmenDB",
                          path.string())};
    }
    return {StatusCode::Corruption,
            fmt::format("file \"{}\" is damaged", (path / "FORMAT").string())};
  }
  is_new = true;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "LOCK") {
      return {StatusCode::InvalidArgument,
              fmt::format("directory \"{}\" exists but is not an OmenDB data directory",
                          path.string())};
    }
  }
  if (error) {
    return io_error(path, "read directory", error.value());
  }
  return {};
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return io_error(path, "create directory", error.value());
  }
  bool is_new = false;
  OMEN_TRY(check_content(path, is_new));
  DataDirectory directory;
  directory.path_ = path;
  const std::filesystem::path lock_path = path / "LOCK";
  directory.lock_ = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (directory.lock_ < 0) {
    return io_error(lock_path, "open file", errno);
  }
  if (::flock(directory.lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      return Status(
          StatusCode::AlreadyExists,
          fmt::format("data directory \"{}\" is in use by another process", path.string()));
    }
    return io_error(lock_path, "lock file", errno);
  }
  OMEN_TRY(check_content(path, is_new));  // again: another process may have been creating it
  if (is_new) {
    OMEN_TRY(write_file(path / "FORMAT", kFormat));
  }
  return directory;
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) {
    ::close(lock_);
  }
}
DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
DataDirectory& DataDirectory::operator=(DataDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

Status write_file(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path temporary = path.string() + ".new";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return io_error(temporary, "create file", errno);
  }
  std::size_t written = 0;
  int failure = 0;
  while (written < content.size() && failure == 0) {
    const ssize_t count = ::write(file, content.data() + written, content.size() - written);
    if (count < 0) {
      failure = errno;
    } else {
      written += static_cast<std::size_t>(count);
    }
  }
  if (failure == 0 && ::fsync(file) != 0) {
    failure = errno;
  }
  ::close(file);
  if (failure == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) {
    failure = errno;
  }
  if (failure != 0) {
    ::unlink(temporary.c_str());
    return io_error(path, "write file", failure);
  }
  const int parent = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent >= 0) {
    ::fsync(parent);
    ::close(parent);
  }
  return {};
}

}  // namespace omen::engine
