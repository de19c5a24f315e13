#pragma once

#include <memory>
#include <vector>

#include "sql/exec/insert.h"
#include "sql/exec/row_target.h"

namespace omen::sql {

/// UPDATE: replaces the assigned columns of each row its child names.
class UpdateOperator final : public ModifyOperator {
 public:
  UpdateOperator(const UpdateNode& node, std::unique_ptr<Operator> child, ExecutionState& state);

 private:
  /// New values for the rows of one batch.
  struct Change {
    engine::ColumnBatch values;   ///< one column for each assigned one
    engine::ColumnBatch updated;  ///< the input with the assigned columns replaced
  };
  void write(ExecutionState& state, const engine::ColumnBatch& input) override;
  void compute(ExecutionState& state, const engine::ColumnBatch& input, Change& change);
  /// Writes the newest version of row `row` of `input`, if it still meets the condition.
  void retry(ExecutionState& state, const engine::ColumnBatch& input, std::size_t row,
             engine::Xid newest);
  /// The whole new row of the table.
  void full_row(ExecutionState& state, const engine::ColumnBatch& input, const Change& change,
                std::size_t row, engine::ColumnBatch& out);

  const UpdateNode& node_;
  RowTarget target_;
  std::vector<EvaluatorPtr> assigned_;
  std::vector<PhysicalType> value_types_;
  std::vector<PhysicalType> row_types_;
  std::vector<int> value_positions_;  ///< of the assigned columns in the input, or -1
  Change change_;
};

/// DELETE of each row its child names.
class DeleteOperator final : public ModifyOperator {
 public:
  DeleteOperator(const DeleteNode& node, std::unique_ptr<Operator> child, ExecutionState& state);

 private:
  void write(ExecutionState& state, const engine::ColumnBatch& input) override;

  const DeleteNode& node_;
  RowTarget target_;
};

}  // namespace omen::sql
