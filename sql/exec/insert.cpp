#include "sql/exec/insert.h"

#include <algorithm>
#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"
#include "sql/types/type_io.h"

namespace omen::sql {

ModifyOperator::ModifyOperator(const ModifyNode& node, std::unique_ptr<Operator> child,
                               ExecutionState& state)
    : child_(std::move(child)),
      constraints_(node, state),
      modify_node_(node),
      returning_(make_evaluators(node.returning, state)),
      returned_(node.output_types, state.budget) {}

bool ModifyOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!done_) {
    while (child_->next(state, input_)) {
      check_cancel(state);
      if (input_.row_count() != 0) {
        write(state, input_);
      }
    }
    done_ = true;
  }
  out.reset(modify_node_.output_types);
  return returned_.read(reader_, out);
}

void ModifyOperator::rewind(ExecutionState& /*state*/) {
  reader_ = {};  // what was written stays written: only the returned rows are read again
}

void ModifyOperator::add_returned(ExecutionState& state, const engine::ColumnBatch& source) {
  if (returning_.empty() || source.row_count() == 0) {
    return;
  }
  projected_.reset(modify_node_.output_types);
  for (std::size_t i = 0; i < returning_.size(); ++i) {
    projected_.column(i).share(returning_[i]->evaluate(state, source));
  }
  projected_.set_row_count(source.row_count());
  returned_.append(projected_);
}

InsertOperator::InsertOperator(const InsertNode& node, std::unique_ptr<Operator> child,
                               ExecutionState& state)
    : ModifyOperator(node, std::move(child), state),
      node_(node),
      update_values_(make_evaluators(node.update_values, state)) {
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    values_.push_back(node.values[i] == nullptr ? nullptr : make_evaluator(*node.values[i], state));
    row_types_.push_back(node.table->columns[i].physical);
    all_columns_.push_back(static_cast<int>(i));
  }
  if (node.update_condition != nullptr) {
    update_condition_ = make_evaluator(*node.update_condition, state);
  }
}

void InsertOperator::write(ExecutionState& state, const engine::ColumnBatch& input) {
  const std::size_t row_count = input.row_count();
  rows_.reset(row_types_);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    engine::ColumnVector& column = rows_.column(i);
    if (values_[i] == nullptr) {
      column.reset_constant(row_types_[i], row_count);
      column.set_null(0);
    } else {
      column.share(values_[i]->evaluate(state, input));
    }
  }
  rows_.set_row_count(row_count);
  constraints_.check(state, rows_);

  std::size_t row = 0;
  std::vector<std::uint32_t> inserted;
  while (row < row_count) {
    const engine::InsertOutcome outcome =
        value_or_throw(state.statement->insert(*node_.table, rows_, row));
    state.rows_affected += outcome.rows_inserted;
    if (!node_.returning.empty() && outcome.rows_inserted != 0) {
      inserted.clear();
      for (std::size_t i = 0; i < outcome.rows_inserted; ++i) {
        inserted.push_back(static_cast<std::uint32_t>(row + i));
      }
      engine::ColumnBatch returned;
      returned.gather(rows_, inserted);
      add_returned(state, returned);
    }
    row += outcome.rows_inserted;
    if (outcome.conflict.has_value() && resolve_conflict(state, *outcome.conflict, row)) {
      ++row;
    }
  }
}

bool InsertOperator::is_arbiter(Oid index_oid) const {
  return node_.arbiters.empty() ||
         std::find(node_.arbiters.begin(), node_.arbiters.end(), index_oid) != node_.arbiters.end();
}

bool InsertOperator::resolve_conflict(ExecutionState& state, const engine::UniqueConflict& conflict,
                                      std::size_t row) {
  if (!node_.has_conflict_clause || !is_arbiter(conflict.index_oid)) {
    constraints_.throw_unique_violation(state, conflict.index_oid, rows_, row);
  }
  if (!node_.do_update) {
    if (!conflict.is_visible && keeps_snapshot(state.transaction->options().isolation)) {
      throw SqlError(sqlstate::kSerializationFailure,
                     "could not serialize access due to concurrent update");
    }
    return true;
  }
  return update_existing(state, conflict, row);
}

/// ON CONFLICT DO UPDATE of the row in the way. False if that row is gone: insert again.
bool InsertOperator::update_existing(ExecutionState& state, const engine::UniqueConflict& conflict,
                                     std::size_t row) {
  if (conflict.modified_by_statement) {
    throw SqlError(sqlstate::kCardinalityViolation,
                   "ON CONFLICT DO UPDATE command cannot affect row a second time")
        .hint(
            "Ensure that no rows proposed for insertion within the same command have duplicate "
            "constrained values.");
  }
  engine::Xid xid = conflict.xid;
  const auto chosen = static_cast<std::uint32_t>(row);
  while (true) {
    check_cancel(state);
    engine::ColumnBatch existing;
    existing.reset(row_types_);
    if (!value_or_throw(
            state.statement->fetch(*node_.table, conflict.row_id, xid, all_columns_, existing))) {
      return false;
    }
    // The existing row's columns, then the proposed row's.
    std::vector<PhysicalType> types = row_types_;
    types.insert(types.end(), row_types_.begin(), row_types_.end());
    engine::ColumnBatch both;
    both.reset(types);
    for (std::size_t i = 0; i < row_types_.size(); ++i) {
      both.column(i).share(existing.column(i));
      both.column(row_types_.size() + i).gather(rows_.column(i), std::span(&chosen, 1));
    }
    both.set_row_count(1);
    if (update_condition_ != nullptr) {
      const engine::ColumnVector& holds = update_condition_->evaluate(state, both);
      if (holds.is_null(0) || holds.values<std::uint8_t>()[0] == 0) {
        return true;
      }
    }
    engine::ColumnBatch values;
    std::vector<PhysicalType> value_types;
    for (const int column : node_.update_columns) {
      value_types.push_back(row_types_[static_cast<std::size_t>(column)]);
    }
    values.reset(value_types);
    for (std::size_t i = 0; i < update_values_.size(); ++i) {
      values.column(i).share(update_values_[i]->evaluate(state, both));
    }
    values.set_row_count(1);
    engine::ColumnBatch updated;
    updated.reset(row_types_);
    for (std::size_t i = 0; i < row_types_.size(); ++i) {
      updated.column(i).share(existing.column(i));
    }
    for (std::size_t i = 0; i < node_.update_columns.size(); ++i) {
      updated.column(static_cast<std::size_t>(node_.update_columns[i])).share(values.column(i));
    }
    updated.set_row_count(1);
    constraints_.check(state, updated);
    const engine::WriteOutcome outcome = value_or_throw(state.statement->update(
        *node_.table, conflict.row_id, xid, node_.update_columns, values, 0));
    switch (outcome.result) {
      case engine::WriteResult::Done:
        ++state.rows_affected;
        add_returned(state, updated);
        return true;
      case engine::WriteResult::Deleted:
      case engine::WriteResult::Locked:  // of lock_row() alone
        return false;
      case engine::WriteResult::Changed:
        xid = outcome.newest_xid;
        break;
      case engine::WriteResult::ModifiedByStatement:
        throw SqlError(sqlstate::kCardinalityViolation,
                       "ON CONFLICT DO UPDATE command cannot affect row a second time")
            .hint(
                "Ensure that no rows proposed for insertion within the same command have "
                "duplicate constrained values.");
      case engine::WriteResult::UniqueViolation:
        constraints_.throw_unique_violation(
            state, outcome.conflict.has_value() ? outcome.conflict->index_oid : 0, updated, 0);
    }
  }
}

}  // namespace omen::sql
