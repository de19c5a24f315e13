#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/api/transaction.h"
#include "engine/base/budget.h"
#include "engine/base/column_batch.h"
#include "sql/functions/eval_context.h"

namespace omen::sql {

class ExecutionRuntime;  // sql/exec/runtime.h

/// How far a vector index scan goes: pgvector's settings and omendb's own. 0 in a limit: none.
struct VectorScanSettings {
  std::size_t ef_search = 0;    ///< hnsw.ef_search; 0: left untouched, recall_target counts
  double recall_target = 0.95;  ///< omendb.recall_target
  bool strict = false;          ///< omendb.strict_pgvector
  std::size_t rows_first = 40;  ///< rows of pgvector's first pass: hnsw.ef_search, untouched or not
  bool hnsw_iterates = false;   ///< hnsw.iterative_scan is not off
  bool strict_order = false;    ///< hnsw.iterative_scan is strict_order
  std::uint64_t rows_max = 0;   ///< hnsw.max_scan_tuples and hnsw.scan_mem_multiplier
  int probes = 0;               ///< ivfflat.probes; 0: left untouched
  bool ivfflat_iterates = false;
  int probes_max = 0;  ///< ivfflat.max_probes
};

/// What the operators of one running statement share. Owned by the Execution; outlives them.
struct ExecutionState {
  EvalContext eval;
  engine::Transaction* transaction = nullptr;
  engine::Statement* statement =
      nullptr;                       ///< snapshot of this statement; null for utility commands
  engine::Budget* budget = nullptr;  ///< work_mem and friends
  const std::vector<engine::Value>* parameters = nullptr;  ///< $1 is at 0
  const std::vector<engine::Oid>* parameter_types = nullptr;
  std::uint64_t rows_affected = 0;  ///< by INSERT, UPDATE, DELETE
  VectorScanSettings vector_scan;
  bool instrument = false;                    ///< EXPLAIN ANALYZE: count rows and time of each node
  std::shared_ptr<ExecutionRuntime> runtime;  ///< set by make_operators
};

/// One step of a running plan: pulls batches from its children and passes its own on.
///
/// Plan nodes (sql/planner) are immutable and shared; an operator is one execution's state. Not
/// thread-safe. Errors are thrown as SqlError; the operator is then only good for destruction.
class Operator {
 public:
  virtual ~Operator() = default;
  /// Clears `out` and fills it with the next rows (at most kBatchRowsMax; may be empty while there
  /// is more); false at the end. Views in `out` live until the next call.
  virtual bool next(ExecutionState& state, engine::ColumnBatch& out) = 0;
  /// Starts again from the first row (inner side of a nested loop, correlated sub-select); outer
  /// parameters may have changed meanwhile.
  virtual void rewind(ExecutionState& state) = 0;
};

}  // namespace omen::sql
