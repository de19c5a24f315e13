#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/api/cursor.h"
#include "engine/catalog/table_access.h"
#include "engine/storage/store.h"
#include "engine/txn/version_reader.h"
#include "engine/txn/wide_scan.h"

namespace omen::engine {

class LocalStatement;

Result<std::unique_ptr<RowCursor>> make_table_cursor(LocalStatement& statement,
                                                     TableAccessPtr access,
                                                     std::vector<int> columns);
Result<std::unique_ptr<RowCursor>> make_index_cursor(LocalStatement& statement,
                                                     TableAccessPtr access, IndexScan request);

Result<std::unique_ptr<VectorRowCursor>> make_vector_cursor(LocalStatement& statement,
                                                            TableAccessPtr access,
                                                            VectorScan request);

/// Decodes the requested columns of versions into a batch, row by row.
class BatchWriter {
 public:
  /// In which order rows are added over the writer's life.
  enum class Order : std::uint8_t {
    Any,  ///< wide values are copied into the batch
    Row,  ///< ascending row ids: wide values are read in step, and live until the next begin()
  };
  BatchWriter(const Store& store, const TableAccess& access, std::vector<int> columns,
              Order order = Order::Any);

  /// Starts an empty batch.
  void begin(ColumnBatch& out);
  /// Continues behind the rows `out` has; its columns are those asked for.
  void append_to(ColumnBatch& out);
  /// Without a distance the distance column is null.
  Status add(RowId row_id, const Version& version, std::optional<double> distance = std::nullopt);
  [[nodiscard]] std::size_t row_count() const { return row_count_; }
  [[nodiscard]] bool is_full() const {
    return row_count_ >= kBatchRowsMax || wide_buffer_.is_full();
  }
  /// Trims the batch to the rows added.
  void finish();

 private:
  Status write(ColumnVector& target, std::size_t i, RowId row_id, const RowView& view);
  Status write_wide(ColumnVector& target, std::size_t i, RowId row_id, WideReference reference);

  const Store& store_;
  const TableAccess& access_;
  const std::vector<int> columns_;
  const Order order_;
  std::vector<PhysicalType> types_;
  PinnedValue wide_value_;
  std::vector<std::unique_ptr<WideScan>> wide_scans_;  ///< parallel to columns_; made when needed
  WideBuffer wide_buffer_;
  ColumnBatch* out_ = nullptr;
  std::size_t row_count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace omen::engine
