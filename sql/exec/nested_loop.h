#pragma once

#include <memory>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Joins each left row with the right side's rows: inner, left, semi and anti joins. The right side
/// either reads the left row through outer slots and runs again for each, or is kept after its
/// first run.
class NestedLoopOperator final : public Operator {
 public:
  NestedLoopOperator(const NestedLoopNode& node, std::unique_ptr<Operator> left,
                     std::unique_ptr<Operator> right, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  bool next_left_row(ExecutionState& state);
  bool next_right_batch(ExecutionState& state);
  void start_right(ExecutionState& state);
  /// The pairs of the current left row and right batch that meet the conditions.
  void match(ExecutionState& state);
  void append_left_only(engine::ColumnBatch& out);

  const NestedLoopNode& node_;
  std::unique_ptr<Operator> left_, right_;
  std::vector<EvaluatorPtr> slot_values_;
  std::vector<std::unique_ptr<SubsetEvaluator>> conditions_;
  std::vector<PhysicalType> pair_types_;  ///< of left and right columns together
  bool keeps_right_;
  std::unique_ptr<RowStore> kept_;
  bool kept_complete_ = false;
  RowStore::Reader reader_;
  engine::ColumnBatch left_rows_, right_rows_, pairs_;
  std::vector<const engine::ColumnVector*> slot_columns_;
  std::size_t left_row_ = 0;
  bool have_left_ = false;  ///< left_row_ is being joined
  bool right_open_ = false;
  bool matched_ = false;
  bool right_started_ = false;
  std::vector<std::uint32_t> chosen_;
};

}  // namespace omen::sql
