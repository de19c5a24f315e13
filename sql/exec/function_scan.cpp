#include "sql/exec/function_scan.h"

#include <algorithm>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/runtime.h"
#include "sql/types/type_io.h"

namespace omen::sql {

SetFunction::SetFunction(const SetCallExpression* call, const Expression* scalar,
                         std::vector<Type> columns, ExecutionState& state)
    : call_(call) {
  for (const Type& type : columns) {
    types_.push_back(type_info(type.oid).physical);
  }
  if (call != nullptr) {
    arguments_ = make_evaluators(call->arguments, state);
    values_ = std::make_unique<engine::ColumnVector[]>(arguments_.size());
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      value_pointers_.push_back(&values_[i]);
    }
  } else {
    scalar_ = make_evaluator(*scalar, state);
  }
}

void SetFunction::prepare(ExecutionState& state, const engine::ColumnBatch& input) {
  prepared_.clear();
  if (scalar_ != nullptr) {
    prepared_.push_back(&scalar_->evaluate(state, input));
  }
  for (const EvaluatorPtr& argument : arguments_) {
    prepared_.push_back(&argument->evaluate(state, input));
  }
}

void SetFunction::start(std::size_t row) {
  position_ = 0;
  rows_taken_ = 0;
  rows_.reset(types_);
  done_ = scalar_ != nullptr;
  if (scalar_ != nullptr) {
    const auto chosen = static_cast<std::uint32_t>(row);
    append_rows(rows_.column(0), *prepared_[0], std::span(&chosen, 1));
    rows_.set_row_count(1);
    return;
  }
  for (std::size_t i = 0; i < prepared_.size(); ++i) {
    copy_as_constant(*prepared_[i], row, values_[i]);
    done_ = done_ || (call_->function->strict && values_[i].is_null(0));
  }
}

std::size_t SetFunction::available(ExecutionState& state) {
  while (rows_taken_ == rows_.row_count() && !done_) {
    check_cancel(state);
    rows_.reset(types_);
    rows_taken_ = 0;
    const FunctionCall call{state.eval, value_pointers_, 1, call_->type, call_->argument_types};
    done_ = !call_->function->set_body(call, position_, rows_);
    if (rows_.column_count() != 0) {
      rows_.set_row_count(rows_.column(0).size());
    }
    position_ += rows_.row_count();
  }
  return rows_.row_count() - rows_taken_;
}

void SetFunction::take(std::size_t count, engine::ColumnBatch& out, std::size_t first_column) {
  std::vector<std::uint32_t> chosen;
  const std::size_t left = std::min(count, rows_.row_count() - rows_taken_);
  for (std::size_t i = 0; i < left; ++i) {
    chosen.push_back(static_cast<std::uint32_t>(rows_taken_ + i));
  }
  rows_taken_ += left;
  for (std::size_t i = 0; i < types_.size(); ++i) {
    engine::ColumnVector& column = out.column(first_column + i);
    append_rows(column, rows_.column(i), chosen);
    const std::size_t filled = column.size();
    column.resize(filled + count - left);
    for (std::size_t row = filled; row < column.size(); ++row) {
      column.set_null(row);
    }
  }
}

FunctionScanOperator::FunctionScanOperator(const FunctionScanNode& node, ExecutionState& state)
    : node_(node) {
  for (const FunctionScanNode::Function& function : node.functions) {
    functions_.push_back(
        std::make_unique<SetFunction>(function.call, function.scalar, function.columns, state));
  }
}

bool FunctionScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!started_) {
    started_ = true;
    ordinal_ = 0;
    engine::ColumnBatch one_row;
    one_row.set_row_count(1);
    for (const auto& function : functions_) {
      function->prepare(state, one_row);
      function->start(0);
    }
  }
  out.reset(node_.output_types);
  std::size_t count = 0;
  for (const auto& function : functions_) {
    const std::size_t available = function->available(state);
    if (available != 0) {
      count = count == 0 ? available : std::min(count, available);
    }
  }
  if (count == 0) {
    return false;
  }
  std::size_t column = 0;
  for (const auto& function : functions_) {
    function->take(count, out, column);
    column += function->column_count();
  }
  if (node_.with_ordinality) {
    out.column(column).resize(count);
    for (std::int64_t& value : out.column(column).values<std::int64_t>()) {
      value = ++ordinal_;
    }
  }
  out.set_row_count(count);
  return true;
}

ProjectSetOperator::ProjectSetOperator(const ProjectSetNode& node, std::unique_ptr<Operator> child,
                                       ExecutionState& state)
    : node_(node), child_(std::move(child)) {
  for (const SetCallExpression* call : node.calls) {
    functions_.push_back(
        std::make_unique<SetFunction>(call, nullptr, std::vector<Type>{call->type}, state));
  }
}

void ProjectSetOperator::rewind(ExecutionState& state) {
  child_->rewind(state);
  input_.clear();
  row_ = 0;
  in_row_ = false;
}

bool ProjectSetOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  out.reset(node_.output_types);
  const std::size_t input_columns = node_.output_types.size() - functions_.size();
  while (out.row_count() < engine::kBatchRowsMax / 2) {
    if (row_ == input_.row_count() && !in_row_) {
      if (out.row_count() != 0) {
        return true;
      }
      row_ = 0;
      if (!child_->next(state, input_)) {
        input_.clear();
        return false;
      }
      for (const auto& function : functions_) {
        function->prepare(state, input_);
      }
      continue;
    }
    if (!in_row_) {
      for (const auto& function : functions_) {
        function->start(row_);
      }
      in_row_ = true;
    }
    std::size_t count = 0;
    for (const auto& function : functions_) {
      const std::size_t available = function->available(state);
      if (available != 0) {
        count = count == 0 ? available : std::min(count, available);
      }
    }
    if (count == 0) {
      in_row_ = false;
      ++row_;
      continue;
    }
    const std::vector<std::uint32_t> same(count, static_cast<std::uint32_t>(row_));
    for (std::size_t i = 0; i < input_columns; ++i) {
      append_rows(out.column(i), input_.column(i), same);
    }
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      functions_[i]->take(count, out, input_columns + i);
    }
    out.set_row_count(out.row_count() + count);
  }
  return true;
}

}  // namespace omen::sql
