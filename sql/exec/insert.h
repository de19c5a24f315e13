#pragma once

#include <memory>
#include <vector>

#include "sql/exec/constraints.h"
#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Writes everything on the first pull, then hands out the RETURNING rows.
class ModifyOperator : public Operator {
 public:
  bool next(ExecutionState& state, engine::ColumnBatch& out) final;
  void rewind(ExecutionState& state) final;

 protected:
  ModifyOperator(const ModifyNode& node, std::unique_ptr<Operator> child, ExecutionState& state);
  /// Writes the rows of one batch of the child.
  virtual void write(ExecutionState& state, const engine::ColumnBatch& input) = 0;
  /// Evaluates RETURNING over the rows of `source` and keeps them.
  void add_returned(ExecutionState& state, const engine::ColumnBatch& source);

  std::unique_ptr<Operator> child_;
  Constraints constraints_;

 private:
  const ModifyNode& modify_node_;
  std::vector<EvaluatorPtr> returning_;
  RowStore returned_;
  RowStore::Reader reader_;
  bool done_ = false;
  engine::ColumnBatch input_;
  engine::ColumnBatch projected_;
};

class InsertOperator final : public ModifyOperator {
 public:
  InsertOperator(const InsertNode& node, std::unique_ptr<Operator> child, ExecutionState& state);

 private:
  void write(ExecutionState& state, const engine::ColumnBatch& input) override;
  /// Whether the row was dealt with; false: try to insert it again.
  bool resolve_conflict(ExecutionState& state, const engine::UniqueConflict& conflict,
                        std::size_t row);
  bool update_existing(ExecutionState& state, const engine::UniqueConflict& conflict,
                       std::size_t row);
  [[nodiscard]] bool is_arbiter(Oid index_oid) const;

  const InsertNode& node_;
  std::vector<EvaluatorPtr> values_;  ///< parallel to the table's columns; null: dropped
  std::vector<EvaluatorPtr> update_values_;
  EvaluatorPtr update_condition_;
  std::vector<PhysicalType> row_types_;
  std::vector<int> all_columns_;
  engine::ColumnBatch rows_;
};

}  // namespace omen::sql
