#include "sql/exec/build.h"

#include <chrono>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/exec/aggregate.h"
#include "sql/exec/common_table.h"
#include "sql/exec/distinct.h"
#include "sql/exec/function_scan.h"
#include "sql/exec/hash_join.h"
#include "sql/exec/index_scan.h"
#include "sql/exec/insert.h"
#include "sql/exec/lock_rows.h"
#include "sql/exec/nested_loop.h"
#include "sql/exec/row_shape.h"
#include "sql/exec/runtime.h"
#include "sql/exec/scan.h"
#include "sql/exec/set_operation.h"
#include "sql/exec/sort.h"
#include "sql/exec/update.h"
#include "sql/exec/vector_scan.h"
#include "sql/planner/plan_node.h"
#include "sql/planner/planner.h"

namespace omen::sql {
namespace {

/// Counts rows, loops and time of an operator for EXPLAIN ANALYZE.
class InstrumentedOperator final : public Operator {
 public:
  InstrumentedOperator(int node_id, std::unique_ptr<Operator> inner)
      : node_id_(node_id), inner_(std::move(inner)) {}

  bool next(ExecutionState& state, engine::ColumnBatch& out) override {
    NodeCounters& counters = state.runtime->counters(node_id_);
    const auto start = std::chrono::steady_clock::now();
    const bool more = inner_->next(state, out);
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    counters.total_ms += elapsed.count();
    if (!started_) {
      started_ = true;
      ++counters.loops;
      counters.startup_ms += elapsed.count();
    }
    counters.rows += out.row_count();
    return more;
  }
  void rewind(ExecutionState& state) override {
    started_ = false;
    inner_->rewind(state);
  }

 private:
  int node_id_;
  std::unique_ptr<Operator> inner_;
  bool started_ = false;
};

template <typename T>
const T& as(const PlanNode& node) {
  return static_cast<const T&>(node);
}

std::unique_ptr<Operator> build(const PlanNode& node, ExecutionState& state) {
  auto child = [&](std::size_t i = 0) { return make_operator(*node.children[i], state); };
  switch (node.kind) {
    case PlanKind::Result:
      return std::make_unique<ResultOperator>(as<ResultNode>(node), state);
    case PlanKind::Values:
      return std::make_unique<ValuesOperator>(as<ValuesNode>(node), state);
    case PlanKind::TableScan:
      return std::make_unique<TableScanOperator>(as<TableScanNode>(node));
    case PlanKind::SystemScan:
      return std::make_unique<SystemScanOperator>(as<SystemScanNode>(node));
    case PlanKind::IndexScan:
      return std::make_unique<IndexScanOperator>(as<IndexScanNode>(node), state);
    case PlanKind::VectorScan:
      return std::make_unique<VectorScanOperator>(as<VectorScanNode>(node),
                                                  node.children.empty() ? nullptr : child(), state);
    case PlanKind::FunctionScan:
      return std::make_unique<FunctionScanOperator>(as<FunctionScanNode>(node), state);
    case PlanKind::CommonTableScan:
      return std::make_unique<CommonTableScanOperator>(as<CommonTableScanNode>(node));
    case PlanKind::WorkTableScan:
      return std::make_unique<WorkTableScanOperator>(as<WorkTableScanNode>(node));
    case PlanKind::SubqueryScan:
      return child();
    case PlanKind::Filter:
      return std::make_unique<FilterOperator>(as<FilterNode>(node), child(), state);
    case PlanKind::Project:
      return std::make_unique<ProjectOperator>(as<ProjectNode>(node), child(), state);
    case PlanKind::ProjectSet:
      return std::make_unique<ProjectSetOperator>(as<ProjectSetNode>(node), child(), state);
    case PlanKind::Limit:
      return std::make_unique<LimitOperator>(as<LimitNode>(node), child(), state);
    case PlanKind::Sort:
      return std::make_unique<SortOperator>(as<SortNode>(node), child(), state);
    case PlanKind::Aggregate:
      return std::make_unique<AggregateOperator>(as<AggregateNode>(node), child(), state);
    case PlanKind::Distinct:
      return make_distinct(as<DistinctNode>(node), child(), state);
    case PlanKind::SetOperation:
      return std::make_unique<SetOperationOperator>(as<SetOperationNode>(node), child(0), child(1),
                                                    state);
    case PlanKind::Append: {
      std::vector<std::unique_ptr<Operator>> children;
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        children.push_back(child(i));
      }
      return std::make_unique<AppendOperator>(std::move(children));
    }
    case PlanKind::NestedLoop:
      return std::make_unique<NestedLoopOperator>(as<NestedLoopNode>(node), child(0), child(1),
                                                  state);
    case PlanKind::HashJoin:
      return std::make_unique<HashJoinOperator>(as<HashJoinNode>(node), child(0), child(1), state);
    case PlanKind::RecursiveUnion:
      return std::make_unique<RecursiveUnionOperator>(as<RecursiveUnionNode>(node), child(0),
                                                      child(1), state);
    case PlanKind::LockRows:
      return std::make_unique<LockRowsOperator>(as<LockRowsNode>(node), child(), state);
    case PlanKind::Insert:
      return std::make_unique<InsertOperator>(as<InsertNode>(node), child(), state);
    case PlanKind::Update:
      return std::make_unique<UpdateOperator>(as<UpdateNode>(node), child(), state);
    case PlanKind::Delete:
      return std::make_unique<DeleteOperator>(as<DeleteNode>(node), child(), state);
  }
  internal_error("unknown plan node");
}

/// The root of an execution with WITH queries: runs those that modify data to their end, whatever
/// is
/// read of them, and drops all of them when it goes, because their cursors belong to the statement.
class RootOperator final : public Operator {
 public:
  RootOperator(const PlanRoot& root, ExecutionState& state)
      : root_(root), runtime_(state.runtime), inner_(make_operator(*root.node, state)) {}
  ~RootOperator() override { runtime_->drop_common_tables(); }
  RootOperator(const RootOperator&) = delete;
  RootOperator& operator=(const RootOperator&) = delete;

  bool next(ExecutionState& state, engine::ColumnBatch& out) override {
    if (started_) {
      return inner_->next(state, out);
    }
    started_ = true;
    if (!modifies()) {
      finish_common_tables(state);
      return inner_->next(state, out);
    }
    // As in PostgreSQL the statement itself writes first, and it does so on its first pull.
    const bool has_rows = inner_->next(state, out);
    finish_common_tables(state);
    return has_rows;
  }
  void rewind(ExecutionState& state) override { inner_->rewind(state); }

 private:
  [[nodiscard]] bool modifies() const {
    const PlanKind kind = root_.node->kind;
    return kind == PlanKind::Insert || kind == PlanKind::Update || kind == PlanKind::Delete;
  }
  void finish_common_tables(ExecutionState& state) {
    for (const CommonTablePlan* table : root_.common_tables) {
      if (table != nullptr && table->modifies) {
        common_table(state, *table).finish(state);
      }
    }
  }

  const PlanRoot& root_;
  std::shared_ptr<ExecutionRuntime> runtime_;
  std::unique_ptr<Operator> inner_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<Operator> make_operator(const PlanNode& node, ExecutionState& state) {
  std::unique_ptr<Operator> made = build(node, state);
  if (state.instrument) {
    made = std::make_unique<InstrumentedOperator>(node.id, std::move(made));
  }
  return made;
}

std::unique_ptr<Operator> make_operators(const Plan& plan, ExecutionState& state) {
  const PlanRoot& root = *plan.root;
  state.runtime = std::make_shared<ExecutionRuntime>(root.slot_count, root.common_tables.size(),
                                                     state.instrument ? root.node_count : 0);
  if (!root.common_tables.empty()) {
    return std::make_unique<RootOperator>(root, state);
  }
  return make_operator(*root.node, state);
}

}  // namespace omen::sql
