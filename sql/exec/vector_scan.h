#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Nearest rows of a vector index, pulled as long as somebody asks: a filter above it just pulls
/// on.
class VectorScanOperator final : public Operator {
 public:
  VectorScanOperator(const VectorScanNode& node, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  void open(ExecutionState& state);
  void refuse_dimensions(ExecutionState& state);
  void open_without_distance(ExecutionState& state);
  void read_bound(ExecutionState& state);
  [[nodiscard]] bool is_beyond_bound(const engine::ColumnBatch& batch) const;

  const VectorScanNode& node_;
  EvaluatorPtr query_evaluator_, limit_, offset_, bound_evaluator_, bound_from_evaluator_;
  std::optional<double> bound_, bound_from_;  ///< see VectorScanNode
  std::vector<float> query_;
  std::unique_ptr<engine::RowCursor> cursor_;
  bool opened_ = false;
  bool without_distance_ = false;  ///< NULL query: rows in any order, distance NULL
  engine::ColumnBatch rows_;
};

}  // namespace omen::sql
