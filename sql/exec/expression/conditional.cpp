#include <utility>

#include "sql/exec/batch_util.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/exec/key.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using Rows = std::vector<std::uint32_t>;

/// Sets rows `rows` of `target` to the values of `source`, which is parallel to `rows`.
void scatter(engine::ColumnVector& target, const Rows& rows, const engine::ColumnVector& source) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    set_row(target, rows[i], source, i);
  }
}

/// Splits `rows` into those where `condition` (parallel to rows) is true and the rest.
void split(const engine::ColumnVector& condition, const Rows& rows, Rows& chosen, Rows& rest) {
  chosen.clear();
  rest.clear();
  const std::span<const std::uint8_t> values = condition.values<std::uint8_t>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool holds = !condition.is_null(i) && values[condition.index(i)] != 0;
    (holds ? chosen : rest).push_back(rows[i]);
  }
}

class CaseEvaluator final : public Evaluator {
 public:
  CaseEvaluator(const CaseExpression& expression, ExecutionState& state)
      : physical_(type_info(expression.type.oid).physical),
        otherwise_(*expression.otherwise, state) {
    for (const CaseExpression::When& when : expression.whens) {
      whens_.push_back({std::make_unique<SubsetEvaluator>(*when.condition, state),
                        std::make_unique<SubsetEvaluator>(*when.result, state)});
    }
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    result_.reset(physical_, input.row_count());
    const std::span<const std::uint32_t> all = all_rows(input.row_count());
    rows_.assign(all.begin(), all.end());
    for (const When& when : whens_) {
      if (rows_.empty()) {
        return result_;
      }
      split(when.condition->evaluate(state, input, rows_), rows_, chosen_, rest_);
      if (!chosen_.empty()) {
        scatter(result_, chosen_, when.result->evaluate(state, input, chosen_));
      }
      std::swap(rows_, rest_);
    }
    if (!rows_.empty()) {
      scatter(result_, rows_, otherwise_.evaluate(state, input, rows_));
    }
    return result_;
  }

 private:
  struct When {
    std::unique_ptr<SubsetEvaluator> condition;
    std::unique_ptr<SubsetEvaluator> result;
  };
  PhysicalType physical_;
  std::vector<When> whens_;
  SubsetEvaluator otherwise_;
  Rows rows_, chosen_, rest_;
  engine::ColumnVector result_;
};

class CoalesceEvaluator final : public Evaluator {
 public:
  CoalesceEvaluator(const CoalesceExpression& expression, ExecutionState& state)
      : physical_(type_info(expression.type.oid).physical) {
    for (const Expression* argument : expression.arguments) {
      arguments_.push_back(std::make_unique<SubsetEvaluator>(*argument, state));
    }
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    result_.reset(physical_, input.row_count());
    const std::span<const std::uint32_t> all = all_rows(input.row_count());
    rows_.assign(all.begin(), all.end());
    for (const auto& argument : arguments_) {
      if (rows_.empty()) {
        return result_;
      }
      const engine::ColumnVector& value = argument->evaluate(state, input, rows_);
      std::size_t kept = 0;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (value.is_null(i)) {
          rows_[kept++] = rows_[i];
        } else {
          set_row(result_, rows_[i], value, i);
        }
      }
      rows_.resize(kept);
    }
    for (const std::uint32_t row : rows_) {
      result_.set_null(row);
    }
    return result_;
  }

 private:
  PhysicalType physical_;
  std::vector<std::unique_ptr<SubsetEvaluator>> arguments_;
  Rows rows_;
  engine::ColumnVector result_;
};

/// GREATEST and LEAST: nulls are passed over.
class MinMaxEvaluator final : public Evaluator {
 public:
  MinMaxEvaluator(const MinMaxExpression& expression, ExecutionState& state)
      : expression_(expression),
        arguments_(make_evaluators(expression.arguments, state)),
        columns_(arguments_.size()),
        compare_(comparator_of(expression.type.oid)) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      columns_[i] = &arguments_[i]->evaluate(state, input);
    }
    result_.reset(type_info(expression_.type.oid).physical, input.row_count());
    for (std::size_t row = 0; row < input.row_count(); ++row) {
      const engine::ColumnVector* best = nullptr;
      for (const engine::ColumnVector* column : columns_) {
        if (column->is_null(row)) {
          continue;
        }
        if (best == nullptr) {
          best = column;
          continue;
        }
        const int order = compare_(expression_.type.oid, *column, row, *best, row);
        if (expression_.greatest ? order > 0 : order < 0) {
          best = column;
        }
      }
      if (best == nullptr) {
        result_.set_null(row);
      } else {
        set_row(result_, row, *best, row);
      }
    }
    return result_;
  }

 private:
  const MinMaxExpression& expression_;
  std::vector<EvaluatorPtr> arguments_;
  std::vector<const engine::ColumnVector*> columns_;
  ValueComparator compare_;
  engine::ColumnVector result_;
};

}  // namespace

EvaluatorPtr make_case(const CaseExpression& expression, ExecutionState& state) {
  return std::make_unique<CaseEvaluator>(expression, state);
}

EvaluatorPtr make_coalesce(const CoalesceExpression& expression, ExecutionState& state) {
  return std::make_unique<CoalesceEvaluator>(expression, state);
}

EvaluatorPtr make_min_max(const MinMaxExpression& expression, ExecutionState& state) {
  return std::make_unique<MinMaxEvaluator>(expression, state);
}

}  // namespace omen::sql
