#include <algorithm>
#include <optional>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/build.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/exec/key.h"
#include "sql/exec/row_store.h"
#include "sql/exec/runtime.h"
#include "sql/planner/plan_node.h"
#include "sql/types/array.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr Type kBoolType{type_oid::kBool, -1};

/// Runs the plan of a sub-select: once for all rows while nothing it refers to changes, else once
/// for each row, after its outer columns were handed over.
class SubqueryRunner {
 public:
  SubqueryRunner(const PlannedSubquery& expression, ExecutionState& state)
      : plan_(*expression.plan), arguments_(make_evaluators(expression.arguments, state)) {}

  /// Evaluates the columns handed over for all rows of `input`.
  void prepare(ExecutionState& state, const engine::ColumnBatch& input) {
    columns_.clear();
    for (const EvaluatorPtr& argument : arguments_) {
      columns_.push_back(&argument->evaluate(state, input));
    }
  }
  [[nodiscard]] bool depends_on_row() const { return !arguments_.empty(); }

  /// Hands over the columns of `row` and restarts the plan, unless `version` (of the last run) says
  /// that nothing changed: then false.
  bool start(ExecutionState& state, std::size_t row, std::optional<std::uint64_t>& version) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      state.runtime->set_slot(plan_.parameter_slots[i], *columns_[i], row);
    }
    const std::uint64_t now = state.runtime->version_of(plan_.used_slots);
    if (version.has_value() && *version == now) {
      return false;
    }
    version = now;
    if (root_ == nullptr) {
      root_ = make_operator(*plan_.root, state);
    } else {
      root_->rewind(state);
    }
    return true;
  }
  bool next(ExecutionState& state) { return root_->next(state, batch_); }
  [[nodiscard]] const engine::ColumnBatch& batch() const { return batch_; }
  [[nodiscard]] const SubPlan& plan() const { return plan_; }

 private:
  const SubPlan& plan_;
  std::vector<EvaluatorPtr> arguments_;
  std::vector<const engine::ColumnVector*> columns_;
  std::unique_ptr<Operator> root_;
  engine::ColumnBatch batch_;
};

/// EXISTS, scalar and ARRAY sub-selects: one value per run.
class ValueSubqueryEvaluator final : public Evaluator {
 public:
  ValueSubqueryEvaluator(const PlannedSubquery& expression, ExecutionState& state)
      : expression_(expression), runner_(expression, state) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const std::size_t row_count = input.row_count();
    const PhysicalType physical = type_info(expression_.type.oid).physical;
    runner_.prepare(state, input);
    if (!runner_.depends_on_row()) {
      if (row_count != 0 && runner_.start(state, 0, version_)) {
        run(state, physical);
      }
      value_.resize(row_count);
      return value_;
    }
    result_.reset(physical, row_count);
    for (std::size_t row = 0; row < row_count; ++row) {
      if (runner_.start(state, row, version_)) {
        run(state, physical);
      }
      if (value_.is_null(0)) {
        result_.set_null(row);
      } else if (engine::is_bytes(physical)) {
        result_.set_bytes(row, value_.bytes(0));
      } else {
        set_row(result_, row, value_, 0);
      }
    }
    return result_;
  }

 private:
  void run(ExecutionState& state, PhysicalType physical) {
    value_.reset_constant(physical, 1);
    switch (expression_.subquery_kind) {
      case ast::Subquery::Kind::Exists:
        run_exists(state);
        return;
      case ast::Subquery::Kind::Array:
        run_array(state);
        return;
      default:
        run_scalar(state);
        return;
    }
  }

  void run_exists(ExecutionState& state) {
    bool found = false;
    while (!found && runner_.next(state)) {
      found = runner_.batch().row_count() != 0;
    }
    value_.values<std::uint8_t>()[0] = found ? 1 : 0;
  }

  void run_scalar(ExecutionState& state) {
    std::size_t count = 0;
    value_.set_null(0);
    while (runner_.next(state)) {
      const engine::ColumnBatch& batch = runner_.batch();
      count += batch.row_count();
      if (count > 1) {
        throw SqlError(sqlstate::kCardinalityViolation,
                       "more than one row returned by a subquery used as an expression");
      }
      if (batch.row_count() == 1) {
        copy_as_constant(batch.column(0), 0, value_);
      }
    }
  }

  void run_array(ExecutionState& state) {
    const TypeInfo& type = type_info(expression_.type.oid);
    ArrayBuilder builder(type.element_oid);
    while (runner_.next(state)) {
      const engine::ColumnVector& column = runner_.batch().column(0);
      for (std::size_t row = 0; row < runner_.batch().row_count(); ++row) {
        if (column.is_null(row)) {
          builder.add_null();
        } else {
          builder.add(column, row);
        }
      }
    }
    value_.set_bytes(0, builder.finish());
  }

  const PlannedSubquery& expression_;
  SubqueryRunner runner_;
  std::optional<std::uint64_t> version_;
  engine::ColumnVector value_, result_;
};

/// left op ANY/ALL (SELECT ...), of one or several columns, with NULL semantics.
class AnyAllSubqueryEvaluator final : public Evaluator {
 public:
  AnyAllSubqueryEvaluator(const PlannedSubquery& expression, ExecutionState& state)
      : expression_(expression),
        all_(expression.subquery_kind == ast::Subquery::Kind::All),
        runner_(expression, state),
        left_(make_evaluators(expression.left, state)),
        left_columns_(left_.size()),
        rows_(expression.plan->root->output_types, state.budget) {
    bool hashable = !all_;
    for (std::size_t i = 0; i < expression.left.size(); ++i) {
      const OperatorDef& op = *expression.operators[i];
      right_types_.push_back(expression.plan->root->column_types[i]);
      key_types_.push_back(hash_type_of(op, expression.left[i]->type, right_types_[i]));
      hashable = hashable && key_types_.back() != 0;
      joins_by_or_ = joins_by_or_ || (expression.left.size() > 1 && op.name == "<>");
    }
    if (hashable) {
      table_ = std::make_unique<KeyTable>(key_types_);
    }
    converted_ = std::make_unique<engine::ColumnVector[]>(left_.size());
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const std::size_t row_count = input.row_count();
    result_.reset(PhysicalType::Bool, row_count);
    if (row_count == 0) {
      return result_;
    }
    runner_.prepare(state, input);
    for (std::size_t i = 0; i < left_.size(); ++i) {
      left_columns_[i] = &left_[i]->evaluate(state, input);
    }
    if (table_ != nullptr) {
      key_columns_.clear();
      for (std::size_t i = 0; i < left_.size(); ++i) {
        key_columns_.push_back(&as_key(*left_columns_[i], key_types_[i], converted_[i]));
      }
      hash_keys(key_columns_, key_types_, row_count, hashes_);
    }
    for (std::size_t row = 0; row < row_count; ++row) {
      if ((row == 0 || runner_.depends_on_row()) && runner_.start(state, row, version_)) {
        load(state);
      }
      decide(state, row);
    }
    return result_;
  }

 private:
  void load(ExecutionState& state) {
    rows_.clear();
    if (table_ != nullptr) {
      table_->clear();
    }
    has_null_row_ = false;
    std::vector<std::uint64_t> hashes;
    while (runner_.next(state)) {
      const engine::ColumnBatch& batch = runner_.batch();
      rows_.append(batch);
      if (table_ == nullptr) {
        continue;
      }
      std::vector<const engine::ColumnVector*> keys;
      auto scratch = std::make_unique<engine::ColumnVector[]>(left_.size());
      for (std::size_t i = 0; i < left_.size(); ++i) {
        keys.push_back(&as_key(batch.column(i), key_types_[i], scratch[i]));
      }
      hash_keys(keys, key_types_, batch.row_count(), hashes);
      for (std::size_t row = 0; row < batch.row_count(); ++row) {
        const bool has_null = std::any_of(keys.begin(), keys.end(),
                                          [&](const auto* column) { return column->is_null(row); });
        has_null_row_ = has_null_row_ || has_null;
        if (!has_null) {
          bool inserted = false;
          table_->insert(keys, row, hashes[row], inserted);
        }
      }
    }
  }

  void decide(ExecutionState& state, std::size_t row) {
    if (rows_.row_count() == 0) {
      result_.values<std::uint8_t>()[row] = all_ ? 1 : 0;
      return;
    }
    if (table_ != nullptr) {
      const bool has_null = std::any_of(key_columns_.begin(), key_columns_.end(),
                                        [&](const auto* column) { return column->is_null(row); });
      if (!has_null && table_->find(key_columns_, row, hashes_[row]) != KeyTable::kAbsent) {
        result_.values<std::uint8_t>()[row] = 1;
        return;
      }
      if (!has_null && !has_null_row_) {
        result_.values<std::uint8_t>()[row] = 0;
        return;
      }
      if (left_.size() == 1) {
        result_.set_null(row);
        return;
      }
    }
    compare_all(state, row);
  }

  /// Compares one left row with all rows, the plain way.
  void compare_all(ExecutionState& state, std::size_t row) {
    RowStore::Reader reader;
    bool has_null = false;
    while (rows_.read(reader, batch_)) {
      const std::size_t count = batch_.row_count();
      values_.assign(count, joins_by_or_ ? 0 : 1);
      unknown_.assign(count, 0);
      for (std::size_t i = 0; i < left_.size(); ++i) {
        copy_as_constant(*left_columns_[i], row, operand_);
        operand_.resize(count);
        call_operator(*expression_.operators[i], kBoolType, expression_.left[i]->type,
                      right_types_[i], operand_, batch_.column(i), count, state, compared_);
        const std::span<const std::uint8_t> compared = compared_.values<std::uint8_t>();
        for (std::size_t k = 0; k < count; ++k) {
          if (compared_.is_null(k)) {
            unknown_[k] = 1;
          } else if ((compared[compared_.index(k)] != 0) == joins_by_or_) {
            values_[k] = joins_by_or_ ? 1 : 0;
          }
        }
      }
      for (std::size_t k = 0; k < count; ++k) {
        const bool value = values_[k] != 0;
        if (unknown_[k] != 0 && value != joins_by_or_) {
          has_null = true;
        } else if (value != all_) {
          result_.values<std::uint8_t>()[row] = all_ ? 0 : 1;
          return;
        }
      }
    }
    if (has_null) {
      result_.set_null(row);
    } else {
      result_.values<std::uint8_t>()[row] = all_ ? 1 : 0;
    }
  }

  const PlannedSubquery& expression_;
  bool all_;
  bool joins_by_or_ = false;  ///< (a, b) <> ALL: columns differ in any
  SubqueryRunner runner_;
  std::vector<EvaluatorPtr> left_;
  std::vector<const engine::ColumnVector*> left_columns_, key_columns_;
  std::vector<Type> right_types_;
  std::vector<Oid> key_types_;
  std::unique_ptr<engine::ColumnVector[]> converted_;
  std::optional<std::uint64_t> version_;
  RowStore rows_;
  std::unique_ptr<KeyTable> table_;
  bool has_null_row_ = false;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint8_t> values_, unknown_;
  engine::ColumnBatch batch_;
  engine::ColumnVector operand_, compared_, result_;
};

}  // namespace

EvaluatorPtr make_subquery(const SubqueryExpression& expression, ExecutionState& state) {
  const auto& planned = static_cast<const PlannedSubquery&>(expression);
  const auto kind = expression.subquery_kind;
  if (kind == ast::Subquery::Kind::Any || kind == ast::Subquery::Kind::All) {
    return std::make_unique<AnyAllSubqueryEvaluator>(planned, state);
  }
  return std::make_unique<ValueSubqueryEvaluator>(planned, state);
}

}  // namespace omen::sql
