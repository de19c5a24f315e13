#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/api/cursor.h"
#include "engine/catalog/table_access.h"
#include "engine/storage/store.h"
#include "engine/txn/version_reader.h"

namespace omen::engine {

class LocalStatement;

Result<std::unique_ptr<RowCursor>> make_table_cursor(LocalStatement& statement,
                                                     TableAccessPtr access,
                                                     std::vector<int> columns);
Result<std::unique_ptr<RowCursor>> make_index_cursor(LocalStatement& statement,
                                                     TableAccessPtr access, IndexScan request);

Result<std::unique_ptr<RowCursor>> make_vector_cursor(LocalStatement& statement,
                                                      TableAccessPtr access, VectorScan request);

/// Decodes the requested columns of versions into a batch, row by row.
class BatchWriter {
 public:
  BatchWriter(const Store& store, const TableAccess& access, std::vector<int> columns);

  /// Starts an empty batch.
  void begin(ColumnBatch& out);
  /// Continues behind the rows `out` has; its columns are those asked for.
  void append_to(ColumnBatch& out);
  /// Without a distance the distance column is null.
  Status add(RowId row_id, const Version& version, std::optional<double> distance = std::nullopt);
  [[nodiscard]] std::size_t row_count() const { return row_count_; }
  [[nodiscard]] bool is_full() const { return row_count_ >= kBatchRowsMax; }
  /// Trims the batch to the rows added.
  void finish();

 private:
  Status write(ColumnVector& target, std::size_t column, RowId row_id, const RowView& view);

  const Store& store_;
  const TableAccess& access_;
  const std::vector<int> columns_;
  std::vector<PhysicalType> types_;
  PinnedValue wide_value_;
  ColumnBatch* out_ = nullptr;
  std::size_t row_count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace omen::engine
