#include "sql/exec/temp_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

[[noreturn]] void fail(const char* action) {
  const int error = errno;
  throw SqlError(error == ENOSPC ? sqlstate::kDiskFull : sqlstate::kIoError,
                 fmt::format("could not {} temporary file: {}", action,
                             std::error_code(error, std::generic_category()).message()));
}

}  // namespace

TempFile::~TempFile() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

std::uint64_t TempFile::append(std::string_view bytes) {
  if (file_ < 0) {
    std::string name = (std::filesystem::temp_directory_path() / "omendb-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) {
      fail("create");
    }
    ::unlink(name.c_str());
  }
  const std::uint64_t offset = size_bytes_;
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_bytes_));
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      fail("write to");
    }
    size_bytes_ += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return offset;
}

void TempFile::read(std::uint64_t offset, std::size_t size_bytes, std::string& out) const {
  out.resize(size_bytes);
  std::size_t done = 0;
  while (done < size_bytes) {
    const ssize_t count =
        ::pread(file_, out.data() + done, size_bytes - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      fail("read from");
    }
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace omen::sql
