#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// One call of a set-returning function (or of a scalar one, which makes one row): hands its rows
/// out in pieces.
class SetFunction {
 public:
  SetFunction(const SetCallExpression* call, const Expression* scalar, std::vector<Type> columns,
              ExecutionState& state);

  /// Evaluates the arguments for all rows of `input`, which lives while calls for them run.
  void prepare(ExecutionState& state, const engine::ColumnBatch& input);
  /// Starts the call for row `row` of what was prepared.
  void start(std::size_t row);
  /// Rows ready to be taken, after making more if there are none; 0 at the end.
  std::size_t available(ExecutionState& state);
  /// Takes `count` of the available rows and appends them to columns of `out` from `first_column`
  /// on; NULLs where none are available.
  void take(std::size_t count, engine::ColumnBatch& out, std::size_t first_column);
  [[nodiscard]] std::size_t column_count() const { return types_.size(); }

 private:
  const SetCallExpression* call_;
  std::vector<EvaluatorPtr> arguments_;
  EvaluatorPtr scalar_;
  std::vector<const engine::ColumnVector*> prepared_;  ///< arguments, or the scalar's value
  std::vector<PhysicalType> types_;
  std::unique_ptr<engine::ColumnVector[]> values_;  ///< arguments of the running call
  std::vector<const engine::ColumnVector*> value_pointers_;
  std::uint64_t position_ = 0;
  bool done_ = true;
  engine::ColumnBatch rows_;
  std::size_t rows_taken_ = 0;
};

/// Functions in FROM, in lockstep, with an optional ordinal number.
class FunctionScanOperator final : public Operator {
 public:
  FunctionScanOperator(const FunctionScanNode& node, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override { started_ = false; }

 private:
  const FunctionScanNode& node_;
  std::vector<std::unique_ptr<SetFunction>> functions_;
  bool started_ = false;
  std::int64_t ordinal_ = 0;
};

/// Set-returning functions of a select list.
class ProjectSetOperator final : public Operator {
 public:
  ProjectSetOperator(const ProjectSetNode& node, std::unique_ptr<Operator> child,
                     ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  const ProjectSetNode& node_;
  std::unique_ptr<Operator> child_;
  std::vector<std::unique_ptr<SetFunction>> functions_;
  engine::ColumnBatch input_;
  std::size_t row_ = 0;
  bool in_row_ = false;
};

}  // namespace omen::sql
