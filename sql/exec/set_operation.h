#pragma once

#include <array>
#include <memory>
#include <vector>

#include "sql/exec/key.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// INTERSECT and EXCEPT, [ALL]: counts how often each row comes from either side. When the left
/// side's rows outgrow the budget, further ones go to partitions on disk by hash, with the right
/// side's rows that may meet them; the partitions follow one after the other.
class SetOperationOperator final : public Operator {
 public:
  SetOperationOperator(const SetOperationNode& node, std::unique_ptr<Operator> left,
                       std::unique_ptr<Operator> right, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  enum class Side : std::uint8_t { Left, Right };
  static constexpr std::size_t kPartitions = 16;
  static constexpr unsigned kDepthMax = 6;
  struct Partition {
    std::unique_ptr<RowStore> left, right;
    unsigned depth = 0;
  };

  void load(ExecutionState& state, Side side);
  bool pull(ExecutionState& state, Side side, RowStore::Reader& reader);
  void add_left(ExecutionState& state, std::uint32_t row, KeyColumns keys, std::uint64_t hash);
  void add_right(ExecutionState& state, std::uint32_t row, KeyColumns keys, std::uint64_t hash);
  void spill(ExecutionState& state, std::unique_ptr<RowStore>& store, std::uint32_t row);
  [[nodiscard]] Partition& partition_of(std::uint64_t hash) {
    return spilled_[(hash >> (60 - 4 * depth_)) % kPartitions];
  }
  bool next_partition();
  void clear_round();
  [[nodiscard]] std::uint64_t copies_of(std::size_t number) const;

  const SetOperationNode& node_;
  std::unique_ptr<Operator> left_, right_;
  std::vector<Oid> key_types_;
  KeyTable rows_;
  MemoryUse memory_;
  std::vector<std::uint64_t> left_counts_, right_counts_;
  bool loaded_ = false;
  bool full_ = false;
  unsigned depth_ = 0;
  std::array<Partition, kPartitions> spilled_;
  std::vector<Partition> waiting_;
  Partition current_;  ///< without stores: the round of the children themselves
  std::size_t next_number_ = 0;
  std::uint64_t copies_sent_ = 0;
  engine::ColumnBatch input_;
};

}  // namespace omen::sql
