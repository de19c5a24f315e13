#pragma once

#include <memory>
#include <vector>

#include "sql/exec/operator.h"
#include "sql/exec/row_target.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// SELECT ... FOR UPDATE / SHARE: locks each row before it is passed on, one by one, so that a
/// LIMIT
/// above locks no more than it returns. Rows changed meanwhile are re-read and tested again.
class LockRowsOperator final : public Operator {
 public:
  LockRowsOperator(const LockRowsNode& node, std::unique_ptr<Operator> child,
                   ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  bool lock(ExecutionState& state, std::size_t target, engine::ColumnBatch& row);

  const LockRowsNode& node_;
  std::unique_ptr<Operator> child_;
  std::vector<std::unique_ptr<RowTarget>> targets_;
  engine::ColumnBatch input_;
  std::size_t row_ = 0;
};

}  // namespace omen::sql
