#include "sql/types/array.h"

#include <algorithm>
#include <optional>

#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluators.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// ARRAY[a, b, ...] of plain elements.
class ArrayConstructEvaluator final : public Evaluator {
 public:
  ArrayConstructEvaluator(const ArrayConstructExpression& expression, ExecutionState& state)
      : expression_(expression),
        elements_(make_evaluators(expression.elements, state)),
        columns_(elements_.size()) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      columns_[i] = &elements_[i]->evaluate(state, input);
    }
    result_.reset(PhysicalType::Bytes, input.row_count());
    for (std::size_t row = 0; row < input.row_count(); ++row) {
      result_.set_bytes(row, expression_.nested ? nested(row) : flat(row));
    }
    return result_;
  }

 private:
  [[nodiscard]] std::string flat(std::size_t row) const {
    ArrayBuilder builder(expression_.element_type.oid);
    for (const engine::ColumnVector* column : columns_) {
      if (column->is_null(row)) {
        builder.add_null();
      } else {
        builder.add(*column, row);
      }
    }
    return builder.finish();
  }

  /// Elements are arrays of equal dimensions, which become the inner dimensions.
  [[nodiscard]] std::string nested(std::size_t row) const {
    const TypeInfo& type = type_info(expression_.type.oid);
    ArrayBuilder builder(type.element_oid != 0 ? type.element_oid : expression_.element_type.oid);
    std::vector<ArrayDimension> inner;
    bool first = true;
    std::size_t empty_count = 0;
    for (const engine::ColumnVector* column : columns_) {
      if (column->is_null(row)) {
        ++empty_count;
        continue;
      }
      const ArrayView array(column->bytes(row));
      if (array.size() == 0) {
        ++empty_count;
        continue;
      }
      if (first) {
        inner = array.dimensions();
        first = false;
      } else if (!same_shape(inner, array.dimensions())) {
        throw_mismatch();
      }
      for (std::size_t i = 0; i < array.size(); ++i) {
        if (array.is_null(i)) {
          builder.add_null();
        } else {
          builder.add_bytes(array.element(i));
        }
      }
    }
    if (first) {
      return builder.finish();
    }
    if (empty_count != 0) {
      throw_mismatch();
    }
    inner.insert(inner.begin(), ArrayDimension{static_cast<std::int32_t>(columns_.size()), 1});
    return builder.finish(inner);
  }

  static bool same_shape(const std::vector<ArrayDimension>& a,
                         const std::vector<ArrayDimension>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const ArrayDimension& x, const ArrayDimension& y) {
                        return x.length == y.length && x.lower_bound == y.lower_bound;
                      });
  }
  [[noreturn]] static void throw_mismatch() {
    throw SqlError(sqlstate::kArraySubscriptError,
                   "multidimensional arrays must have array expressions with matching dimensions");
  }

  const ArrayConstructExpression& expression_;
  std::vector<EvaluatorPtr> elements_;
  std::vector<const engine::ColumnVector*> columns_;
  engine::ColumnVector result_;
};

/// a[i], a[i][j], a[l:u]: NULL for what lies outside, an empty array for an empty slice.
class ArraySubscriptEvaluator final : public Evaluator {
 public:
  ArraySubscriptEvaluator(const ArraySubscriptExpression& expression, ExecutionState& state)
      : expression_(expression), array_(make_evaluator(*expression.array, state)) {
    for (const ArraySubscriptExpression::Index& index : expression.indexes) {
      is_slice_ = is_slice_ || index.slice;
      bounds_.push_back({index.lower == nullptr ? nullptr : make_evaluator(*index.lower, state),
                         index.upper == nullptr ? nullptr : make_evaluator(*index.upper, state)});
    }
  }

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& arrays = array_->evaluate(state, input);
    for (Bounds& bounds : bounds_) {
      bounds.lower_values =
          bounds.lower == nullptr ? nullptr : &bounds.lower->evaluate(state, input);
      bounds.upper_values =
          bounds.upper == nullptr ? nullptr : &bounds.upper->evaluate(state, input);
    }
    result_.reset(type_info(expression_.type.oid).physical, input.row_count());
    for (std::size_t row = 0; row < input.row_count(); ++row) {
      if (arrays.is_null(row) || has_null_bound(row)) {
        result_.set_null(row);
      } else if (is_slice_) {
        slice(ArrayView(arrays.bytes(row)), row);
      } else {
        element(ArrayView(arrays.bytes(row)), row);
      }
    }
    return result_;
  }

 private:
  struct Bounds {
    EvaluatorPtr lower;
    EvaluatorPtr upper;
    const engine::ColumnVector* lower_values = nullptr;
    const engine::ColumnVector* upper_values = nullptr;
  };

  [[nodiscard]] bool has_null_bound(std::size_t row) const {
    return std::any_of(bounds_.begin(), bounds_.end(), [&](const Bounds& bounds) {
      return (bounds.lower_values != nullptr && bounds.lower_values->is_null(row)) ||
             (bounds.upper_values != nullptr && bounds.upper_values->is_null(row));
    });
  }
  static std::int32_t at(const engine::ColumnVector& column, std::size_t row) {
    return column.values<std::int32_t>()[column.index(row)];
  }

  void element(const ArrayView& array, std::size_t row) {
    const std::vector<ArrayDimension>& dimensions = array.dimensions();
    if (dimensions.size() != bounds_.size()) {
      result_.set_null(row);
      return;
    }
    std::size_t offset = 0;
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      const std::int64_t index =
          static_cast<std::int64_t>(at(*bounds_[i].upper_values, row)) - dimensions[i].lower_bound;
      if (index < 0 || index >= dimensions[i].length) {
        result_.set_null(row);
        return;
      }
      offset =
          offset * static_cast<std::size_t>(dimensions[i].length) + static_cast<std::size_t>(index);
    }
    if (array.is_null(offset)) {
      result_.set_null(row);
      return;
    }
    const std::string_view raw = array.element(offset);
    if (engine::is_bytes(result_.type())) {
      result_.set_bytes(row, raw);
      return;
    }
    unpacked_.reset(result_.type(), 1);
    unpack_array(array, unpacked_);
    result_.set_value(row, unpacked_.value(offset));
  }

  void slice(const ArrayView& array, std::size_t row) {
    const std::vector<ArrayDimension>& dimensions = array.dimensions();
    ArrayBuilder builder(array.element_type());
    if (dimensions.size() < bounds_.size() || dimensions.empty()) {
      result_.set_bytes(row, builder.finish());
      return;
    }
    std::vector<std::int64_t> from(dimensions.size());
    std::vector<ArrayDimension> shape(dimensions.size());
    for (std::size_t i = 0; i < dimensions.size(); ++i) {
      const std::int64_t first = dimensions[i].lower_bound;
      const std::int64_t last = first + dimensions[i].length - 1;
      std::int64_t lower = first;
      std::int64_t upper = last;
      if (i < bounds_.size()) {
        const Bounds& bounds = bounds_[i];
        if (bounds.lower_values != nullptr) {
          lower = at(*bounds.lower_values, row);
        } else if (!expression_.indexes[i].slice) {
          lower = 1;
        }
        if (bounds.upper_values != nullptr) {
          upper = at(*bounds.upper_values, row);
        }
      }
      lower = std::max(lower, first);
      upper = std::min(upper, last);
      if (lower > upper) {
        result_.set_bytes(row, builder.finish());
        return;
      }
      from[i] = lower - first;
      shape[i] = {static_cast<std::int32_t>(upper - lower + 1), 1};
    }
    std::vector<std::int64_t> position(dimensions.size(), 0);
    while (true) {
      std::size_t offset = 0;
      for (std::size_t i = 0; i < dimensions.size(); ++i) {
        offset = offset * static_cast<std::size_t>(dimensions[i].length) +
                 static_cast<std::size_t>(from[i] + position[i]);
      }
      if (array.is_null(offset)) {
        builder.add_null();
      } else {
        builder.add_bytes(array.element(offset));
      }
      std::size_t i = dimensions.size();
      while (i > 0 && ++position[i - 1] == shape[i - 1].length) {
        position[--i] = 0;
      }
      if (i == 0) {
        break;
      }
    }
    result_.set_bytes(row, builder.finish(shape));
  }

  const ArraySubscriptExpression& expression_;
  EvaluatorPtr array_;
  std::vector<Bounds> bounds_;
  bool is_slice_ = false;
  engine::ColumnVector unpacked_;
  engine::ColumnVector result_;
};

/// Casts each element; the shape stays.
class ArrayCastEvaluator final : public Evaluator {
 public:
  ArrayCastEvaluator(const ArrayCastExpression& expression, ExecutionState& state)
      : expression_(expression),
        operand_(make_evaluator(*expression.operand, state)),
        cast_(make_evaluator(*expression.element_cast, state)) {}

  const engine::ColumnVector& evaluate(ExecutionState& state,
                                       const engine::ColumnBatch& input) override {
    const engine::ColumnVector& arrays = operand_->evaluate(state, input);
    const PhysicalType element_type =
        type_info(type_info(expression_.operand->type.oid).element_oid).physical;
    result_.reset(PhysicalType::Bytes, input.row_count());
    for (std::size_t row = 0; row < input.row_count(); ++row) {
      if (arrays.is_null(row)) {
        result_.set_null(row);
        continue;
      }
      const ArrayView array(arrays.bytes(row));
      elements_.reset(std::span(&element_type, 1));
      unpack_array(array, elements_.column(0));
      elements_.set_row_count(array.size());
      const engine::ColumnVector& cast = cast_->evaluate(state, elements_);
      ArrayBuilder builder(type_info(expression_.type.oid).element_oid);
      for (std::size_t i = 0; i < array.size(); ++i) {
        if (cast.is_null(i)) {
          builder.add_null();
        } else {
          builder.add(cast, i);
        }
      }
      result_.set_bytes(row, builder.finish(array.dimensions()));
    }
    return result_;
  }

 private:
  const ArrayCastExpression& expression_;
  EvaluatorPtr operand_;
  EvaluatorPtr cast_;
  engine::ColumnBatch elements_;
  engine::ColumnVector result_;
};

}  // namespace

EvaluatorPtr make_array_construct(const ArrayConstructExpression& expression,
                                  ExecutionState& state) {
  return std::make_unique<ArrayConstructEvaluator>(expression, state);
}

EvaluatorPtr make_array_subscript(const ArraySubscriptExpression& expression,
                                  ExecutionState& state) {
  return std::make_unique<ArraySubscriptEvaluator>(expression, state);
}

EvaluatorPtr make_array_cast(const ArrayCastExpression& expression, ExecutionState& state) {
  return std::make_unique<ArrayCastEvaluator>(expression, state);
}

}  // namespace omen::sql
