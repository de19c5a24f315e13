#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// integer as oid and back: the same 32 bits, but oid lies in memory as a non-negative Int64.
class OidRelabelEvaluator final : public Evaluator {
 public:
  OidRelabelEvaluator(const RelabelExpression& expression, ExecutionState& state)
      : operand_(make_evaluator(*expression.operand, state)),
        physical_(type_info(expression.type.oid).physical) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& values = operand_->evaluate(state, input);
    const bool is_constant = values.is_constant() && input.row_count() != 0;
    const std::size_t count = is_constant ? 1 : input.row_count();
    if (is_constant) {
      result_.reset_constant(physical_, input.row_count());
    } else {
      result_.reset(physical_, count);
    }
    for (std::size_t row = 0; row < count; ++row) {
      if (values.is_null(row)) {
        result_.set_null(row);
      } else if (physical_ == PhysicalType::Int64) {
        result_.values<std::int64_t>()[row] =
            static_cast<std::uint32_t>(values.values<std::int32_t>()[values.index(row)]);
      } else {
        result_.values<std::int32_t>()[row] =
            static_cast<std::int32_t>(values.values<std::int64_t>()[values.index(row)]);
      }
    }
    return result_;
  }

 private:
  EvaluatorPtr operand_;
  PhysicalType physical_;
  engine::ColumnVector result_;
};

}  // namespace

EvaluatorPtr make_relabel(const RelabelExpression& expression, ExecutionState& state) {
  const PhysicalType from = type_info(expression.operand->type.oid).physical;
  const PhysicalType to = type_info(expression.type.oid).physical;
  if (from == to) {
    return make_evaluator(*expression.operand, state);
  }
  const bool is_oid = (from == PhysicalType::Int32 && to == PhysicalType::Int64) ||
                      (from == PhysicalType::Int64 && to == PhysicalType::Int32);
  if (!is_oid) {
    internal_error("relabeling between types of different form");
  }
  return std::make_unique<OidRelabelEvaluator>(expression, state);
}

}  // namespace omen::sql
