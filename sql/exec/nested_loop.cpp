#include "sql/exec/nested_loop.h"

#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"

namespace omen::sql {
namespace {

/// Matches of one right batch from which they are passed on without being copied.
constexpr std::size_t kUncopiedRowsMin = 128;

}  // namespace

NestedLoopOperator::NestedLoopOperator(const NestedLoopNode& node, std::unique_ptr<Operator> left,
                                       std::unique_ptr<Operator> right, ExecutionState& state)
    : node_(node),
      left_(std::move(left)),
      right_(std::move(right)),
      slot_values_(make_evaluators(node.slot_values, state)),
      keeps_right_(node.slots.empty()) {
  for (const PlanNode* child : node.children) {
    pair_types_.insert(pair_types_.end(), child->output_types.begin(), child->output_types.end());
  }
  for (const Expression* condition : node.conditions) {
    conditions_.push_back(std::make_unique<SubsetEvaluator>(*condition, state));
  }
  if (keeps_right_) {
    kept_ = std::make_unique<RowStore>(node.children[1]->output_types, state.budget);
  }
}

void NestedLoopOperator::rewind(ExecutionState& state) {
  left_->rewind(state);
  left_rows_.clear();
  left_row_ = 0;
  have_left_ = false;
  if (keeps_right_) {
    right_->rewind(state);
    kept_->clear();
    kept_complete_ = false;
  }
}

bool NestedLoopOperator::next_left_row(ExecutionState& state) {
  if (have_left_) {
    ++left_row_;
  }
  have_left_ = false;
  while (left_row_ >= left_rows_.row_count()) {
    left_row_ = 0;
    if (!left_->next(state, left_rows_)) {
      left_rows_.clear();
      return false;
    }
    slot_columns_.clear();
    if (left_rows_.row_count() != 0) {
      for (const EvaluatorPtr& value : slot_values_) {
        slot_columns_.push_back(&value->evaluate(state, left_rows_));
      }
    }
  }
  have_left_ = true;
  matched_ = false;
  return true;
}

void NestedLoopOperator::start_right(ExecutionState& state) {
  right_open_ = true;
  if (keeps_right_) {
    reader_ = {};
    return;
  }
  for (std::size_t i = 0; i < node_.slots.size(); ++i) {
    state.runtime->set_slot(node_.slots[i], *slot_columns_[i], left_row_);
  }
  if (right_started_) {
    right_->rewind(state);
  }
  right_started_ = true;
}

bool NestedLoopOperator::next_right_batch(ExecutionState& state) {
  if (!keeps_right_) {
    return right_->next(state, right_rows_);
  }
  while (!kept_->read(reader_, right_rows_)) {
    if (kept_complete_ || !right_->next(state, right_rows_)) {
      kept_complete_ = true;
      return false;
    }
    kept_->append(right_rows_);
  }
  return true;
}

void NestedLoopOperator::match(ExecutionState& state) {
  const std::size_t count = right_rows_.row_count();
  pairs_.reset(pair_types_);
  const auto left_row = static_cast<std::uint32_t>(left_row_);
  const std::size_t left_count = left_rows_.column_count();
  for (std::size_t i = 0; i < left_count; ++i) {
    broadcast(left_rows_.column(i), left_row, count, pairs_.column(i));
  }
  for (std::size_t i = 0; i < right_rows_.column_count(); ++i) {
    pairs_.column(left_count + i).share(right_rows_.column(i));
  }
  pairs_.set_row_count(count);
  const std::span<const std::uint32_t> all = all_rows(count);
  chosen_.assign(all.begin(), all.end());
  for (const auto& condition : conditions_) {
    if (chosen_.empty()) {
      return;
    }
    keep_true(condition->evaluate(state, pairs_, chosen_), chosen_);
  }
}

/// Appends the left row with NULLs for the right side, or alone for semi and anti joins.
void NestedLoopOperator::append_left_only(engine::ColumnBatch& out) {
  const auto left_row = static_cast<std::uint32_t>(left_row_);
  for (std::size_t i = 0; i < out.column_count(); ++i) {
    engine::ColumnVector& column = out.column(i);
    if (i < left_rows_.column_count()) {
      append_rows(column, left_rows_.column(i), std::span(&left_row, 1));
    } else {
      column.resize(column.size() + 1);
      column.set_null(column.size() - 1);
    }
  }
  out.set_row_count(out.row_count() + 1);
}

bool NestedLoopOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  out.reset(node_.output_types);
  const bool emits_pairs = node_.join == PlanJoin::Inner || node_.join == PlanJoin::Left;
  while (out.row_count() < engine::kBatchRowsMax / 2) {
    if (!right_open_) {
      if (!next_left_row(state)) {
        return out.row_count() != 0;
      }
      start_right(state);
    }
    if (!next_right_batch(state)) {
      right_open_ = false;
      if (!matched_ && (node_.join == PlanJoin::Left || node_.join == PlanJoin::Anti)) {
        append_left_only(out);
      }
      continue;
    }
    if (right_rows_.row_count() == 0) {
      continue;
    }
    match(state);
    if (chosen_.empty()) {
      continue;
    }
    matched_ = true;
    if (!emits_pairs) {
      right_open_ = false;
      if (node_.join == PlanJoin::Semi) {
        append_left_only(out);
      }
      continue;
    }
    if (out.row_count() == 0 && chosen_.size() >= kUncopiedRowsMin) {
      out.gather(pairs_, chosen_);
      return true;
    }
    append_rows(out, pairs_, chosen_);
  }
  return true;
}

}  // namespace omen::sql
