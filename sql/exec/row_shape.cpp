#include "sql/exec/row_shape.h"

#include <algorithm>
#include <limits>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"

namespace omen::sql {

ResultOperator::ResultOperator(const ResultNode& node, ExecutionState& state)
    : node_(node), conditions_(make_evaluators(node.conditions, state)) {}

bool ResultOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  out.reset(node_.output_types);
  if (done_) {
    return false;
  }
  done_ = true;
  for (const EvaluatorPtr& condition : conditions_) {
    const engine::ColumnVector& value = evaluate_once(*condition, state);
    if (value.is_null(0) || value.values<std::uint8_t>()[0] == 0) {
      return false;
    }
  }
  out.set_row_count(1);
  return true;
}

ValuesOperator::ValuesOperator(const ValuesNode& node, ExecutionState& /*state*/) : node_(node) {}

bool ValuesOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  check_cancel(state);
  out.reset(node_.output_types);
  const std::size_t count = std::min(engine::kBatchRowsMax, node_.values.size() - next_row_);
  if (count == 0) {
    return false;
  }
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const ExpressionList& row = node_.values[next_row_ + i];
    for (std::size_t column = 0; column < row.size(); ++column) {
      engine::ColumnVector& target = out.column(column);
      if (row[column]->kind == ExpressionKind::Constant) {
        target.set_value(i, static_cast<const ConstantExpression*>(row[column])->value);
        continue;
      }
      const EvaluatorPtr evaluator = make_evaluator(*row[column], state);
      const engine::ColumnVector& value = evaluate_once(*evaluator, state);
      if (engine::is_bytes(target.type()) && !value.is_null(0)) {
        target.set_bytes(i, value.bytes(0));
      } else {
        set_row(target, i, value, 0);
      }
    }
  }
  next_row_ += count;
  return true;
}

FilterOperator::FilterOperator(const FilterNode& node, std::unique_ptr<Operator> child,
                               ExecutionState& state)
    : node_(node), child_(std::move(child)) {
  conditions_.reserve(node.conditions.size());
  for (const Expression* condition : node.conditions) {
    conditions_.push_back(std::make_unique<SubsetEvaluator>(*condition, state));
  }
}

bool FilterOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!child_->next(state, input_)) {
    out.reset(node_.output_types);
    return false;
  }
  if (state.instrument) {
    state.runtime->counters(node_.id).rows_in += input_.row_count();
  }
  const std::span<const std::uint32_t> all = all_rows(input_.row_count());
  rows_.assign(all.begin(), all.end());
  for (const auto& condition : conditions_) {
    if (rows_.empty()) {
      break;
    }
    keep_true(condition->evaluate(state, input_, rows_), rows_);
  }
  if (rows_.empty()) {
    out.reset(node_.output_types);
  } else {
    out.gather(input_, rows_);
  }
  return true;
}

ProjectOperator::ProjectOperator(const ProjectNode& node, std::unique_ptr<Operator> child,
                                 ExecutionState& state)
    : node_(node),
      child_(std::move(child)),
      expressions_(make_evaluators(node.expressions, state)) {}

bool ProjectOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  const bool more = child_->next(state, input_);
  out.reset(node_.output_types);
  if (!more) {
    return false;
  }
  if (input_.row_count() != 0) {
    for (std::size_t i = 0; i < expressions_.size(); ++i) {
      out.column(i).share(expressions_[i]->evaluate(state, input_));
    }
  }
  out.set_row_count(input_.row_count());
  return true;
}

std::optional<std::uint64_t> limit_value(Evaluator& evaluator, ExecutionState& state,
                                         bool is_offset) {
  const engine::ColumnVector& value = evaluate_once(evaluator, state);
  if (value.is_null(0)) {
    return std::nullopt;
  }
  const std::int64_t number = value.values<std::int64_t>()[0];
  if (number < 0) {
    throw is_offset ? SqlError(sqlstate::kInvalidRowCountInOffset, "OFFSET must not be negative")
                    : SqlError(sqlstate::kInvalidRowCountInLimit, "LIMIT must not be negative");
  }
  return static_cast<std::uint64_t>(number);
}

LimitOperator::LimitOperator(const LimitNode& node, std::unique_ptr<Operator> child,
                             ExecutionState& state)
    : node_(node), child_(std::move(child)) {
  if (node.limit != nullptr) {
    limit_ = make_evaluator(*node.limit, state);
  }
  if (node.offset != nullptr) {
    offset_ = make_evaluator(*node.offset, state);
  }
}

void LimitOperator::rewind(ExecutionState& state) {
  started_ = false;
  child_->rewind(state);
}

bool LimitOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!started_) {
    started_ = true;
    rows_to_skip_ = offset_ == nullptr ? 0 : limit_value(*offset_, state, true).value_or(0);
    rows_left_ = std::numeric_limits<std::uint64_t>::max();
    if (limit_ != nullptr) {
      rows_left_ = limit_value(*limit_, state, false).value_or(rows_left_);
    }
  }
  if (rows_left_ == 0) {
    out.reset(node_.output_types);
    return false;
  }
  while (rows_to_skip_ > 0) {
    if (!child_->next(state, input_)) {
      out.reset(node_.output_types);
      return false;
    }
    const std::size_t count = input_.row_count();
    if (count <= rows_to_skip_) {
      rows_to_skip_ -= count;
      continue;
    }
    std::vector<std::uint32_t> rest;
    for (std::size_t i = rows_to_skip_; i < count && rest.size() < rows_left_; ++i) {
      rest.push_back(static_cast<std::uint32_t>(i));
    }
    rows_to_skip_ = 0;
    rows_left_ -= rest.size();
    out.gather(input_, rest);
    return true;
  }
  if (!child_->next(state, out)) {
    return false;
  }
  out.truncate(std::min<std::uint64_t>(out.row_count(), rows_left_));
  rows_left_ -= out.row_count();
  return true;
}

bool AppendOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  for (; current_ < children_.size(); ++current_) {
    if (children_[current_]->next(state, out)) {
      return true;
    }
  }
  return false;
}

void AppendOperator::rewind(ExecutionState& state) {
  for (const auto& child : children_) {
    child->rewind(state);
  }
  current_ = 0;
}

}  // namespace omen::sql
