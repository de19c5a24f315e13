#pragma once

#include <memory>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Sequential scan of a table.
class TableScanOperator final : public Operator {
 public:
  explicit TableScanOperator(const TableScanNode& node) : node_(node) {}
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override {
    cursor_.reset();
    done_ = false;
  }

 private:
  const TableScanNode& node_;
  std::unique_ptr<engine::RowCursor> cursor_;
  bool done_ = false;
};

/// Rows of a system relation, made on the fly.
class SystemScanOperator final : public Operator {
 public:
  explicit SystemScanOperator(const SystemScanNode& node) : node_(node) {}
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override { rows_sent_ = 0; }

 private:
  const SystemScanNode& node_;
  bool loaded_ = false;
  std::size_t rows_sent_ = 0;
  engine::ColumnBatch rows_;
};

}  // namespace omen::sql
