#pragma once

#include <memory>
#include <queue>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/key.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Sorts its child's rows. In memory while the budget allows; else in runs on disk that are merged.
/// Below a LIMIT of few rows it keeps only the best ones, and copies no others. Stable.
class SortOperator final : public Operator {
 public:
  SortOperator(const SortNode& node, std::unique_ptr<Operator> child, ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  struct Place {
    std::uint32_t chunk;
    std::uint32_t row;
  };
  /// One sorted run on disk and its place in the merge.
  struct Run {
    std::unique_ptr<RowStore> rows;
    RowStore::Reader reader;
    engine::ColumnBatch batch;
    std::size_t row = 0;
    std::vector<const engine::ColumnVector*> keys;
  };

  void load(ExecutionState& state);
  void load_top(ExecutionState& state, std::size_t wanted);
  void compact_top(std::size_t wanted);
  void add_chunk(const engine::ColumnBatch& rows, std::span<const std::uint32_t> chosen);
  void sort_places();
  void write_run(ExecutionState& state);
  bool advance(Run& run);
  bool emit_memory(engine::ColumnBatch& out);
  bool emit_merged(engine::ColumnBatch& out);
  [[nodiscard]] std::vector<const engine::ColumnVector*> keys_of(
      const engine::ColumnBatch& batch) const;
  void append_place(const Place& place, engine::ColumnBatch& out) const;

  const SortNode& node_;
  std::unique_ptr<Operator> child_;
  EvaluatorPtr limit_, offset_;
  RowComparator comparator_;
  MemoryUse memory_;
  std::size_t memory_bytes_ = 0;
  bool loaded_ = false;
  std::vector<std::unique_ptr<engine::ColumnBatch>> chunks_;
  std::vector<std::vector<const engine::ColumnVector*>> chunk_keys_;
  std::vector<Place> places_;
  std::size_t next_place_ = 0;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<Run*> heap_;
  engine::ColumnBatch input_;
};

}  // namespace omen::sql
