#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/exec/runtime.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// A constant or parameter: one value for all rows.
class ValueEvaluator final : public Evaluator {
 public:
  ValueEvaluator(Oid type, const engine::Value& value) {
    column_.reset_constant(type_info(type).physical, 1);
    column_.set_value(0, value);
  }
  const engine::ColumnVector& evaluate(ExecutionState& /*state*/,
                                       const engine::ColumnBatch& input) override {
    column_.resize(input.row_count());
    return column_;
  }

 private:
  engine::ColumnVector column_;
};

class InputColumnEvaluator final : public Evaluator {
 public:
  explicit InputColumnEvaluator(int position) : position_(static_cast<std::size_t>(position)) {}
  const engine::ColumnVector& evaluate(ExecutionState& /*state*/,
                                       const engine::ColumnBatch& input) override {
    return input.column(position_);
  }

 private:
  std::size_t position_;
};

class OuterColumnEvaluator final : public Evaluator {
 public:
  explicit OuterColumnEvaluator(int slot) : slot_(slot) {}
  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    engine::ColumnVector& value = state.runtime->slot(slot_).value;
    value.resize(input.row_count());
    return value;
  }

 private:
  int slot_;
};

}  // namespace

EvaluatorPtr make_constant(const ConstantExpression& expression) {
  return std::make_unique<ValueEvaluator>(expression.type.oid, expression.value);
}

EvaluatorPtr make_parameter(const ParameterExpression& expression, ExecutionState& state) {
  const auto number = static_cast<std::size_t>(expression.number);
  if (state.parameters == nullptr || number == 0 || number > state.parameters->size()) {
    internal_error("no value found for parameter " + std::to_string(expression.number));
  }
  return std::make_unique<ValueEvaluator>(expression.type.oid, (*state.parameters)[number - 1]);
}

EvaluatorPtr make_column(const ColumnExpression& expression) {
  const auto& column = static_cast<const PlannedColumn&>(expression);
  switch (column.source) {
    case PlannedColumn::Source::Input:
      return std::make_unique<InputColumnEvaluator>(column.position);
    case PlannedColumn::Source::Outer:
      return std::make_unique<OuterColumnEvaluator>(column.position);
    case PlannedColumn::Source::Leaf:
      break;
  }
  internal_error("column reference without a place");
}

}  // namespace omen::sql
