#include <string>

#include "sql/exec/expression/evaluators.h"
#include "sql/types/record.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

class InputOutputCastEvaluator final : public Evaluator {
 public:
  InputOutputCastEvaluator(const InputOutputCastExpression& expression, ExecutionState& state)
      : expression_(expression), operand_(make_evaluator(*expression.operand, state)) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& values = operand_->evaluate(state, input);
    const PhysicalType physical = type_info(expression_.type.oid).physical;
    const bool constant = values.is_constant() && input.row_count() != 0;
    if (constant) {
      result_.reset_constant(physical, 1);
    } else {
      result_.reset(physical, input.row_count());
    }
    std::string text;
    const std::size_t row_count = constant ? 1 : input.row_count();
    for (std::size_t row = 0; row < row_count; ++row) {
      if (values.is_null(row)) {
        result_.set_null(row);
        continue;
      }
      text.clear();
      append_text(expression_.operand->type.oid, values, row, state.eval, text);
      result_.set_value(row, text_to_value(expression_.type, text, state.eval));
    }
    result_.resize(input.row_count());
    return result_;
  }

 private:
  const InputOutputCastExpression& expression_;
  EvaluatorPtr operand_;
  engine::ColumnVector result_;
};

/// ROW(...) as a record value.
class RowEvaluator final : public Evaluator {
 public:
  RowEvaluator(const RowExpression& expression, ExecutionState& state)
      : expression_(expression),
        fields_(make_evaluators(expression.fields, state)),
        columns_(fields_.size()) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      columns_[i] = &fields_[i]->evaluate(state, input);
    }
    result_.reset(PhysicalType::Bytes, input.row_count());
    for (std::size_t row = 0; row < input.row_count(); ++row) {
      RecordBuilder record;
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        record.add(expression_.fields[i]->type.oid, *columns_[i], row);
      }
      result_.set_bytes(row, record.finish());
    }
    return result_;
  }

 private:
  const RowExpression& expression_;
  std::vector<EvaluatorPtr> fields_;
  std::vector<const engine::ColumnVector*> columns_;
  engine::ColumnVector result_;
};

class RowIsNullEvaluator final : public Evaluator {
 public:
  RowIsNullEvaluator(const IsNullExpression& expression, ExecutionState& state)
      : negated_(expression.negated),
        fields_(make_evaluators(static_cast<const RowExpression&>(*expression.operand).fields,
                                state)) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    result_.reset(PhysicalType::Bool, input.row_count());
    const std::span<std::uint8_t> out = result_.values<std::uint8_t>();
    std::fill(out.begin(), out.end(), std::uint8_t{1});
    for (const EvaluatorPtr& field : fields_) {
      const engine::ColumnVector& column = field->evaluate(state, input);
      for (std::size_t row = 0; row < out.size(); ++row) {
        if (column.is_null(row) == negated_) {
          out[row] = 0;
        }
      }
    }
    return result_;
  }

 private:
  bool negated_;
  std::vector<EvaluatorPtr> fields_;
  engine::ColumnVector result_;
};

}  // namespace

EvaluatorPtr make_input_output_cast(const InputOutputCastExpression& expression,
                                    ExecutionState& state) {
  return std::make_unique<InputOutputCastEvaluator>(expression, state);
}

EvaluatorPtr make_row(const RowExpression& expression, ExecutionState& state) {
  return std::make_unique<RowEvaluator>(expression, state);
}

EvaluatorPtr make_row_is_null(const IsNullExpression& expression, ExecutionState& state) {
  return std::make_unique<RowIsNullEvaluator>(expression, state);
}

}  // namespace omen::sql
