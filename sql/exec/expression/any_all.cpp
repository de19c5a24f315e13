#include <optional>

#include "sql/error/sql_error.h"
#include "sql/exec/batch_util.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/exec/key.h"
#include "sql/types/array.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr Type kBoolType{type_oid::kBool, -1};
/// From this many elements on a constant array is looked up by hash.
constexpr std::size_t kHashedElementsMin = 9;

class AnyAllEvaluator final : public Evaluator {
 public:
  AnyAllEvaluator(const AnyAllExpression& expression, ExecutionState& state)
      : expression_(expression),
        left_(make_evaluator(*expression.left, state)),
        right_(make_evaluator(*expression.right, state)),
        element_type_{type_info(expression.right->type.oid).element_oid, -1} {
    if (element_type_.oid == 0) {
      element_type_ = Type{expression.operator_def->right_type, -1};
    }
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& left = left_->evaluate(state, input);
    const engine::ColumnVector& arrays = right_->evaluate(state, input);
    const std::size_t row_count = input.row_count();
    result_.reset(PhysicalType::Bool, row_count);
    if (row_count == 0) {
      return result_;
    }
    if (arrays.is_constant() && !arrays.is_null(0)) {
      evaluate_constant(state, left, arrays.bytes(0), row_count);
      return result_;
    }
    for (std::size_t row = 0; row < row_count; ++row) {
      if (arrays.is_null(row)) {
        result_.set_null(row);
        continue;
      }
      unpack(arrays.bytes(row));
      compare_row(state, left, row);
    }
    return result_;
  }

 private:
  void unpack(std::string_view bytes) {
    const ArrayView array(bytes);
    elements_.reset(type_info(element_type_.oid).physical, 0);
    unpack_array(array, elements_);
  }

  /// The array is one for all rows: unpacked once, and hashed for = ANY of many elements.
  void evaluate_constant(ExecutionState& state, const engine::ColumnVector& left,
                         std::string_view bytes, std::size_t row_count) {
    if (!constant_bytes_.has_value() || *constant_bytes_ != bytes) {
      constant_bytes_ = std::string(bytes);
      unpack(*constant_bytes_);
      build_table();
    }
    if (table_ == nullptr) {
      compare_elementwise(state, left, row_count);
      return;
    }
    const engine::ColumnVector& keys = as_key(left, key_type_, converted_);
    const engine::ColumnVector* const key_columns[] = {&keys};
    hash_keys(key_columns, std::span(&key_type_, 1), row_count, hashes_);
    const std::span<std::uint8_t> out = result_.values<std::uint8_t>();
    for (std::size_t row = 0; row < row_count; ++row) {
      if (keys.is_null(row)) {
        result_.set_null(row);
        continue;
      }
      const bool found = table_->find(key_columns, row, hashes_[row]) != KeyTable::kAbsent;
      out[row] = found ? 1 : 0;
      if (!found && has_null_element_) {
        result_.set_null(row);
      }
    }
  }

  void build_table() {
    table_.reset();
    key_type_ = expression_.all ? 0
                                : hash_type_of(*expression_.operator_def, expression_.left->type,
                                               element_type_);
    if (key_type_ == 0 || elements_.size() < kHashedElementsMin) {
      return;
    }
    table_ = std::make_unique<KeyTable>(std::vector<Oid>{key_type_});
    has_null_element_ = false;
    engine::ColumnVector scratch;
    const engine::ColumnVector& keys = as_key(elements_, key_type_, scratch);
    const engine::ColumnVector* const key_columns[] = {&keys};
    hash_keys(key_columns, std::span(&key_type_, 1), keys.size(), hashes_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys.is_null(i)) {
        has_null_element_ = true;
        continue;
      }
      bool inserted = false;
      table_->insert(key_columns, i, hashes_[i], inserted);
    }
  }

  /// One operator call per element over all rows.
  void compare_elementwise(ExecutionState& state, const engine::ColumnVector& left,
                           std::size_t row_count) {
    const std::span<std::uint8_t> out = result_.values<std::uint8_t>();
    std::fill(out.begin(), out.end(), std::uint8_t{expression_.all});
    nulls_.assign(row_count, 0);
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      copy_as_constant(elements_, i, element_);
      element_.resize(row_count);
      call_operator(*expression_.operator_def, kBoolType, expression_.left->type, element_type_,
                    left, element_, row_count, state, compared_);
      const std::span<const std::uint8_t> values = compared_.values<std::uint8_t>();
      for (std::size_t row = 0; row < row_count; ++row) {
        if (compared_.is_null(row)) {
          nulls_[row] = 1;
        } else if ((values[compared_.index(row)] != 0) != expression_.all) {
          out[row] = expression_.all ? 0 : 1;
        }
      }
    }
    for (std::size_t row = 0; row < row_count; ++row) {
      if (nulls_[row] != 0 && (out[row] != 0) == expression_.all) {
        result_.set_null(row);
      }
    }
  }

  /// One operator call over all elements for one row.
  void compare_row(ExecutionState& state, const engine::ColumnVector& left, std::size_t row) {
    copy_as_constant(left, row, element_);
    element_.resize(elements_.size());
    call_operator(*expression_.operator_def, kBoolType, expression_.left->type, element_type_,
                  element_, elements_, elements_.size(), state, compared_);
    bool decided = false;
    bool has_null = false;
    const std::span<const std::uint8_t> values = compared_.values<std::uint8_t>();
    for (std::size_t i = 0; i < elements_.size() && !decided; ++i) {
      if (compared_.is_null(i)) {
        has_null = true;
      } else {
        decided = (values[compared_.index(i)] != 0) != expression_.all;
      }
    }
    if (!decided && has_null) {
      result_.set_null(row);
    } else {
      result_.values<std::uint8_t>()[row] = decided != expression_.all ? 1 : 0;
    }
  }

  const AnyAllExpression& expression_;
  EvaluatorPtr left_;
  EvaluatorPtr right_;
  Type element_type_;
  std::optional<std::string> constant_bytes_;
  std::unique_ptr<KeyTable> table_;
  Oid key_type_ = 0;
  bool has_null_element_ = false;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint8_t> nulls_;
  engine::ColumnVector elements_, element_, compared_, converted_, result_;
};

}  // namespace

EvaluatorPtr make_any_all(const AnyAllExpression& expression, ExecutionState& state) {
  return std::make_unique<AnyAllEvaluator>(expression, state);
}

}  // namespace omen::sql
