#include "engine/vector/checkpoint_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace omen::engine {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

}  // namespace

Status checkpoint_io_error(const std::string& what) {
  const StatusCode code =
      errno == ENOSPC || errno == EDQUOT ? StatusCode::DiskFull : StatusCode::IoError;
  return {code, "could not " + what + " vector index checkpoint: " + strerror(errno)};
}

Status checkpoint_damaged(const std::string& what) {
  return {StatusCode::Corruption, "vector index checkpoint is damaged: " + what};
}

Result<CheckpointFile> CheckpointFile::open(const std::filesystem::path& path) {
  CheckpointFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.file_ < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return Status(StatusCode::NotFound, "no vector index checkpoint \"" + path.string() + "\"");
  }
  if (file.file_ < 0) {
    return checkpoint_io_error("open");
  }
  return file;
}

Result<CheckpointFile> CheckpointFile::create(const std::filesystem::path& path) {
  CheckpointFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file.file_ < 0) {
    return checkpoint_io_error("create");
  }
  return file;
}

Result<CheckpointFile> CheckpointFile::append_to(const std::filesystem::path& path,
                                                 std::uint64_t size_bytes) {
  CheckpointFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.file_ < 0 || ::ftruncate(file.file_, static_cast<off_t>(size_bytes)) != 0) {
    return checkpoint_io_error("open");
  }
  file.end_ = size_bytes;
  return file;
}

CheckpointFile::~CheckpointFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

Result<std::uint64_t> CheckpointFile::size_bytes() const {
  struct stat information {};
  if (::fstat(file_, &information) != 0) {
    return checkpoint_io_error("examine");
  }
  return static_cast<std::uint64_t>(information.st_size);
}

Status CheckpointFile::read(void* data, std::size_t size_bytes, std::uint64_t offset) const {
  auto* bytes = static_cast<char*>(data);
  while (size_bytes > 0) {
    const ssize_t got = ::pread(file_, bytes, size_bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return checkpoint_io_error("read");
    }
    if (got == 0) {
      return checkpoint_damaged("it is too short");
    }
    bytes += got;
    size_bytes -= static_cast<std::size_t>(got);
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

Status CheckpointFile::write_at(const void* data, std::size_t size_bytes, std::uint64_t offset) {
  const auto* bytes = static_cast<const char*>(data);
  while (size_bytes > 0) {
    const ssize_t written = ::pwrite(file_, bytes, size_bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return checkpoint_io_error("write");
    }
    bytes += written;
    size_bytes -= static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status CheckpointFile::add(const void* data, std::size_t size_bytes) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  buffer_.insert(buffer_.end(), bytes, bytes + size_bytes);
  return buffer_.size() >= kBufferBytes ? flush() : Status();
}

Status CheckpointFile::align(std::size_t unit) {
  buffer_.resize(buffer_.size() + (unit - end() % unit) % unit);
  return {};
}

Status CheckpointFile::flush() {
  OMEN_TRY(write_at(buffer_.data(), buffer_.size(), end_));
  end_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status CheckpointFile::sync() {
  OMEN_TRY(flush());
  return ::fsync(file_) == 0 ? Status() : checkpoint_io_error("sync");
}

Status sync_directory(const std::filesystem::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    return checkpoint_io_error("open the directory of");
  }
  const bool synced = ::fsync(file) == 0;
  Status status = synced ? Status() : checkpoint_io_error("sync the directory of");
  ::close(file);
  return status;
}

}  // namespace omen::engine
