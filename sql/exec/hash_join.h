#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/key.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Joins by equality of keys: builds a hash table from the right side and probes it with the left.
/// When the right side outgrows the budget, both sides are split by hash into partitions on disk,
/// which are then joined one by one. Without keys every pair is a candidate.
class HashJoinOperator final : public Operator {
 public:
  HashJoinOperator(const HashJoinNode& node, std::unique_ptr<Operator> left,
                   std::unique_ptr<Operator> right, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  static constexpr std::size_t kPartitions = 32;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  enum class Phase : std::uint8_t { Build, Probe, Unmatched, Done };
  /// Key columns of one side for the batch at hand.
  struct Keys {
    std::vector<EvaluatorPtr> evaluators;
    std::unique_ptr<engine::ColumnVector[]> converted;
    std::vector<const engine::ColumnVector*> columns;
    std::vector<std::uint64_t> hashes;
  };
  using Partitions = std::array<std::unique_ptr<RowStore>, kPartitions>;

  void compute_keys(ExecutionState& state, Keys& keys, const engine::ColumnBatch& rows) const;
  void build(ExecutionState& state);
  void add_build_rows(ExecutionState& state, const engine::ColumnBatch& rows);
  void clear_table();
  void partition(ExecutionState& state, Keys& keys, const engine::ColumnBatch& rows,
                 Partitions& partitions, const std::vector<PhysicalType>& types) const;
  void split_both_sides(ExecutionState& state);
  bool next_partition(ExecutionState& state);
  bool pull_probe(ExecutionState& state);
  /// Emits matches of the current probe batch; false when it is used up.
  bool probe(ExecutionState& state, engine::ColumnBatch& out);
  void collect_pairs();
  void filter_pairs(ExecutionState& state);
  void emit_pairs(engine::ColumnBatch& out);
  bool emit_left_remainder(engine::ColumnBatch& out);
  bool emit_unmatched_right(engine::ColumnBatch& out);

  const HashJoinNode& node_;
  std::unique_ptr<Operator> left_, right_;
  Keys left_keys_, right_keys_;
  std::vector<std::unique_ptr<SubsetEvaluator>> conditions_;
  std::vector<PhysicalType> left_types_, right_types_, pair_types_;
  Phase phase_ = Phase::Build;
  MemoryUse memory_;
  std::size_t build_bytes_ = 0;
  KeyTable table_;
  engine::ColumnBatch build_rows_;
  std::vector<std::uint32_t> first_row_;  ///< by key number: first build row
  std::vector<std::uint32_t> next_row_;   ///< by build row: next one with the key
  std::vector<std::uint8_t> build_matched_;
  bool partitioned_ = false;
  Partitions left_parts_, right_parts_;
  std::size_t partition_ = 0;
  RowStore::Reader left_reader_;
  engine::ColumnBatch probe_rows_;
  bool have_probe_ = false;
  std::size_t probe_row_ = 0;
  std::uint32_t probe_chain_ = kNone;
  bool probe_row_started_ = false;
  std::vector<std::uint8_t> probe_matched_;
  std::vector<std::uint32_t> pair_left_, pair_right_, chosen_;
  std::size_t unmatched_row_ = 0;
  engine::ColumnBatch pairs_;
};

}  // namespace omen::sql
