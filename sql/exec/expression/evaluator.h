#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/exec/operator.h"
#include "sql/planner/planned_expression.h"

namespace omen::sql {

/// One node of a compiled expression: one virtual call per batch. An execution's state, not shared.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// The value for each row of `input`: a column of input.row_count() rows, perhaps constant. Lives
  /// until the next call, and no longer than the rows of `input`. Throws SqlError.
  virtual const engine::ColumnVector& evaluate(ExecutionState& state,
                                               const engine::ColumnBatch& input) = 0;
};
using EvaluatorPtr = std::unique_ptr<Evaluator>;

/// Compiles a planned expression (all columns resolved). `expression` outlives the evaluator.
EvaluatorPtr make_evaluator(const Expression& expression, ExecutionState& state);
std::vector<EvaluatorPtr> make_evaluators(std::span<Expression* const> expressions,
                                          ExecutionState& state);

/// Evaluates an expression for some rows of a batch only, so that errors happen only where
/// PostgreSQL would raise them. Gathers just the columns the expression reads.
class SubsetEvaluator {
 public:
  SubsetEvaluator(const Expression& expression, ExecutionState& state);
  /// The values for `rows` of `input`, in their order. Lives until the next call.
  const engine::ColumnVector& evaluate(ExecutionState& state, const engine::ColumnBatch& input,
                                       std::span<const std::uint32_t> rows);

 private:
  EvaluatorPtr evaluator_;
  std::vector<std::size_t> columns_used_;
  std::vector<engine::PhysicalType> types_;
  engine::ColumnBatch subset_;
};

/// The value of an expression that reads no row (constants, parameters, outer columns, init plans).
const engine::ColumnVector& evaluate_once(Evaluator& evaluator, ExecutionState& state);

/// Keeps of `rows` those for which a boolean column (parallel to `rows`) is true.
void keep_true(const engine::ColumnVector& condition, std::vector<std::uint32_t>& rows);

}  // namespace omen::sql
