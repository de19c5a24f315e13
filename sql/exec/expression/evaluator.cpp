#include "sql/exec/expression/evaluator.h"

#include <algorithm>
#include <functional>

#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluators.h"

namespace omen::sql {
namespace {

void collect_columns(const Expression& expression, std::vector<std::size_t>& columns) {
  if (expression.kind == ExpressionKind::Column) {
    const auto& column = static_cast<const PlannedColumn&>(expression);
    if (column.source == PlannedColumn::Source::Input) {
      columns.push_back(static_cast<std::size_t>(column.position));
    }
  }
  for_each_child(expression, [&](const Expression& child) { collect_columns(child, columns); });
}

}  // namespace

EvaluatorPtr make_evaluator(const Expression& e, ExecutionState& state) {
  switch (e.kind) {
    case ExpressionKind::Constant:
      return make_constant(static_cast<const ConstantExpression&>(e));
    case ExpressionKind::Parameter:
      return make_parameter(static_cast<const ParameterExpression&>(e), state);
    case ExpressionKind::Column:
      return make_column(static_cast<const ColumnExpression&>(e));
    case ExpressionKind::Call:
      return make_call(static_cast<const CallExpression&>(e), state);
    case ExpressionKind::AnyAll:
      return make_any_all(static_cast<const AnyAllExpression&>(e), state);
    case ExpressionKind::And:
    case ExpressionKind::Or:
      return make_and_or(static_cast<const BooleanExpression&>(e), state);
    case ExpressionKind::Not:
      return make_not(static_cast<const BooleanExpression&>(e), state);
    case ExpressionKind::IsNull:
      return make_is_null(static_cast<const IsNullExpression&>(e), state);
    case ExpressionKind::BooleanTest:
      return make_boolean_test(static_cast<const BooleanTestExpression&>(e), state);
    case ExpressionKind::IsDistinct:
      return make_is_distinct(static_cast<const IsDistinctExpression&>(e), state);
    case ExpressionKind::NullIf:
      return make_null_if(static_cast<const NullIfExpression&>(e), state);
    case ExpressionKind::Case:
      return make_case(static_cast<const CaseExpression&>(e), state);
    case ExpressionKind::Coalesce:
      return make_coalesce(static_cast<const CoalesceExpression&>(e), state);
    case ExpressionKind::MinMax:
      return make_min_max(static_cast<const MinMaxExpression&>(e), state);
    case ExpressionKind::ArrayConstruct:
      return make_array_construct(static_cast<const ArrayConstructExpression&>(e), state);
    case ExpressionKind::ArraySubscript:
      return make_array_subscript(static_cast<const ArraySubscriptExpression&>(e), state);
    case ExpressionKind::Row:
      return make_row(static_cast<const RowExpression&>(e), state);
    case ExpressionKind::Subquery:
      return make_subquery(static_cast<const SubqueryExpression&>(e), state);
    case ExpressionKind::InputOutputCast:
      return make_input_output_cast(static_cast<const InputOutputCastExpression&>(e), state);
    case ExpressionKind::ArrayCast:
      return make_array_cast(static_cast<const ArrayCastExpression&>(e), state);
    case ExpressionKind::Relabel:
      return make_relabel(static_cast<const RelabelExpression&>(e), state);
    case ExpressionKind::Aggregate:
      internal_error("aggregate outside an aggregation");
    case ExpressionKind::SetCall:
      internal_error("set-returning function outside a projection");
  }
  internal_error("unknown expression kind");
}

std::vector<EvaluatorPtr> make_evaluators(std::span<Expression* const> expressions,
                                          ExecutionState& state) {
  std::vector<EvaluatorPtr> evaluators;
  evaluators.reserve(expressions.size());
  for (const Expression* expression : expressions) {
    evaluators.push_back(make_evaluator(*expression, state));
  }
  return evaluators;
}

SubsetEvaluator::SubsetEvaluator(const Expression& expression, ExecutionState& state)
    : evaluator_(make_evaluator(expression, state)) {
  collect_columns(expression, columns_used_);
  std::sort(columns_used_.begin(), columns_used_.end());
  columns_used_.erase(std::unique(columns_used_.begin(), columns_used_.end()), columns_used_.end());
}

const engine::ColumnVector& SubsetEvaluator::evaluate(ExecutionState& state,
                                                      const engine::ColumnBatch& input,
                                                      std::span<const std::uint32_t> rows) {
  if (rows.size() == input.row_count()) {
    return evaluator_->evaluate(state, input);
  }
  types_.clear();
  for (std::size_t i = 0; i < input.column_count(); ++i) {
    types_.push_back(input.column(i).type());
  }
  subset_.reset(types_);
  for (const std::size_t i : columns_used_) {
    subset_.column(i).gather(input.column(i), rows);
  }
  subset_.set_row_count(rows.size());
  return evaluator_->evaluate(state, subset_);
}

const engine::ColumnVector& evaluate_once(Evaluator& evaluator, ExecutionState& state) {
  engine::ColumnBatch one_row;
  one_row.set_row_count(1);
  return evaluator.evaluate(state, one_row);
}

void keep_true(const engine::ColumnVector& condition, std::vector<std::uint32_t>& rows) {
  const std::span<const std::uint8_t> values = condition.values<std::uint8_t>();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (values[condition.index(i)] != 0 && !condition.is_null(i)) {
      rows[kept++] = rows[i];
    }
  }
  rows.resize(kept);
}

}  // namespace omen::sql
