#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/key.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// The states of one aggregate call for all groups of one aggregation round.
class AggregateStates {
 public:
  AggregateStates(const AggregateExpression& expression, ExecutionState& state);
  ~AggregateStates();
  AggregateStates(const AggregateStates&) = delete;
  AggregateStates& operator=(const AggregateStates&) = delete;

  /// Makes states for groups up to `group_count`.
  void grow(std::size_t group_count);
  /// Adds rows `rows` of `input`; `groups[i]` is the group of rows[i].
  void add(ExecutionState& state, const engine::ColumnBatch& input,
           std::span<const std::uint32_t> rows, std::span<const std::uint32_t> groups);
  /// To be called after the last add: feeds what had to be sorted first.
  void settle(ExecutionState& state);
  /// Writes the results of `count` groups from `first` on.
  void finish(ExecutionState& state, std::size_t first, std::size_t count,
              engine::ColumnVector& out);
  void clear();
  [[nodiscard]] std::size_t size_bytes() const { return group_count_ * state_bytes_; }

 private:
  static constexpr std::size_t kBlockGroups = 256;
  [[nodiscard]] void* state_of(std::size_t group) const;
  void evaluate_arguments(ExecutionState& state, const engine::ColumnBatch& input,
                          std::span<const std::uint32_t> rows);
  void update(ExecutionState& state, std::size_t row_count);
  void drop_duplicates(std::span<const std::uint32_t> groups);
  void keep_for_sort(ExecutionState& state, const engine::ColumnBatch& input);

  const AggregateExpression& expression_;
  std::size_t state_bytes_;
  std::vector<std::unique_ptr<SubsetEvaluator>> arguments_;
  std::vector<std::unique_ptr<SubsetEvaluator>> sort_keys_;
  std::unique_ptr<SubsetEvaluator> filter_;
  std::vector<std::unique_ptr<std::max_align_t[]>> blocks_;
  std::size_t group_count_ = 0;
  std::vector<const engine::ColumnVector*> columns_;
  std::vector<void*> targets_;
  std::vector<std::uint32_t> rows_, groups_;
  std::unique_ptr<KeyTable> seen_;  ///< DISTINCT without order: (group, arguments)
  std::vector<Oid> seen_types_;
  std::unique_ptr<SortNode> sort_;  ///< ORDER BY within the aggregate: (group, keys, arguments)
  std::unique_ptr<RowStore> unsorted_;
};

/// Aggregation, with groups found by hash. When groups outgrow the budget, rows of new groups go to
/// partitions on disk, aggregated one after the other. Sorted input needs no disk: when groups
/// outgrow the budget, those that are complete are handed out first.
class AggregateOperator final : public Operator {
 public:
  AggregateOperator(const AggregateNode& node, std::unique_ptr<Operator> child,
                    ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  static constexpr std::size_t kPartitions = 16;
  static constexpr unsigned kDepthMax = 6;
  struct Partition {
    std::unique_ptr<RowStore> rows;
    unsigned depth = 0;
  };
  void run(ExecutionState& state);
  void run_sorted(ExecutionState& state);
  void add_batch(ExecutionState& state, const engine::ColumnBatch& input);
  bool next_partition();
  void clear_groups();
  [[nodiscard]] std::size_t size_bytes() const;

  const AggregateNode& node_;
  std::unique_ptr<Operator> child_;
  std::vector<EvaluatorPtr> key_evaluators_;
  std::vector<Oid> key_types_;
  std::vector<std::unique_ptr<AggregateStates>> aggregates_;
  KeyTable groups_;
  MemoryUse memory_;
  bool full_ = false;
  unsigned depth_ = 0;
  bool started_ = false;
  bool emitting_ = false;
  std::size_t group_count_ = 0;
  std::size_t next_group_ = 0;
  std::unique_ptr<RowStore> current_;
  std::array<std::unique_ptr<RowStore>, kPartitions> spilled_;
  std::vector<Partition> waiting_;
  // Strategy Sorted: rows of the input at hand that belong to a later round.
  engine::ColumnBatch input_;
  std::uint32_t next_row_ = 0;
  bool input_ended_ = false;
};

}  // namespace omen::sql
