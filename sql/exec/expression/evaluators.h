#pragma once

#include "sql/exec/expression/evaluator.h"

/// Makers of the evaluators, one per topic file; make_evaluator chooses among them.
namespace omen::sql {

EvaluatorPtr make_constant(const ConstantExpression& expression);
EvaluatorPtr make_parameter(const ParameterExpression& expression, ExecutionState& state);
EvaluatorPtr make_column(const ColumnExpression& expression);
EvaluatorPtr make_call(const CallExpression& expression, ExecutionState& state);
EvaluatorPtr make_any_all(const AnyAllExpression& expression, ExecutionState& state);
EvaluatorPtr make_and_or(const BooleanExpression& expression, ExecutionState& state);
EvaluatorPtr make_not(const BooleanExpression& expression, ExecutionState& state);
EvaluatorPtr make_is_null(const IsNullExpression& expression, ExecutionState& state);
EvaluatorPtr make_boolean_test(const BooleanTestExpression& expression, ExecutionState& state);
EvaluatorPtr make_is_distinct(const IsDistinctExpression& expression, ExecutionState& state);
EvaluatorPtr make_null_if(const NullIfExpression& expression, ExecutionState& state);
EvaluatorPtr make_case(const CaseExpression& expression, ExecutionState& state);
EvaluatorPtr make_coalesce(const CoalesceExpression& expression, ExecutionState& state);
EvaluatorPtr make_min_max(const MinMaxExpression& expression, ExecutionState& state);
EvaluatorPtr make_array_construct(const ArrayConstructExpression& expression,
                                  ExecutionState& state);
EvaluatorPtr make_array_subscript(const ArraySubscriptExpression& expression,
                                  ExecutionState& state);
EvaluatorPtr make_array_cast(const ArrayCastExpression& expression, ExecutionState& state);
/// ROW(...) IS [NOT] NULL: all fields are (not) null.
EvaluatorPtr make_row_is_null(const IsNullExpression& expression, ExecutionState& state);
EvaluatorPtr make_row(const RowExpression& expression, ExecutionState& state);
EvaluatorPtr make_input_output_cast(const InputOutputCastExpression& expression,
                                    ExecutionState& state);
/// Same bits, another type.
EvaluatorPtr make_relabel(const RelabelExpression& expression, ExecutionState& state);
EvaluatorPtr make_subquery(const SubqueryExpression& expression, ExecutionState& state);

/// Calls the function of an operator on two columns of `row_count` rows.
void call_operator(const OperatorDef& op, Type result, const Type& left_type,
                   const Type& right_type, const engine::ColumnVector& left,
                   const engine::ColumnVector& right, std::size_t row_count, ExecutionState& state,
                   engine::ColumnVector& out);

}  // namespace omen::sql
