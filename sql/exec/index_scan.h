#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Ranges of a btree index, one after the other: one, or one for each element of `= ANY(array)`.
class IndexScanOperator final : public Operator {
 public:
  IndexScanOperator(const IndexScanNode& node, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  struct Range {
    std::optional<engine::IndexBound> lower;
    std::optional<engine::IndexBound> upper;
  };
  /// A key as a value of the index column's type. `outside` tells that it lies below (-1) or above
  /// (1) all values of the type.
  struct Key {
    engine::Value value;
    int outside = 0;
  };
  void make_ranges(ExecutionState& state);
  Key key_value(const engine::ColumnVector& column, std::size_t row,
                std::size_t index_column) const;
  void add_any_of(const engine::ColumnVector& array, const IndexCondition& condition,
                  const std::vector<engine::Value>& prefix);
  bool bound_range(const IndexCondition& condition, const Key& key,
                   const std::vector<engine::Value>& prefix, Range& range) const;

  const IndexScanNode& node_;
  std::vector<EvaluatorPtr> keys_;
  std::vector<Range> ranges_;
  std::size_t next_range_ = 0;
  bool started_ = false;
  std::unique_ptr<engine::RowCursor> cursor_;
};

}  // namespace omen::sql
