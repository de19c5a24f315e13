#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/base/thread_annotations.h"
#include "engine/vector/mapped_rows.h"
#include "engine/vector/vector_index.h"

namespace omen::engine {

/// The re-rank store: the indexed values in slot order and their stored form. Values of one size
/// are the rows of one file and nothing else. Values of varying size lie one after another in a
/// second file (`.values`), and the rows of the first say where: offset (8 bytes, in units of 4),
/// size (4), room (4). Checksums are kept by the slot table.
///
/// **Threads:** reserve() by one thread at a time; write() by any, each its own row; value() by any
/// for rows whose writing happened before. A row may be written anew when nobody reads it.
class VectorFile {
 public:
  static Result<std::unique_ptr<VectorFile>> create(const std::filesystem::path& path,
                                                    const VectorIndexOptions& options,
                                                    std::size_t rows_max);
  /// Opens files that must hold at least `row_count` rows; Corruption if they are shorter.
  static Result<std::unique_ptr<VectorFile>> open(const std::filesystem::path& path,
                                                  const VectorIndexOptions& options,
                                                  std::size_t rows_max, std::size_t row_count);

  /// Makes room for rows below `row_count`; DiskFull or IoError.
  Status reserve(std::size_t row_count);
  /// Writes row `row`, which must be reserved; fails only where values vary in size.
  Status write(std::size_t row, const VectorValue& value) OMEN_EXCLUDES(values_mutex_);
  /// No value if the row contradicts itself.
  [[nodiscard]] VectorValue value(std::size_t row) const {
    return values_ == nullptr ? VectorValue(rows_->row(row), rows_->row_bytes())
                              : value_at(place(row));
  }
  /// Where a value of varying size lies.
  struct Place {
    std::uint64_t offset = 0;  ///< in units of 4 bytes
    std::uint32_t size_bytes = 0;
    std::uint32_t room_bytes = 0;  ///< for a value that takes its place
  };
  [[nodiscard]] Place place(std::size_t row) const;
  /// No value if there is no such place.
  [[nodiscard]] VectorValue value_at(const Place& place) const;
  /// Fetches the beginning of a value; the rest follows by the CPU's own prefetch.
  void prefetch(std::size_t row) const;
  /// Makes everything written so far durable, unless it is cancelled.
  Status sync(CancelToken& cancel);
  [[nodiscard]] std::uint64_t size_bytes() const {
    return rows_->size_bytes() + (values_ == nullptr ? 0 : values_->size_bytes());
  }

 private:
  VectorFile() = default;
  Result<std::uint64_t> take_units(std::size_t count) OMEN_REQUIRES(values_mutex_);

  std::unique_ptr<MappedRows> rows_;
  std::unique_ptr<MappedRows> values_;  ///< null: values are the rows
  Mutex values_mutex_;
  std::uint64_t units_used_ OMEN_GUARDED_BY(values_mutex_) = 0;
};

}  // namespace omen::engine
