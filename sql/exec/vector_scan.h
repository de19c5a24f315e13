#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/exec/expression/evaluator.h"
#include "sql/exec/operator.h"
#include "sql/exec/row_store.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// Nearest rows of a vector index, pulled as long as somebody asks. Under conditions the next
/// nearest are tested until enough have passed. Meanwhile the share that passed says how many more
/// tests that will take; when the node's child finds the rows that may pass at less cost, it is
/// pulled, and once it has given all, the scan goes on among them alone. A child that gives row
/// after row is pulled no longer than it is worth, and further if tests go on in vain.
///
/// Settings may end the scan earlier, as pgvector's would (VectorScanSettings); then it is a filter
/// above that tests, and how many pass is not known here.
class VectorScanOperator final : public Operator {
 public:
  VectorScanOperator(const VectorScanNode& node, std::unique_ptr<Operator> matches,
                     ExecutionState& state);
  bool next(ExecutionState& state, engine::ColumnBatch& out) override;
  void rewind(ExecutionState& state) override;

 private:
  void open(ExecutionState& state);
  void apply_settings(ExecutionState& state, engine::VectorScan& request);
  void refuse_dimensions(ExecutionState& state);
  void open_without_distance(ExecutionState& state);
  void read_bound(ExecutionState& state);
  [[nodiscard]] bool is_beyond_bound(const engine::ColumnBatch& batch) const;
  bool next_without_distance(ExecutionState& state, engine::ColumnBatch& out);
  void drop_undefined(engine::ColumnBatch& out);
  bool pull(ExecutionState& state, engine::ColumnBatch& out);
  engine::RowFilter filter(ExecutionState& state);
  engine::Status test(ExecutionState& state, const engine::ColumnBatch& rows,
                      std::span<std::uint8_t> passes);
  [[nodiscard]] double tests_ahead() const;
  void consider_matches(ExecutionState& state);

  const VectorScanNode& node_;
  EvaluatorPtr query_evaluator_, limit_, offset_, bound_evaluator_, bound_from_evaluator_;
  std::optional<double> bound_, bound_from_;  ///< see VectorScanNode
  std::string query_;                         ///< as the column holds its values
  std::unique_ptr<engine::VectorRowCursor> cursor_;
  std::unique_ptr<engine::RowCursor> all_rows_;  ///< NULL query: in any order, distance NULL

  enum class Matches : std::uint8_t { None, Untouched, Begun, Done };
  std::unique_ptr<Operator> matches_;  ///< or null
  Matches matches_state_ = Matches::None;
  std::vector<engine::RowId> match_ids_;  ///< those pulled so far
  std::unique_ptr<MemoryUse> match_memory_;
  engine::ColumnBatch match_rows_;
  std::vector<std::unique_ptr<SubsetEvaluator>> tests_;
  std::vector<std::uint32_t> passing_;
  std::exception_ptr failure_;  ///< of a test, while the engine's frames are left
  bool tests_here_ = false;     ///< false: a filter above does
  std::uint64_t tested_count_ = 0;
  std::uint64_t passed_count_ = 0;
  std::uint64_t wanted_count_ = 0;  ///< LIMIT and OFFSET, as far as known
  bool opened_ = false;
  bool only_distances_ = false;   ///< rows without one are left out
  bool is_nan_distance_ = false;  ///< NaN is no distance: it is a stored zero vector's
  std::uint64_t rows_left_ = 0;
  engine::ColumnBatch rows_, kept_;
};

}  // namespace omen::sql
