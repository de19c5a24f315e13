#include "engine/vector/mapped_rows.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "engine/base/blocking.h"

namespace omen::engine {
namespace {

constexpr std::size_t kSegmentRowsMin = 1024;  // keeps segments whole pages for any row size
constexpr std::uint64_t kAllocationMin = std::uint64_t{64} << 10;
constexpr std::uint64_t kAllocationMax = std::uint64_t{64} << 20;

Status io_error(const std::string& what) {
  const StatusCode code =
      errno == ENOSPC || errno == EDQUOT ? StatusCode::DiskFull : StatusCode::IoError;
  return {code, "could not " + what + " vector file: " + strerror(errno)};
}

}  // namespace

MappedRows::MappedRows(int file, std::size_t row_bytes, std::size_t segment_bytes)
    : file_(file), row_bytes_(row_bytes) {
  std::size_t rows = kSegmentRowsMin;
  while (rows * 2 * row_bytes_ <= segment_bytes) {
    rows *= 2;
  }
  segment_mask_ = rows - 1;
  while ((std::size_t{1} << segment_shift_) < rows) {
    ++segment_shift_;
  }
}

MappedRows::~MappedRows() {
  for (std::size_t i = 0; i < segments_mapped_; ++i) {
    ::munmap(segment(i).load(std::memory_order_relaxed), (segment_mask_ + 1) * row_bytes_);
  }
  ::close(file_);
}

std::atomic<unsigned char*>& MappedRows::segment(std::size_t index) const {
  // Zeroed memory is a valid array of null atomics.
  auto* table =
      reinterpret_cast<std::atomic<unsigned char*>*>(const_cast<unsigned char*>(segments_.data()));
  return table[index];
}

Result<std::unique_ptr<MappedRows>> MappedRows::create(const std::filesystem::path& path,
                                                       std::size_t row_bytes, std::size_t rows_max,
                                                       std::size_t segment_bytes) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return io_error("create");
  }
  std::unique_ptr<MappedRows> result(new MappedRows(file, row_bytes, segment_bytes));
  const std::size_t segments_max = (rows_max >> result->segment_shift_) + 1;
  OMEN_ASSIGN(result->segments_,
              ReservedArray::reserve(segments_max * sizeof(void*), segments_max * sizeof(void*)));
  return result;
}

Result<std::unique_ptr<MappedRows>> MappedRows::open(const std::filesystem::path& path,
                                                     std::size_t row_bytes, std::size_t rows_max,
                                                     std::size_t row_count,
                                                     std::size_t segment_bytes) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) {
    return errno == ENOENT ? Status(StatusCode::Corruption, "vector index has lost its vector file")
                           : io_error("open");
  }
  std::unique_ptr<MappedRows> result(new MappedRows(file, row_bytes, segment_bytes));
  const std::size_t segments_max = (rows_max >> result->segment_shift_) + 1;
  OMEN_ASSIGN(result->segments_,
              ReservedArray::reserve(segments_max * sizeof(void*), segments_max * sizeof(void*)));
  struct stat information {};
  if (::fstat(file, &information) != 0) {
    return io_error("examine");
  }
  const auto size_bytes = static_cast<std::uint64_t>(information.st_size);
  if (size_bytes < row_count * result->row_bytes_) {
    return Status(StatusCode::Corruption, "vector file is shorter than its index");
  }
  result->allocated_bytes_.store(size_bytes, std::memory_order_relaxed);
  OMEN_TRY(result->reserve(row_count));
  return result;
}

Status MappedRows::reserve(std::size_t row_count) {
  const std::uint64_t needed_bytes = row_count * row_bytes_;
  const std::uint64_t allocated = allocated_bytes_.load(std::memory_order_relaxed);
  if (needed_bytes > allocated) {
    // Doubles while small; space is taken now, so that no later write can fail.
    std::uint64_t target = allocated + std::clamp(allocated, kAllocationMin, kAllocationMax);
    target = std::max(target, needed_bytes);
    if (const int error = ::posix_fallocate(file_, static_cast<off_t>(allocated),
                                            static_cast<off_t>(target - allocated));
        error != 0) {
      errno = error;
      return io_error("extend");
    }
    allocated_bytes_.store(target, std::memory_order_relaxed);
  }
  const std::size_t segment_bytes = (segment_mask_ + 1) * row_bytes_;
  while (row_count > segments_mapped_ << segment_shift_) {
    void* memory = ::mmap(nullptr, segment_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_,
                          static_cast<off_t>(segments_mapped_ * segment_bytes));
    if (memory == MAP_FAILED) {
      return io_error("map");
    }
    // Re-ranking reads single rows: reading around each would make the first searches of a start
    // wait for many times what they need. Advice only; its failure is of no consequence.
    (void)::madvise(memory, segment_bytes, MADV_RANDOM);
    segment(segments_mapped_).store(static_cast<unsigned char*>(memory), std::memory_order_release);
    ++segments_mapped_;
  }
  return {};
}

Status MappedRows::sync(CancelToken& cancel) {
  const BlockingScope blocking;
  // Gigabytes take a while: in steps, so that whoever waits may give up.
  const std::uint64_t end = allocated_bytes_.load(std::memory_order_relaxed);
  for (std::uint64_t offset = 0; offset < end; offset += kSegmentBytes) {
    OMEN_TRY(cancel.check());
    const int flags =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (::sync_file_range(file_, static_cast<off_t>(offset), static_cast<off_t>(kSegmentBytes),
                          flags) != 0) {
      if (errno != ENOSYS) {
        return io_error("write");
      }
      break;
    }
  }
  return ::fdatasync(file_) == 0 ? Status() : io_error("sync");
}

}  // namespace omen::engine
