#include "sql/exec/update.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"

namespace omen::sql {

UpdateOperator::UpdateOperator(const UpdateNode& node, std::unique_ptr<Operator> child,
                               ExecutionState& state)
    : ModifyOperator(node, std::move(child), state),
      node_(node),
      target_(node.target, state),
      assigned_(make_evaluators(node.values, state)) {
  for (const engine::Column& column : node.table->columns) {
    row_types_.push_back(column.physical);
  }
  for (const int column : node.columns) {
    value_types_.push_back(row_types_[static_cast<std::size_t>(column)]);
    const auto& columns = node.target.table_columns;
    const auto found = std::find(columns.begin(), columns.end(), column);
    value_positions_.push_back(
        found == columns.end()
            ? -1
            : node.target.positions[static_cast<std::size_t>(found - columns.begin())]);
  }
}

void UpdateOperator::compute(ExecutionState& state, const engine::ColumnBatch& input,
                             Change& change) {
  change.values.reset(value_types_);
  share_batch(change.updated, input);
  for (std::size_t i = 0; i < assigned_.size(); ++i) {
    change.values.column(i).share(assigned_[i]->evaluate(state, input));
    if (value_positions_[i] >= 0) {
      change.updated.column(static_cast<std::size_t>(value_positions_[i]))
          .share(change.values.column(i));
    }
  }
  change.values.set_row_count(input.row_count());
  if (const auto violation =
          constraints_.find_violation(state, node_.columns, change.values, change.updated)) {
    engine::ColumnBatch row;
    full_row(state, input, change, violation->row, row);
    constraints_.throw_violation(state, *violation, row, 0);
  }
}

void UpdateOperator::full_row(ExecutionState& state, const engine::ColumnBatch& input,
                              const Change& change, std::size_t row, engine::ColumnBatch& out) {
  std::vector<int> all_columns;
  for (std::size_t i = 0; i < row_types_.size(); ++i) {
    all_columns.push_back(static_cast<int>(i));
  }
  out.reset(row_types_);
  if (!value_or_throw(state.statement->fetch(*node_.table, target_.row_id(input, row),
                                             target_.xid(input, row), all_columns, out))) {
    internal_error("row to be updated has vanished");
  }
  const auto chosen = static_cast<std::uint32_t>(row);
  for (std::size_t i = 0; i < node_.columns.size(); ++i) {
    out.column(static_cast<std::size_t>(node_.columns[i]))
        .gather(change.values.column(i), std::span(&chosen, 1));
  }
}

void UpdateOperator::write(ExecutionState& state, const engine::ColumnBatch& input) {
  compute(state, input, change_);
  std::vector<std::uint32_t> done;
  auto flush = [&] {
    if (!node_.returning.empty() && !done.empty()) {
      engine::ColumnBatch returned;
      returned.gather(change_.updated, done);
      add_returned(state, returned);
    }
    done.clear();
  };
  for (std::size_t row = 0; row < input.row_count(); ++row) {
    if (!target_.present(input, row)) {
      continue;
    }
    const engine::WriteOutcome outcome = value_or_throw(
        state.statement->update(*node_.table, target_.row_id(input, row), target_.xid(input, row),
                                node_.columns, change_.values, row));
    switch (outcome.result) {
      case engine::WriteResult::Done:
        ++state.rows_affected;
        done.push_back(static_cast<std::uint32_t>(row));
        break;
      case engine::WriteResult::Deleted:
      case engine::WriteResult::ModifiedByStatement:
      case engine::WriteResult::Locked:  // of lock_row() alone
        break;
      case engine::WriteResult::UniqueViolation: {
        engine::ColumnBatch whole;
        full_row(state, input, change_, row, whole);
        constraints_.throw_unique_violation(
            state, outcome.conflict.has_value() ? outcome.conflict->index_oid : 0, whole, 0);
      }
      case engine::WriteResult::Changed:
        flush();
        retry(state, input, row, outcome.newest_xid);
        break;
    }
  }
  flush();
}

void UpdateOperator::retry(ExecutionState& state, const engine::ColumnBatch& input, std::size_t row,
                           engine::Xid newest) {
  const engine::ColumnBatch* current = target_.refetch(state, input, row, newest);
  while (current != nullptr) {
    check_cancel(state);
    Change change;
    compute(state, *current, change);
    const engine::WriteOutcome outcome = value_or_throw(state.statement->update(
        *node_.table, target_.row_id(*current, 0), newest, node_.columns, change.values, 0));
    switch (outcome.result) {
      case engine::WriteResult::Done:
        ++state.rows_affected;
        add_returned(state, change.updated);
        return;
      case engine::WriteResult::Deleted:
      case engine::WriteResult::ModifiedByStatement:
      case engine::WriteResult::Locked:  // of lock_row() alone
        return;
      case engine::WriteResult::UniqueViolation: {
        engine::ColumnBatch whole;
        full_row(state, *current, change, 0, whole);
        constraints_.throw_unique_violation(
            state, outcome.conflict.has_value() ? outcome.conflict->index_oid : 0, whole, 0);
      }
      case engine::WriteResult::Changed:
        newest = outcome.newest_xid;
        current = target_.refetch(state, input, row, newest);
        break;
    }
  }
}

DeleteOperator::DeleteOperator(const DeleteNode& node, std::unique_ptr<Operator> child,
                               ExecutionState& state)
    : ModifyOperator(node, std::move(child), state), node_(node), target_(node.target, state) {}

void DeleteOperator::write(ExecutionState& state, const engine::ColumnBatch& input) {
  for (std::size_t row = 0; row < input.row_count(); ++row) {
    if (!target_.present(input, row)) {
      continue;
    }
    const engine::ColumnBatch* current = &input;
    std::size_t current_row = row;
    engine::Xid xid = target_.xid(input, row);
    while (current != nullptr) {
      const engine::WriteOutcome outcome =
          value_or_throw(state.statement->remove(*node_.table, target_.row_id(input, row), xid));
      if (outcome.result == engine::WriteResult::Changed) {
        check_cancel(state);
        xid = outcome.newest_xid;
        current = target_.refetch(state, input, row, xid);
        current_row = 0;
        continue;
      }
      if (outcome.result == engine::WriteResult::Done) {
        ++state.rows_affected;
        if (!node_.returning.empty()) {
          const auto chosen = static_cast<std::uint32_t>(current_row);
          engine::ColumnBatch returned;
          returned.gather(*current, std::span(&chosen, 1));
          add_returned(state, returned);
        }
      }
      break;
    }
  }
}

}  // namespace omen::sql
