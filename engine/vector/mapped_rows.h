#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/base/cancel_token.h"
#include "engine/base/result.h"
#include "engine/vector/reserved_array.h"

namespace omen::engine {

/// Rows of one size in a file mapped shared, so that the operating system may evict what is not in
/// use.
///
/// **Threads:** reserve() by one thread at a time; row() by any for rows that were reserved before.
/// **Invariants:** 1. every mapped row lies in space the file has allocated (a full disk is a
/// Status of reserve(), never SIGBUS). 2. A segment's address never changes.
class MappedRows {
 public:
  static constexpr std::size_t kSegmentBytes = std::size_t{64} << 20;

  /// `segment_bytes`: address space taken at a time.
  static Result<std::unique_ptr<MappedRows>> create(const std::filesystem::path& path,
                                                    std::size_t row_bytes, std::size_t rows_max,
                                                    std::size_t segment_bytes = kSegmentBytes);
  /// Opens a file that must hold at least `row_count` rows; Corruption if it is shorter.
  static Result<std::unique_ptr<MappedRows>> open(const std::filesystem::path& path,
                                                  std::size_t row_bytes, std::size_t rows_max,
                                                  std::size_t row_count,
                                                  std::size_t segment_bytes = kSegmentBytes);
  ~MappedRows();
  MappedRows(const MappedRows&) = delete;
  MappedRows& operator=(const MappedRows&) = delete;

  /// Makes room for rows below `row_count`; DiskFull or IoError.
  Status reserve(std::size_t row_count);
  [[nodiscard]] unsigned char* row(std::size_t row) const {
    return segment(row >> segment_shift_).load(std::memory_order_acquire) +
           (row & segment_mask_) * row_bytes_;
  }
  [[nodiscard]] std::size_t row_bytes() const { return row_bytes_; }
  /// Rows that lie together in memory: those whose numbers differ below this power of two.
  [[nodiscard]] std::size_t segment_rows() const { return segment_mask_ + 1; }
  /// Makes everything written so far durable, unless it is cancelled.
  Status sync(CancelToken& cancel);
  [[nodiscard]] std::uint64_t size_bytes() const {
    return allocated_bytes_.load(std::memory_order_relaxed);
  }

 private:
  MappedRows(int file, std::size_t row_bytes, std::size_t segment_bytes);
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
