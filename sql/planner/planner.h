#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/api/engine.h"
#include "sql/binder/bound.h"
#include "sql/exec/operator.h"

namespace omen::sql {

struct PlanRoot;  // sql/planner/plan_node.h

/// A physical plan: immutable, shared by executions and threads. Keeps the bound tree's arena and
/// the
/// catalog it points into alive.
struct Plan {
  std::shared_ptr<engine::Arena> arena;
  engine::CatalogPtr catalog;
  const PlanRoot* root = nullptr;
  std::vector<BoundTarget> output;  ///< visible columns, for RowDescription
  std::vector<Type> parameter_types;
  QueryKind kind = QueryKind::Select;
  bool returns_rows = true;
  /// Tables to lock before running, with the mode (R13).
  std::vector<std::pair<Oid, engine::TableLock>> locks;
  std::string_view row_lock;  ///< "FOR UPDATE": strength of the first row lock; empty: none
};
using PlanPtr = std::shared_ptr<const Plan>;

/// Planner switches, from settings (enable_seqscan, ...).
struct PlannerOptions {
  bool enable_seqscan = true;
  bool enable_indexscan = true;
  bool enable_sort = true;
  bool enable_hashjoin = true;
  bool enable_nestloop = true;
  bool enable_hashagg = true;
  int ivfflat_probes = 0;  ///< 0: left untouched
};

/// Chooses access paths, join order and operators by cost.
PlanPtr plan_query(std::shared_ptr<engine::Arena> arena, engine::CatalogPtr catalog,
                   const BoundQuery& query, const engine::Engine& engine,
                   const PlannerOptions& options);

/// The operators of a new execution of `plan`, and the root's output column types.
std::unique_ptr<Operator> make_operators(const Plan& plan, ExecutionState& state);

/// EXPLAIN's lines, as PostgreSQL prints them. `analyzed`: operators' counters of a finished run.
struct ExplainOptions {
  bool analyze = false, costs = true, verbose = false, buffers = false, timing = true,
       summary = false;
  enum class Format : std::uint8_t { Text, Json } format = Format::Text;
  double planning_ms = 0;   ///< printed with `summary`
  double execution_ms = 0;  ///< printed with `summary` and `analyze`
};
std::vector<std::string> explain(const Plan& plan, const ExplainOptions& options,
                                 ExecutionState* analyzed);

}  // namespace omen::sql
