#include "sql/exec/index_scan.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/key.h"
#include "sql/types/array.h"
#include "sql/types/type_io.h"

namespace omen::sql {

IndexScanOperator::IndexScanOperator(const IndexScanNode& node, ExecutionState& state)
    : node_(node) {
  keys_.reserve(node.conditions.size());
  for (const IndexCondition& condition : node.conditions) {
    keys_.push_back(make_evaluator(*condition.key, state));
  }
}

void IndexScanOperator::rewind(ExecutionState& /*state*/) {
  started_ = false;
  cursor_.reset();
  ranges_.clear();
  next_range_ = 0;
}

bool IndexScanOperator::next(ExecutionState& state, engine::ColumnBatch& out) {
  if (!started_) {
    make_ranges(state);
    started_ = true;
  }
  while (true) {
    if (cursor_ != nullptr) {
      if (value_or_throw(cursor_->next(out))) {
        return true;
      }
      cursor_.reset();
    }
    if (next_range_ == ranges_.size()) {
      out.reset(node_.output_types);
      return false;
    }
    Range& range = ranges_[next_range_++];
    cursor_ = value_or_throw(
        state.statement->scan(engine::IndexScan{.table = node_.table,
                                                .index = node_.index,
                                                .columns = node_.columns,
                                                .lower = std::move(range.lower),
                                                .upper = std::move(range.upper),
                                                .backward = node_.backward,
                                                .candidates_only = node_.candidates_only}));
  }
}

IndexScanOperator::Key IndexScanOperator::key_value(const engine::ColumnVector& column,
                                                    std::size_t row,
                                                    std::size_t index_column) const {
  const PhysicalType wanted =
      node_.table->columns[node_.index->columns[index_column].column].physical;
  Key key{column.value(row), 0};
  if (engine::is_null(key.value) || column.type() == wanted) {
    return key;
  }
  std::int64_t number = 0;
  switch (column.type()) {
    case PhysicalType::Int16:
      number = std::get<std::int16_t>(key.value);
      break;
    case PhysicalType::Int32:
      number = std::get<std::int32_t>(key.value);
      break;
    case PhysicalType::Int64:
      number = std::get<std::int64_t>(key.value);
      break;
    default:
      internal_error("index key of an unexpected type");
  }
  auto narrow = [&]<typename T>(T) {
    if (number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max()) {
      key.outside = number < 0 ? -1 : 1;
    } else {
      key.value = static_cast<T>(number);
    }
  };
  switch (wanted) {
    case PhysicalType::Int16:
      narrow(std::int16_t{});
      break;
    case PhysicalType::Int32:
      narrow(std::int32_t{});
      break;
    case PhysicalType::Int64:
      key.value = number;
      break;
    default:
      internal_error("index key of an unexpected type");
  }
  return key;
}

void IndexScanOperator::make_ranges(ExecutionState& state) {
  std::vector<engine::Value> prefix;
  Range range;
  for (std::size_t i = 0; i < node_.conditions.size(); ++i) {
    const IndexCondition& condition = node_.conditions[i];
    const engine::ColumnVector& column = evaluate_once(*keys_[i], state);
    if (column.is_null(0)) {
      return;  // no value equals or orders with NULL
    }
    if (condition.kind == IndexCondition::Kind::AnyOf) {
      add_any_of(column, condition, prefix);
      return;
    }
    Key key = key_value(column, 0, condition.column);
    if (condition.kind == IndexCondition::Kind::Equal) {
      if (key.outside != 0) {
        return;
      }
      prefix.push_back(std::move(key.value));
    } else if (!bound_range(condition, key, prefix, range)) {
      return;
    }
  }
  if (!prefix.empty()) {
    if (!range.lower.has_value()) {
      range.lower = engine::IndexBound{prefix, true};
    }
    if (!range.upper.has_value()) {
      range.upper = engine::IndexBound{prefix, true};
    }
  }
  ranges_.push_back(std::move(range));
}

/// Narrows `range` by an inequality; false if nothing can satisfy it.
bool IndexScanOperator::bound_range(const IndexCondition& condition, const Key& key,
                                    const std::vector<engine::Value>& prefix, Range& range) const {
  using Kind = IndexCondition::Kind;
  const bool is_lower = condition.kind == Kind::Greater || condition.kind == Kind::GreaterEqual;
  if (key.outside != 0) {
    return is_lower ? key.outside < 0 : key.outside > 0;
  }
  engine::IndexBound bound{
      prefix, condition.kind == Kind::GreaterEqual || condition.kind == Kind::LessEqual};
  bound.values.push_back(key.value);
  (is_lower ? range.lower : range.upper) = std::move(bound);
  return true;
}

void IndexScanOperator::add_any_of(const engine::ColumnVector& array,
                                   const IndexCondition& condition,
                                   const std::vector<engine::Value>& prefix) {
  const ArrayView view(array.bytes(0));
  engine::ColumnVector elements;
  const Oid element_type = type_info(condition.key->type.oid).element_oid;
  elements.reset(type_info(element_type).physical, 0);
  unpack_array(view, elements);
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < elements.size(); ++i) {
    if (!elements.is_null(i)) {
      rows.push_back(i);
    }
  }
  const ValueComparator compare = comparator_of(element_type);
  const bool descending = node_.index->columns[condition.column].descending != node_.backward;
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int order = compare(element_type, elements, a, elements, b);
    return descending ? order > 0 : order < 0;
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && compare(element_type, elements, rows[i - 1], elements, rows[i]) == 0) {
      continue;
    }
    Key key = key_value(elements, rows[i], condition.column);
    if (key.outside != 0) {
      continue;
    }
    engine::IndexBound bound{prefix, true};
    bound.values.push_back(std::move(key.value));
    ranges_.push_back(Range{bound, bound});
  }
}

}  // namespace omen::sql
