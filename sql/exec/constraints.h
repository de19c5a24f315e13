#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// A row that may not be written.
struct ConstraintViolation {
  std::size_t row = 0;
  int column = -1;  ///< NOT NULL column, or
  int check = -1;   ///< number of the CHECK constraint
};

/// NOT NULL and CHECK constraints of a table, and the errors they and unique indexes raise.
class Constraints {
 public:
  Constraints(const ModifyNode& node, ExecutionState& state);

  /// Checks whole rows that are about to be written (all columns of the table). 23502, 23514.
  void check(ExecutionState& state, const engine::ColumnBatch& rows);
  /// The first violation among new values of `columns`, and of CHECK constraints, whose conditions
  /// read `checked`.
  std::optional<ConstraintViolation> find_violation(ExecutionState& state,
                                                    const std::vector<int>& columns,
                                                    const engine::ColumnBatch& values,
                                                    const engine::ColumnBatch& checked);
  /// The error for a violation by row `row` of `rows` (all columns of the table).
  [[noreturn]] void throw_violation(ExecutionState& state, const ConstraintViolation& violation,
                                    const engine::ColumnBatch& rows, std::size_t row) const;
  /// The 23505 for row `row` of `rows` (all columns of the table).
  [[noreturn]] void throw_unique_violation(ExecutionState& state, Oid index_oid,
                                           const engine::ColumnBatch& rows, std::size_t row) const;

 private:
  [[nodiscard]] std::string row_text(ExecutionState& state, const engine::ColumnBatch& rows,
                                     std::size_t row) const;

  const ModifyNode& node_;
  std::vector<EvaluatorPtr> checks_;
  std::vector<int> all_columns_;
};

}  // namespace omen::sql
