#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/budget.h"
#include "engine/base/column_batch.h"
#include "sql/exec/temp_file.h"

namespace omen::sql {

/// Memory an operator may use before it asks the budget, so that each makes progress.
constexpr std::size_t kOperatorFreeBytes = std::size_t{256} << 10;

/// Bytes charged to a Budget and given back at the end.
class MemoryUse {
 public:
  explicit MemoryUse(engine::Budget* budget) : budget_(budget) {}
  ~MemoryUse() { clear(); }
  MemoryUse(const MemoryUse&) = delete;
  MemoryUse& operator=(const MemoryUse&) = delete;
  /// Sets the use to `size_bytes` in all; false if the budget refuses the difference.
  [[nodiscard]] bool resize(std::size_t size_bytes);
  void clear();

 private:
  engine::Budget* budget_;
  std::size_t charged_bytes_ = 0;
};

/// A sequence of rows, appended once and read any number of times. Kept in memory while the budget
/// allows, in a temporary file beyond. Readers may run while rows are still appended. Not
/// thread-safe.
///
/// In the file a chunk is: row count (4 bytes), then per column: flag whether there are nulls (1),
/// the
/// null bytes, and the values, or for bytes the sizes (4 each) and then the bytes.
class RowStore {
 public:
  RowStore(std::vector<engine::PhysicalType> types, engine::Budget* budget);

  void append(const engine::ColumnBatch& rows);
  void append(const engine::ColumnBatch& rows, std::span<const std::uint32_t> chosen);
  [[nodiscard]] std::uint64_t row_count() const { return row_count_; }
  [[nodiscard]] const std::vector<engine::PhysicalType>& types() const { return types_; }
  void clear();
  /// Sends everything appended from here on to the file.
  void spill_from_now() { spilling_ = true; }

  /// A place in the sequence. `clear()` of the store makes it invalid.
  struct Reader {
    std::size_t chunk = 0;
    std::size_t rows_read = 0;  ///< of the chunk
    std::string bytes;          ///< of a chunk read from the file
  };
  /// Replaces `out` by the next rows; false at the (present) end. Views live until the reader's
  /// next
  /// read, those of rows in memory until clear().
  bool read(Reader& reader, engine::ColumnBatch& out) const;

 private:
  struct Chunk {
    std::unique_ptr<engine::ColumnBatch> rows;  ///< null: in the file
    std::uint64_t offset = 0;
    std::size_t size_bytes = 0;
  };
  void encode(const engine::ColumnBatch& rows, std::string& out) const;
  void decode(std::string_view bytes, engine::ColumnBatch& out) const;
  void settle_last();

  std::vector<engine::PhysicalType> types_;
  std::vector<Chunk> chunks_;
  std::uint64_t row_count_ = 0;
  std::size_t memory_bytes_ = 0;
  bool last_open_ = false;  ///< the last chunk is in memory and takes more rows
  bool spilling_ = false;
  MemoryUse memory_;
  std::unique_ptr<TempFile> file_;
};

}  // namespace omen::sql
