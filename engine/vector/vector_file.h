#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/vector/reserved_array.h"

namespace omen::engine {

/// The re-rank store: the indexed vectors as float32 rows in slot order, nothing else, in one file
/// mapped shared, so that the operating system may evict what is not in use. Rows are written once.
/// Their checksums are kept by the slot table.
///
/// **Threads:** write() and reserve() by one thread at a time; row() by any for rows whose writing
/// happened before (the slot count's release store publishes them).
/// **Invariants:** 1. every mapped row a reader may ask for lies in space the file has allocated
/// (a full disk is a Status of reserve(), never SIGBUS). 2. A segment's address never changes.
class VectorFile {
 public:
  static Result<std::unique_ptr<VectorFile>> create(const std::filesystem::path& path,
                                                    std::size_t dimensions, std::size_t rows_max);
  /// Opens a file that must hold at least `row_count` rows; Corruption if it is shorter.
  static Result<std::unique_ptr<VectorFile>> open(const std::filesystem::path& path,
                                                  std::size_t dimensions, std::size_t rows_max,
                                                  std::size_t row_count);
  ~VectorFile();
  VectorFile(const VectorFile&) = delete;
  VectorFile& operator=(const VectorFile&) = delete;

  /// Makes room for rows below `row_count`; DiskFull or IoError.
  Status reserve(std::size_t row_count);
  /// Writes row `row`, which must be reserved.
  void write(std::size_t row, std::span<const float> vector);
  [[nodiscard]] const float* row(std::size_t row) const {
    return reinterpret_cast<const float*>(
        segment(row >> segment_shift_).load(std::memory_order_acquire) +
        (row & segment_mask_) * row_bytes_);
  }
  /// Makes everything written so far durable.
  Status sync();
  [[nodiscard]] std::uint64_t size_bytes() const {
    return allocated_bytes_.load(std::memory_order_relaxed);
  }

 private:
  VectorFile(int file, std::size_t dimensions);
  [[nodiscard]] std::atomic<unsigned char*>& segment(std::size_t index) const;

  const int file_;
  const std::size_t row_bytes_;
  std::size_t segment_shift_ = 0;
  std::size_t segment_mask_ = 0;
  std::size_t segments_mapped_ = 0;
  std::atomic<std::uint64_t> allocated_bytes_{0};
  ReservedArray segments_;  ///< std::atomic<unsigned char*> each
};

}  // namespace omen::engine
