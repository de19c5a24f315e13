#include <algorithm>

#include "sql/exec/batch_util.h"
#include "sql/exec/expression/evaluators.h"

namespace omen::sql {
namespace {

constexpr Type kBoolType{type_oid::kBool, -1};

/// AND and OR with three values. An argument is evaluated for the rows that its predecessors left
/// undecided only.
class AndOrEvaluator final : public Evaluator {
 public:
  AndOrEvaluator(const BooleanExpression& expression, ExecutionState& state)
      : deciding_(expression.kind == ExpressionKind::Or ? 1 : 0) {
    arguments_.reserve(expression.arguments.size());
    for (const Expression* argument : expression.arguments) {
      arguments_.push_back(std::make_unique<SubsetEvaluator>(*argument, state));
    }
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const std::size_t row_count = input.row_count();
    result_.reset(PhysicalType::Bool, row_count);
    const std::span<std::uint8_t> out = result_.values<std::uint8_t>();
    const std::uint8_t undecided = deciding_ == 0 ? 1 : 0;
    std::fill(out.begin(), out.end(), undecided);
    nulls_.assign(row_count, 0);
    const std::span<const std::uint32_t> all = all_rows(row_count);
    rows_.assign(all.begin(), all.end());
    for (const auto& argument : arguments_) {
      if (rows_.empty()) {
        break;
      }
      const engine::ColumnVector& value = argument->evaluate(state, input, rows_);
      const std::span<const std::uint8_t> values = value.values<std::uint8_t>();
      std::size_t kept = 0;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        const std::uint32_t row = rows_[i];
        if (value.is_null(i)) {
          nulls_[row] = 1;
        } else if ((values[value.index(i)] != 0 ? 1 : 0) == deciding_) {
          out[row] = deciding_;
          nulls_[row] = 0;
          continue;
        }
        rows_[kept++] = row;
      }
      rows_.resize(kept);
    }
    for (std::size_t row = 0; row < row_count; ++row) {
      if (nulls_[row] != 0) {
        result_.set_null(row);
      }
    }
    return result_;
  }

 private:
  std::uint8_t deciding_;  ///< the value that settles the outcome: 0 for AND, 1 for OR
  std::vector<std::unique_ptr<SubsetEvaluator>> arguments_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint8_t> nulls_;
  engine::ColumnVector result_;
};

/// A boolean computed row by row from one operand column.
template <typename Body>
class UnaryEvaluator final : public Evaluator {
 public:
  UnaryEvaluator(const Expression& operand, ExecutionState& state, Body body)
      : operand_(make_evaluator(operand, state)), body_(body) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& value = operand_->evaluate(state, input);
    const std::size_t row_count = input.row_count();
    result_.reset(PhysicalType::Bool, row_count);
    const std::span<std::uint8_t> out = result_.values<std::uint8_t>();
    for (std::size_t row = 0; row < row_count; ++row) {
      body_(value, row, out, result_);
    }
    return result_;
  }

 private:
  EvaluatorPtr operand_;
  Body body_;
  engine::ColumnVector result_;
};

template <typename Body>
EvaluatorPtr make_unary(const Expression& operand, ExecutionState& state, Body body) {
  return std::make_unique<UnaryEvaluator<Body>>(operand, state, body);
}

/// IS [NOT] DISTINCT FROM: the = operator, with NULL as an ordinary value.
class IsDistinctEvaluator final : public Evaluator {
 public:
  IsDistinctEvaluator(const IsDistinctExpression& expression, ExecutionState& state)
      : expression_(expression),
        left_(make_evaluator(*expression.left, state)),
        right_(make_evaluator(*expression.right, state)) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& left = left_->evaluate(state, input);
    const engine::ColumnVector& right = right_->evaluate(state, input);
    const std::size_t row_count = input.row_count();
    call_operator(*expression_.equality, kBoolType, expression_.left->type, expression_.right->type,
                  left, right, row_count, state, equal_);
    result_.reset(PhysicalType::Bool, row_count);
    const std::span<std::uint8_t> out = result_.values<std::uint8_t>();
    const std::span<const std::uint8_t> same = equal_.values<std::uint8_t>();
    for (std::size_t row = 0; row < row_count; ++row) {
      const bool left_null = left.is_null(row);
      const bool right_null = right.is_null(row);
      const bool distinct =
          left_null || right_null ? left_null != right_null : same[equal_.index(row)] == 0;
      out[row] = distinct != expression_.negated ? 1 : 0;
    }
    return result_;
  }

 private:
  const IsDistinctExpression& expression_;
  EvaluatorPtr left_;
  EvaluatorPtr right_;
  engine::ColumnVector equal_;
  engine::ColumnVector result_;
};

class NullIfEvaluator final : public Evaluator {
 public:
  NullIfEvaluator(const NullIfExpression& expression, ExecutionState& state)
      : expression_(expression),
        left_(make_evaluator(*expression.left, state)),
        right_(make_evaluator(*expression.right, state)) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& left = left_->evaluate(state, input);
    const engine::ColumnVector& right = right_->evaluate(state, input);
    const std::size_t row_count = input.row_count();
    call_operator(*expression_.equality, kBoolType, expression_.left->type, expression_.right->type,
                  left, right, row_count, state, equal_);
    result_.gather(left, all_rows(row_count));
    if (result_.is_constant()) {
      result_.reset(left.type(), row_count);
      for (std::size_t row = 0; row < row_count; ++row) {
        set_row(result_, row, left, row);
      }
    }
    const std::span<const std::uint8_t> same = equal_.values<std::uint8_t>();
    for (std::size_t row = 0; row < row_count; ++row) {
      if (!equal_.is_null(row) && same[equal_.index(row)] != 0) {
        result_.set_null(row);
      }
    }
    return result_;
  }

 private:
  const NullIfExpression& expression_;
  EvaluatorPtr left_;
  EvaluatorPtr right_;
  engine::ColumnVector equal_;
  engine::ColumnVector result_;
};

}  // namespace

EvaluatorPtr make_and_or(const BooleanExpression& expression, ExecutionState& state) {
  return std::make_unique<AndOrEvaluator>(expression, state);
}

EvaluatorPtr make_not(const BooleanExpression& expression, ExecutionState& state) {
  return make_unary(*expression.arguments[0], state,
                    [](const engine::ColumnVector& value, std::size_t row,
                       std::span<std::uint8_t> out, engine::ColumnVector& result) {
                      if (value.is_null(row)) {
                        result.set_null(row);
                      } else {
                        out[row] = value.values<std::uint8_t>()[value.index(row)] == 0 ? 1 : 0;
                      }
                    });
}

EvaluatorPtr make_is_null(const IsNullExpression& expression, ExecutionState& state) {
  if (expression.operand->kind == ExpressionKind::Row) {
    return make_row_is_null(expression, state);
  }
  const bool negated = expression.negated;
  return make_unary(*expression.operand, state,
                    [negated](const engine::ColumnVector& value, std::size_t row,
                              std::span<std::uint8_t> out, engine::ColumnVector& /*result*/) {
                      out[row] = value.is_null(row) != negated ? 1 : 0;
                    });
}

EvaluatorPtr make_boolean_test(const BooleanTestExpression& expression, ExecutionState& state) {
  using Test = ast::BooleanTest::Test;
  const Test test = expression.test;
  return make_unary(*expression.operand, state,
                    [test](const engine::ColumnVector& value, std::size_t row,
                           std::span<std::uint8_t> out, engine::ColumnVector& /*result*/) {
                      const bool null = value.is_null(row);
                      const bool is_true =
                          !null && value.values<std::uint8_t>()[value.index(row)] != 0;
                      const bool is_false = !null && !is_true;
                      bool holds = false;
                      switch (test) {
                        case Test::True:
                          holds = is_true;
                          break;
                        case Test::NotTrue:
                          holds = !is_true;
                          break;
                        case Test::False:
                          holds = is_false;
                          break;
                        case Test::NotFalse:
                          holds = !is_false;
                          break;
                        case Test::Unknown:
                          holds = null;
                          break;
                        case Test::NotUnknown:
                          holds = !null;
                          break;
                      }
                      out[row] = holds ? 1 : 0;
                    });
}

EvaluatorPtr make_is_distinct(const IsDistinctExpression& expression, ExecutionState& state) {
  return std::make_unique<IsDistinctEvaluator>(expression, state);
}

EvaluatorPtr make_null_if(const NullIfExpression& expression, ExecutionState& state) {
  return std::make_unique<NullIfEvaluator>(expression, state);
}

}  // namespace omen::sql
