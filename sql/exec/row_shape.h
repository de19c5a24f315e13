#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

/// Operators that pass rows through or reshape them: result, values, filter, project, limit,
/// append.
namespace omen::sql {

class ResultOperator final : public Operator {
 public:
  ResultOperator(const ResultNode& node, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override { done_ = false; }

 private:
  const ResultNode& node_;
  std::vector<EvaluatorPtr> conditions_;
  bool done_ = false;
};

class ValuesOperator final : public Operator {
 public:
  ValuesOperator(const ValuesNode& node, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override { next_row_ = 0; }

 private:
  const ValuesNode& node_;
  std::size_t next_row_ = 0;
};

class FilterOperator final : public Operator {
 public:
  FilterOperator(const FilterNode& node, std::unique_ptr<Operator> child, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override { child_->rewind(state); }

 private:
  const FilterNode& node_;
  std::unique_ptr<Operator> child_;
  std::vector<std::unique_ptr<SubsetEvaluator>> conditions_;
  engine::ColumnBatch input_;
  std::vector<std::uint32_t> rows_;
};

class ProjectOperator final : public Operator {
 public:
  ProjectOperator(const ProjectNode& node, std::unique_ptr<Operator> child, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override { child_->rewind(state); }

 private:
  const ProjectNode& node_;
  std::unique_ptr<Operator> child_;
  std::vector<EvaluatorPtr> expressions_;
  engine::ColumnBatch input_;
};

class LimitOperator final : public Operator {
 public:
  LimitOperator(const LimitNode& node, std::unique_ptr<Operator> child, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  const LimitNode& node_;
  std::unique_ptr<Operator> child_;
  EvaluatorPtr limit_, offset_;
  bool started_ = false;
  std::uint64_t rows_left_ = 0;
  std::uint64_t rows_to_skip_ = 0;
  engine::ColumnBatch input_;
};

class AppendOperator final : public Operator {
 public:
  explicit AppendOperator(std::vector<std::unique_ptr<Operator>> children)
      : children_(std::move(children)) {}
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  std::vector<std::unique_ptr<Operator>> children_;
  std::size_t current_ = 0;
};

/// The value of LIMIT or OFFSET: nullopt for NULL (no limit). Throws 2201W / 2201X when negative.
std::optional<std::uint64_t> limit_value(Evaluator& evaluator, ExecutionState& state,
                                         bool is_offset);

}  // namespace omen::sql
