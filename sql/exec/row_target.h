#pragma once

#include <optional>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// The newest version of a row that a writer aims at: re-read after a concurrent change, with the
/// query's condition tested again (read committed).
class RowTarget {
 public:
  RowTarget(const TargetRow& target, ExecutionState& state);

  [[nodiscard]] const engine::Table& table() const { return *target_.table; }
  [[nodiscard]] engine::RowId row_id(const engine::ColumnBatch& input, std::size_t row) const;
  [[nodiscard]] engine::Xid xid(const engine::ColumnBatch& input, std::size_t row) const;
  /// False for a row that an outer join made up: it has no version.
  [[nodiscard]] bool present(const engine::ColumnBatch& input, std::size_t row) const;

  /// The input row `row` with the target's columns replaced by those of version `newest`, as the
  /// only row of the result; nullptr if the row is gone or fails the condition now.
  const engine::ColumnBatch* refetch(ExecutionState& state, const engine::ColumnBatch& input,
                                     std::size_t row, engine::Xid newest);

 private:
  const TargetRow& target_;
  [[nodiscard]] static bool all_hold(const std::vector<EvaluatorPtr>& conditions,
                                     ExecutionState& state, const engine::ColumnBatch& row);

  std::vector<EvaluatorPtr> recheck_;
  std::vector<std::vector<EvaluatorPtr>> outer_conditions_;  ///< parallel to target_.outer_joins
  std::vector<PhysicalType> fetched_types_;
  engine::ColumnBatch fetched_;
  engine::ColumnBatch current_;
};

}  // namespace omen::sql
