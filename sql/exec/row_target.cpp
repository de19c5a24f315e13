#include "sql/exec/row_target.h"

#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"

namespace omen::sql {

RowTarget::RowTarget(const TargetRow& target, ExecutionState& state)
    : target_(target), recheck_(make_evaluators(target.recheck, state)) {
  for (const TargetRow::OuterJoin& outer : target.outer_joins) {
    outer_conditions_.push_back(make_evaluators(outer.conditions, state));
  }
  for (const int column : target.table_columns) {
    fetched_types_.push_back(
        column < 0 ? PhysicalType::Int64
                   : target.table->columns[static_cast<std::size_t>(column)].physical);
  }
}

bool RowTarget::present(const engine::ColumnBatch& input, std::size_t row) const {
  return !input.column(static_cast<std::size_t>(target_.row_id_position)).is_null(row);
}

engine::RowId RowTarget::row_id(const engine::ColumnBatch& input, std::size_t row) const {
  const engine::ColumnVector& column =
      input.column(static_cast<std::size_t>(target_.row_id_position));
  return static_cast<engine::RowId>(column.values<std::int64_t>()[column.index(row)]);
}

engine::Xid RowTarget::xid(const engine::ColumnBatch& input, std::size_t row) const {
  const engine::ColumnVector& column = input.column(static_cast<std::size_t>(target_.xid_position));
  return static_cast<engine::Xid>(column.values<std::int64_t>()[column.index(row)]);
}

const engine::ColumnBatch* RowTarget::refetch(ExecutionState& state,
                                              const engine::ColumnBatch& input, std::size_t row,
                                              engine::Xid newest) {
  fetched_.reset(fetched_types_);
  if (!value_or_throw(state.statement->fetch(*target_.table, row_id(input, row), newest,
                                             target_.table_columns, fetched_))) {
    return nullptr;
  }
  const auto chosen = static_cast<std::uint32_t>(row);
  current_.gather(input, std::span(&chosen, 1));
  for (std::size_t i = 0; i < target_.positions.size(); ++i) {
    engine::ColumnVector& column = current_.column(static_cast<std::size_t>(target_.positions[i]));
    column.share(fetched_.column(i));
  }
  for (std::size_t i = 0; i < outer_conditions_.size(); ++i) {
    if (!all_hold(outer_conditions_[i], state, current_)) {
      for (const int position : target_.outer_joins[i].nullable_positions) {
        engine::ColumnVector& column = current_.column(static_cast<std::size_t>(position));
        column.reset_constant(column.type(), 1);
        column.set_null(0);
      }
    }
  }
  return all_hold(recheck_, state, current_) ? &current_ : nullptr;
}

bool RowTarget::all_hold(const std::vector<EvaluatorPtr>& conditions, ExecutionState& state,
                         const engine::ColumnBatch& row) {
  return std::all_of(conditions.begin(), conditions.end(), [&](const EvaluatorPtr& condition) {
    const engine::ColumnVector& value = condition->evaluate(state, row);
    return !value.is_null(0) && value.values<std::uint8_t>()[0] != 0;
  });
}

}  // namespace omen::sql
