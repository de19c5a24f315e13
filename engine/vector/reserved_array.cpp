#include "engine/vector/reserved_array.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace omen::engine {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
constexpr std::size_t kAdviseStepBytes = std::size_t{4} << 20;

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Result<ReservedArray> ReservedArray::reserve(std::size_t bytes_max, std::size_t bytes_min) {
  bytes_min = round_up(std::max<std::size_t>(bytes_min, 1), kHugePageBytes);
  std::size_t size_bytes = std::max(round_up(bytes_max, kHugePageBytes), bytes_min);
  while (true) {
    void* memory = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) {
      ReservedArray array;
      array.data_ = static_cast<unsigned char*>(memory);
      array.capacity_bytes_ = size_bytes;
      return array;
    }
    if (size_bytes == bytes_min) {
      return Status(StatusCode::OutOfMemory, "out of address space for a vector index");
    }
    size_bytes = std::max(round_up(size_bytes / 2, kHugePageBytes), bytes_min);
  }
}

ReservedArray::~ReservedArray() {
  if (data_ != nullptr) {
    ::munmap(data_, capacity_bytes_);
  }
}

ReservedArray::ReservedArray(ReservedArray&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      capacity_bytes_(std::exchange(other.capacity_bytes_, 0)),
      advised_bytes_(std::exchange(other.advised_bytes_, 0)) {}

ReservedArray& ReservedArray::operator=(ReservedArray&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(capacity_bytes_, other.capacity_bytes_);
  std::swap(advised_bytes_, other.advised_bytes_);
  return *this;
}

Status ReservedArray::map_file(int file, std::size_t offset, std::size_t size_bytes) {
  if (size_bytes == 0) {
    return {};
  }
  if (size_bytes > capacity_bytes_) {
    return {StatusCode::LimitExceeded, "vector index is larger than the memory reserved for it"};
  }
  void* memory = ::mmap(data_, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file,
                        static_cast<off_t>(offset));
  if (memory == MAP_FAILED) {
    return {StatusCode::IoError, std::string("could not map vector index: ") + strerror(errno)};
  }
  // The file goes on behind this section; what lies there must read as zero.
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (const std::size_t tail = size_bytes % page_bytes; tail != 0) {
    std::memset(data_ + size_bytes, 0, page_bytes - tail);
  }
  return {};
}

void ReservedArray::advise(std::size_t used_bytes) {
  if (used_bytes < advised_bytes_ || used_bytes < kAdviseStepBytes) {
    return;
  }
  const std::size_t begin =
      round_up(reinterpret_cast<std::uintptr_t>(data_) + advised_bytes_, kHugePageBytes) -
      reinterpret_cast<std::uintptr_t>(data_);
  const std::size_t end = std::min(round_up(used_bytes * 2, kHugePageBytes), capacity_bytes_);
  if (end > begin) {
    // Best effort: without huge pages the array is slower, not wrong.
    (void)::madvise(data_ + begin, end - begin, MADV_HUGEPAGE);
    advised_bytes_ = end;
  }
}

std::size_t machine_memory_bytes() {
  const auto pages = static_cast<std::size_t>(std::max(::sysconf(_SC_PHYS_PAGES), 1L));
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t reservation_bytes() {
  return std::max(2 * machine_memory_bytes(), std::size_t{1} << 30);
}

}  // namespace omen::engine
