#include "sql/exec/vector_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/row_shape.h"

namespace omen::sql {

VectorScanOperator::VectorScanOperator(const VectorScanNode& node, ExecutionState& state)
    : node_(node), query_evaluator_(make_evaluator(*node.query, state)) {
  if (node.limit != nullptr) {
    limit_ = make_evaluator(*node.limit, state);
  }
  if (node.offset != nullptr) {
    offset_ = make_evaluator(*node.offset, state);
  }
  if (node.bound != nullptr) {
    bound_evaluator_ = make_evaluator(*node.bound, state);
  }
  if (node.bound_from != nullptr) {
    bound_from_evaluator_ = make_evaluator(*node.bound_from, state);
  }
}

void VectorScanOperator::rewind(ExecutionState& /*state*/) {
  cursor_.reset();
  opened_ = false;
  without_distance_ = false;
}

void VectorScanOperator::open(ExecutionState& state) {
  opened_ = true;
  const engine::ColumnVector& value = evaluate_once(*query_evaluator_, state);
  if (value.is_null(0)) {
    open_without_distance(state);
    return;
  }
  const std::string_view bytes = value.bytes(0);
  query_.resize(bytes.size() / sizeof(float));
  std::memcpy(query_.data(), bytes.data(), query_.size() * sizeof(float));
  const engine::Column& column = node_.table->columns[node_.index->columns[0].column];
  if (column.type_modifier >= 0 &&
      query_.size() != static_cast<std::size_t>(column.type_modifier)) {
    refuse_dimensions(state);
    open_without_distance(state);  // all vectors are NULL
    return;
  }
  engine::VectorScan request{.table = node_.table,
                             .index = node_.index,
                             .columns = node_.columns,
                             .query = query_,
                             .ef_search = state.hnsw_ef_search,
                             .recall_target = state.recall_target};
  if (limit_ != nullptr) {
    const std::uint64_t limit = limit_value(*limit_, state, false).value_or(10);
    const std::uint64_t offset =
        offset_ == nullptr ? 0 : limit_value(*offset_, state, true).value_or(0);
    request.row_count_hint = static_cast<std::size_t>(
        std::clamp<std::uint64_t>(limit + std::min<std::uint64_t>(offset, 100'000), 1, 100'000));
  }
  read_bound(state);
  cursor_ = value_or_throw(state.statement->scan(request));
}

void VectorScanOperator::read_bound(ExecutionState& state) {
  const auto read = [&](const EvaluatorPtr& evaluator) -> std::optional<double> {
    if (evaluator == nullptr) {
      return std::nullopt;
    }
    const engine::ColumnVector& value = evaluate_once(*evaluator, state);
    return value.is_null(0) ? std::nullopt : std::optional(value.values<double>()[value.index(0)]);
  };
  bound_ = read(bound_evaluator_);
  bound_from_ = read(bound_from_evaluator_);
  const bool has_no_start = bound_from_evaluator_ != nullptr && !bound_from_.has_value();
  if (has_no_start || std::isnan(bound_.value_or(0))) {
    bound_.reset();
  }
}

/// Whether the last row's distance is past the bound: so is every later row's.
bool VectorScanOperator::is_beyond_bound(const engine::ColumnBatch& batch) const {
  if (!bound_.has_value() || batch.row_count() == 0) {
    return false;
  }
  const auto at = std::find(node_.columns.begin(), node_.columns.end(), engine::kDistanceColumn);
  const engine::ColumnVector& distances =
      batch.column(static_cast<std::size_t>(at - node_.columns.begin()));
  const std::size_t last = batch.row_count() - 1;
  if (distances.is_null(last)) {
    return true;
  }
  const double distance = distances.values<double>()[distances.index(last)];
  // Not a number is past any bound.
  return bound_from_.has_value() ? !(*bound_from_ - distance >= *bound_) : !(distance <= *bound_);
}

/// As pgvector, a wrong number of dimensions is an error once there is a vector to compare with.
void VectorScanOperator::refuse_dimensions(ExecutionState& state) {
  const int column = node_.index->columns[0].column;
  const std::unique_ptr<engine::RowCursor> cursor = value_or_throw(
      state.statement->scan(engine::TableScan{.table = node_.table, .columns = {column}}));
  engine::ColumnBatch batch;
  while (value_or_throw(cursor->next(batch))) {
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
      if (batch.column(0).is_null(row)) {
        continue;
      }
      // The query comes first, whichever way the operator was written.
      const std::size_t first = query_.size();
      const std::size_t second = batch.column(0).bytes(row).size() / sizeof(float);
      throw SqlError(sqlstate::kDataException,
                     fmt::format("different vector dimensions {} and {}", first, second));
    }
  }
}

void VectorScanOperator::open_without_distance(ExecutionState& state) {
  without_distance_ = true;
  std::vector<int> columns;
  for (const int column : node_.columns) {
    if (column != engine::kDistanceColumn) {
      columns.push_back(column);
    }
  }
  cursor_ = value_or_throw(
      state.statement->scan(engine::TableScan{.table = node_.table, .columns = columns}));
}

bool VectorScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!opened_) {
    open(state);
  }
  if (cursor_ == nullptr) {
    out.reset(node_.output_types);
    return false;
  }
  if (!without_distance_) {
    const bool has_rows = value_or_throw(cursor_->next(out));
    if (!has_rows || is_beyond_bound(out)) {
      cursor_.reset();
    }
    return has_rows;
  }
  out.reset(node_.output_types);
  if (!value_or_throw(cursor_->next(rows_))) {
    cursor_.reset();
    return false;
  }
  std::size_t from = 0;
  for (std::size_t i = 0; i < node_.columns.size(); ++i) {
    if (node_.columns[i] == engine::kDistanceColumn) {
      fill_null(out.column(i), PhysicalType::Float64, rows_.row_count());
    } else {
      out.column(i).share(rows_.column(from++));
    }
  }
  out.set_row_count(rows_.row_count());
  return true;
}

}  // namespace omen::sql
