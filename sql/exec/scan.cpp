#include "sql/exec/scan.h"

#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"
#include "sql/types/type_io.h"

namespace omen::sql {

bool TableScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (done_) {
    out.reset(node_.output_types);
    return false;
  }
  if (cursor_ == nullptr) {
    cursor_ = value_or_throw(
        state.statement->scan(engine::TableScan{.table = node_.table, .columns = node_.columns}));
  }
  if (value_or_throw(cursor_->next(out))) {
    return true;
  }
  done_ = true;
  cursor_.reset();
  return false;
}

bool SystemScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  if (!loaded_) {
    std::vector<PhysicalType> types;
    for (const SystemColumn& column : node_.relation->columns) {
      types.push_back(type_info(column.type).physical);
    }
    rows_.reset(types);
    node_.relation->rows(state.eval, rows_);
    loaded_ = true;
  }
  out.reset(node_.output_types);
  const std::size_t count = std::min(engine::kBatchRowsMax, rows_.row_count() - rows_sent_);
  if (count == 0) {
    return false;
  }
  std::vector<std::uint32_t> chosen(count);
  for (std::size_t i = 0; i < count; ++i) {
    chosen[i] = static_cast<std::uint32_t>(rows_sent_ + i);
  }
  for (std::size_t i = 0; i < node_.columns.size(); ++i) {
    const int column = node_.columns[i];
    if (column == kTableOidColumn) {
      out.column(i).reset_constant(PhysicalType::Int64, count);
      out.column(i).values<std::int64_t>()[0] = node_.relation->oid;
    } else if (column < 0) {
      unsupported("system column of a system relation");
    } else {
      out.column(i).gather(rows_.column(static_cast<std::size_t>(column)), chosen);
    }
  }
  out.set_row_count(count);
  rows_sent_ += count;
  return true;
}

}  // namespace omen::sql
