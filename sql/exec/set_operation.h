#pragma once

#include <memory>
#include <vector>

#include "sql/exec/key.h"
#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// INTERSECT and EXCEPT, with or without ALL: counts each distinct row on both sides.
class SetOperationOperator final : public Operator {
 public:
  SetOperationOperator(const SetOperationNode& node, std::unique_ptr<Operator> left,
                       std::unique_ptr<Operator> right, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  void load(ExecutionState& state, Operator& source, bool is_left);
  [[nodiscard]] std::uint64_t copies_of(std::size_t number) const;

  const SetOperationNode& node_;
  std::unique_ptr<Operator> left_, right_;
  std::vector<Oid> key_types_;
  KeyTable rows_;
  std::vector<std::uint64_t> left_counts_, right_counts_;
  bool loaded_ = false;
  std::size_t next_number_ = 0;
  std::uint64_t copies_sent_ = 0;
  engine::ColumnBatch input_;
};

}  // namespace omen::sql
