#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "engine/vector/code_space.h"
#include "engine/vector/mapped_rows.h"

namespace omen::engine {

/// Codes of 4 bits beside coarser ones, by slot number, in a mapped file: what links are chosen by,
/// and what spares a search most of its exact comparisons, each of which reads eight times as much.
///
/// A row: the code, its CodeFactors (10 bytes), 2 bytes zero, CRC-32C of all that; zero up to a
/// multiple of 64 bytes.
///
/// **Threads:** reserve() by one thread at a time; write() by any, each its own row; the others by
/// any for rows whose writing happened before. A row may be written anew when nobody reads it.
class FineCodes {
 public:
  static Result<std::unique_ptr<FineCodes>> create(const std::filesystem::path& path,
                                                   std::size_t code_bytes, std::size_t rows_max);
  /// Opens a file that must hold at least `row_count` rows; Corruption if it is shorter.
  static Result<std::unique_ptr<FineCodes>> open(const std::filesystem::path& path,
                                                 std::size_t code_bytes, std::size_t rows_max,
                                                 std::size_t row_count);

  /// Makes room for rows below `row_count`; DiskFull or IoError.
  Status reserve(std::size_t row_count) { return rows_->reserve(row_count); }
  /// Codes a row prepared by the space or by one that differs from it in its shape alone; false if
  /// it cannot be coded.
  bool write(const CodeSpace& space, const PreparedQuery& row, std::uint32_t slot);
  /// The code and its factors.
  [[nodiscard]] const unsigned char* row(std::uint32_t slot) const { return rows_->row(slot); }
  /// The row is as it was written.
  [[nodiscard]] bool intact(std::uint32_t slot) const;
  /// Estimates distances to the rows `slots`.
  void estimate(EstimateFunction function, const CodeQuery& query,
                std::span<const std::uint32_t> slots, float* out) const;
  /// Makes everything written so far durable.
  Status sync(CancelToken& cancel) { return rows_->sync(cancel); }
  [[nodiscard]] std::uint64_t size_bytes() const { return rows_->size_bytes(); }

 private:
  FineCodes(std::size_t code_bytes, std::unique_ptr<MappedRows> rows)
      : code_bytes_(code_bytes), rows_(std::move(rows)) {}
  [[nodiscard]] std::uint32_t checksum(std::uint32_t slot) const;

  const std::size_t code_bytes_;
  const std::unique_ptr<MappedRows> rows_;
};

}  // namespace omen::engine
