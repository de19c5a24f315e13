#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/exec/operator.h"

namespace omen::sql {

class CommonTableState;  // sql/exec/common_table.h

/// A value an enclosing node hands to the nodes below it: a column of the outer row of a nested
/// loop
/// or of a correlated sub-select. `version` changes with every new value.
struct OuterSlot {
  engine::ColumnVector value;  ///< constant column
  std::uint64_t version = 0;
};

/// What EXPLAIN ANALYZE shows of one plan node.
struct NodeCounters {
  double startup_ms = 0;
  double total_ms = 0;
  std::uint64_t rows = 0;
  std::uint64_t loops = 0;
  std::uint64_t rows_in = 0;        ///< filters: rows looked at; vector scans: rows refused
  std::uint64_t restricted_to = 0;  ///< vector scans: rows they went on among
};

/// State that several operators of one execution share. Not thread-safe.
class ExecutionRuntime {
 public:
  ExecutionRuntime(std::size_t slot_count, std::size_t common_table_count, std::size_t node_count);
  ~ExecutionRuntime();
  ExecutionRuntime(const ExecutionRuntime&) = delete;
  ExecutionRuntime& operator=(const ExecutionRuntime&) = delete;

  [[nodiscard]] OuterSlot& slot(int number) { return slots_[static_cast<std::size_t>(number)]; }
  /// Sets a slot from one row of a column.
  void set_slot(int number, const engine::ColumnVector& source, std::size_t row);
  /// Sum of the versions of `slots`: changes whenever one of them does.
  [[nodiscard]] std::uint64_t version_of(const std::vector<int>& slots) const;

  [[nodiscard]] std::unique_ptr<CommonTableState>& common_table(int number) {
    return common_tables_[static_cast<std::size_t>(number)];
  }
  /// Destroys the WITH queries' operators and rows.
  void drop_common_tables();
  [[nodiscard]] NodeCounters& counters(int node_id) {
    return counters_[static_cast<std::size_t>(node_id)];
  }

 private:
  std::unique_ptr<OuterSlot[]> slots_;
  std::vector<std::unique_ptr<CommonTableState>> common_tables_;
  std::vector<NodeCounters> counters_;
};

/// Throws 57014 when the statement is to stop. Loops over data call it once per batch.
void check_cancel(const ExecutionState& state);

}  // namespace omen::sql
