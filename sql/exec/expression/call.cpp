#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

class CallEvaluator final : public Evaluator {
 public:
  CallEvaluator(const CallExpression& expression, ExecutionState& state)
      : expression_(expression),
        physical_(type_info(expression.type.oid).physical),
        arguments_(make_evaluators(expression.arguments, state)),
        columns_(arguments_.size()) {
    if (expression.function->body == nullptr) {
      internal_error("function " + std::string(expression.function->name) + " has no body");
    }
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const std::size_t row_count = input.row_count();
    bool constant = expression_.function->volatility != Volatility::Volatile;
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      columns_[i] = &arguments_[i]->evaluate(state, input);
      constant = constant && columns_[i]->is_constant();
    }
    if (row_count == 0) {
      result_.reset(physical_, 0);
      return result_;
    }
    if (constant) {
      result_.reset_constant(physical_, 1);
    } else {
      result_.reset(physical_, row_count);
    }
    const FunctionCall call{state.eval, columns_, constant ? 1 : row_count, expression_.type,
                            expression_.argument_types};
    expression_.function->body(call, result_);
    if (constant) {
      result_.resize(row_count);
    }
    return result_;
  }

 private:
  const CallExpression& expression_;
  PhysicalType physical_;
  std::vector<EvaluatorPtr> arguments_;
  std::vector<const engine::ColumnVector*> columns_;
  engine::ColumnVector result_;
};

}  // namespace

EvaluatorPtr make_call(const CallExpression& expression, ExecutionState& state) {
  return std::make_unique<CallEvaluator>(expression, state);
}

void call_operator(const OperatorDef& op, Type result, const Type& left_type,
                   const Type& right_type, const engine::ColumnVector& left,
                   const engine::ColumnVector& right, std::size_t row_count, ExecutionState& state,
                   engine::ColumnVector& out) {
  const engine::ColumnVector* const arguments[] = {&left, &right};
  const Type types[] = {left_type, right_type};
  out.reset(type_info(result.oid).physical, row_count);
  if (row_count != 0) {
    op.function->body(FunctionCall{state.eval, arguments, row_count, result, types}, out);
  }
}

}  // namespace omen::sql
