#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Nearest rows of a vector index, pulled as long as somebody asks: a filter above it just pulls
/// on. When it has pulled more than the node's patience, few rows pass or they lie elsewhere: the
/// rows that do are found by the node's child, and the scan goes on among them alone. Settings may
/// end it earlier, as pgvector's would (VectorScanSettings).
class VectorScanOperator final : public Operator {
 public:
  VectorScanOperator(const VectorScanNode& node, std::unique_ptr<Operator> matches,
                     ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  void open(ExecutionState& state);
  void apply_settings(ExecutionState& state, engine::VectorScan& request);
  void refuse_dimensions(ExecutionState& state);
  void open_without_distance(ExecutionState& state);
  void read_bound(ExecutionState& state);
  [[nodiscard]] bool is_beyond_bound(const engine::ColumnBatch& batch) const;
  bool next_without_distance(ExecutionState& state, engine::ColumnBatch& out);
  void drop_undefined(engine::ColumnBatch& out);
  void restrict_to_matches(ExecutionState& state);

  const VectorScanNode& node_;
  EvaluatorPtr query_evaluator_, limit_, offset_, bound_evaluator_, bound_from_evaluator_;
  std::optional<double> bound_, bound_from_;  ///< see VectorScanNode
  std::string query_;                         ///< as the column holds its values
  std::unique_ptr<engine::VectorRowCursor> cursor_;
  std::unique_ptr<engine::RowCursor> all_rows_;  ///< NULL query: in any order, distance NULL
  std::unique_ptr<Operator> matches_;            ///< or null
  std::uint64_t handed_out_ = 0;
  bool restricted_ = false;
  bool opened_ = false;
  bool only_distances_ = false;   ///< rows without one are left out
  bool is_nan_distance_ = false;  ///< NaN is no distance: it is a stored zero vector's
  std::uint64_t rows_left_ = 0;
  engine::ColumnBatch rows_, kept_;
};

}  // namespace omen::sql
