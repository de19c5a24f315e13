#pragma once

#include <cstdint>
#include <memory>

#include "sql/exec/key.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// The rows of a WITH query, computed as far as they were asked for, or the working table of a
/// recursive one. Shared by all its scans in one execution.
class CommonTableState {
 public:
  /// `plan` is null for a working table, which is filled from outside.
  CommonTableState(const CommonTablePlan* plan, std::vector<PhysicalType> types,
                   engine::Budget* budget)
      : plan_(plan), rows_(std::move(types), budget) {}

  /// Starts anew if outer columns it refers to have changed.
  void refresh(ExecutionState& state);
  /// The next rows for a reader; computes more when the reader has all there is.
  bool read(ExecutionState& state, RowStore::Reader& reader, engine::ColumnBatch& out);
  /// Computes all rows now; what they affected is not counted for the statement's tag.
  void finish(ExecutionState& state);
  [[nodiscard]] RowStore& rows() { return rows_; }
  /// Grows whenever the rows start anew.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  bool pull(ExecutionState& state);

  const CommonTablePlan* plan_;
  std::unique_ptr<Operator> root_;
  RowStore rows_;
  bool done_ = false;
  std::uint64_t version_ = 0;
  std::uint64_t generation_ = 0;
  engine::ColumnBatch batch_;
};

/// The state of a WITH query in this execution, made on first use.
CommonTableState& common_table(ExecutionState& state, const CommonTablePlan& plan);

class CommonTableScanOperator final : public Operator {
 public:
  explicit CommonTableScanOperator(const CommonTableScanNode& node) : node_(node) {}
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override { reader_ = {}; }

 private:
  const CommonTableScanNode& node_;
  RowStore::Reader reader_;
  std::uint64_t generation_ = 0;
};

class WorkTableScanOperator final : public Operator {
 public:
  explicit WorkTableScanOperator(const WorkTableScanNode& node) : node_(node) {}
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& /*state*/) override { reader_ = {}; }

 private:
  const WorkTableScanNode& node_;
  RowStore::Reader reader_;
};

/// base UNION [ALL] recursive: repeats the recursive term over the rows of the round before.
class RecursiveUnionOperator final : public Operator {
 public:
  RecursiveUnionOperator(const RecursiveUnionNode& node, std::unique_ptr<Operator> base,
                         std::unique_ptr<Operator> step, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  /// Keeps the rows of `batch_` not seen before in `out` and the next round's table.
  void take_new(engine::ColumnBatch& out);
  CommonTableState& work_table(ExecutionState& state);

  const RecursiveUnionNode& node_;
  std::unique_ptr<Operator> base_;
  std::unique_ptr<Operator> step_;
  std::unique_ptr<KeyTable> seen_;  ///< UNION: all rows so far
  std::vector<Oid> key_types_;
  std::unique_ptr<RowStore> next_round_;
  bool in_base_ = true;
  engine::ColumnBatch batch_;
};

}  // namespace omen::sql
