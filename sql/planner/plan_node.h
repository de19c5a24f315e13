#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/api/catalog.h"
#include "sql/catalog/system_relation.h"
#include "sql/exec/key.h"
#include "sql/planner/planned_expression.h"

/// The nodes of a physical plan. Immutable once published, shared by executions; live in the plan's
/// arena. Each names its operator (sql/exec) and is what EXPLAIN prints.
namespace omen::sql {

enum class PlanKind : std::uint8_t {
  Result,
  Values,
  TableScan,
  SystemScan,
  IndexScan,
  VectorScan,
  FunctionScan,
  CommonTableScan,
  WorkTableScan,
  SubqueryScan,
  Filter,
  Project,
  ProjectSet,
  Limit,
  Sort,
  Aggregate,
  Distinct,
  SetOperation,
  Append,
  NestedLoop,
  HashJoin,
  RecursiveUnion,
  LockRows,
  Insert,
  Update,
  Delete
};

struct PlanNode {
  PlanKind kind;
  int id = 0;  ///< index of its counters
  double startup_cost = 0;
  double total_cost = 0;
  double rows = 1;  ///< estimate
  int width = 0;    ///< estimated bytes a row
  std::vector<PhysicalType> output_types;
  std::vector<Type> column_types;
  ExpressionList output;  ///< what the columns are, for EXPLAIN VERBOSE
  std::vector<const PlanNode*> children;
  explicit PlanNode(PlanKind k) : kind(k) {}
};

/// One row without columns, if `condition` (reading no row) holds.
struct ResultNode : PlanNode {
  ExpressionList conditions;
  ResultNode() : PlanNode(PlanKind::Result) {}
};

struct ValuesNode : PlanNode {
  std::vector<ExpressionList> values;
  std::string alias = "*VALUES*";
  ValuesNode() : PlanNode(PlanKind::Values) {}
};

struct TableScanNode : PlanNode {
  const engine::Table* table = nullptr;
  std::vector<int> columns;  ///< as engine::TableScan::columns
  std::string alias;
  using PlanNode::PlanNode;
  TableScanNode() : PlanNode(PlanKind::TableScan) {}
};

/// A condition an index serves on its column number `column` (in the index).
struct IndexCondition {
  enum class Kind : std::uint8_t {
    Equal,
    AnyOf,
    Less,
    LessEqual,
    Greater,
    GreaterEqual
  } kind = Kind::Equal;
  std::size_t column = 0;
  const Expression* key = nullptr;       ///< reads no row; AnyOf: an array
  const Expression* original = nullptr;  ///< the whole condition, for EXPLAIN
};

struct IndexScanNode : TableScanNode {
  const engine::Index* index = nullptr;
  std::vector<IndexCondition>
      conditions;  ///< equalities on a prefix, then at most one range or AnyOf
  bool backward = false;
  bool candidates_only = false;  ///< as engine::IndexScan::candidates_only
  IndexScanNode() : TableScanNode(PlanKind::IndexScan) {}
};

/// The nearest rows of a vector index. Conditions are tested above it, and those in `tests` by the
/// scan too, so that it knows how many rows pass. children[0], if there is one, finds the rows that
/// meet `tests`, and maybe others, by another way; its column `row_id_column` is the row id.
struct VectorScanNode : TableScanNode {
  const engine::Index* index = nullptr;
  std::size_t row_id_column = 0;
  /// What children[0] costs at once, and for each row it gives, where testing one row is 1.
  double matches_cost = 0;
  double match_cost = 0;
  std::vector<int> tested_columns;  ///< of the batches that `tests` read
  ExpressionList tests;
  const Expression* query = nullptr;  ///< reads no row
  const Expression* order = nullptr;  ///< the distance expression, for EXPLAIN
  bool query_on_left = false;         ///< as written; EXPLAIN shows the column first
  const Expression* limit = nullptr;  ///< rows expected, or null
  const Expression* offset = nullptr;
  /// Rows behind this distance are not wanted: the scan ends there. Or null. With `bound_from`, the
  /// scan ends where `bound_from` minus the distance falls below it.
  const Expression* bound = nullptr;
  const Expression* bound_from = nullptr;
  VectorScanNode() : TableScanNode(PlanKind::VectorScan) {}
};

struct SystemScanNode : PlanNode {
  const SystemRelation* relation = nullptr;
  std::vector<int> columns;
  std::string alias;
  SystemScanNode() : PlanNode(PlanKind::SystemScan) {}
};

/// Set-returning functions in lockstep (or one scalar function), columns one after the other.
struct FunctionScanNode : PlanNode {
  struct Function {
    const SetCallExpression* call = nullptr;  ///< or
    const Expression* scalar = nullptr;
    std::vector<Type> columns;
  };
  std::vector<Function> functions;
  bool with_ordinality = false;
  std::string alias;
  FunctionScanNode() : PlanNode(PlanKind::FunctionScan) {}
};

/// A WITH query that is computed once.
struct CommonTablePlan {
  int number = 0;
  std::string name;
  const PlanNode* root = nullptr;
  std::vector<int> used_slots;  ///< outer slots read inside
  bool modifies = false;        ///< INSERT, UPDATE, DELETE: runs in any case, to its end
};
struct CommonTableScanNode : PlanNode {
  const CommonTablePlan* table = nullptr;
  std::string alias;
  CommonTableScanNode() : PlanNode(PlanKind::CommonTableScan) {}
};
/// The rows a recursive term found in its previous round.
struct WorkTableScanNode : PlanNode {
  int work_table = 0;  ///< slot among the runtime's common tables
  std::string alias;
  WorkTableScanNode() : PlanNode(PlanKind::WorkTableScan) {}
};
struct RecursiveUnionNode : PlanNode {
  int work_table = 0;
  bool all = false;
  RecursiveUnionNode() : PlanNode(PlanKind::RecursiveUnion) {}
};
/// Names a planned sub-select in FROM; passes its rows on.
struct SubqueryScanNode : PlanNode {
  std::string alias;
  SubqueryScanNode() : PlanNode(PlanKind::SubqueryScan) {}
};

struct FilterNode : PlanNode {
  ExpressionList conditions;  ///< all must be true; tested in order
  FilterNode() : PlanNode(PlanKind::Filter) {}
};
struct ProjectNode : PlanNode {
  ExpressionList expressions;
  ProjectNode() : PlanNode(PlanKind::Project) {}
};
/// The child's columns and then one per set-returning call, in lockstep.
struct ProjectSetNode : PlanNode {
  std::vector<const SetCallExpression*> calls;
  ProjectSetNode() : PlanNode(PlanKind::ProjectSet) {}
};
struct LimitNode : PlanNode {
  const Expression* limit = nullptr;
  const Expression* offset = nullptr;
  LimitNode() : PlanNode(PlanKind::Limit) {}
};

struct SortNode : PlanNode {
  std::vector<OrderKey> keys;
  std::vector<int> positions;         ///< of the keys in the child's columns
  const Expression* limit = nullptr;  ///< rows wanted by a LIMIT above: top-N
  const Expression* offset = nullptr;
  ExpressionList key_expressions;  ///< for EXPLAIN
  SortNode() : PlanNode(PlanKind::Sort) {}
};

/// Output: the group keys, then the aggregates.
struct AggregateNode : PlanNode {
  /// Sorted: the input is in the order of the group keys.
  enum class Strategy : std::uint8_t { Plain, Hash, Sorted } strategy = Strategy::Plain;
  ExpressionList group_keys;
  std::vector<const AggregateExpression*> aggregates;  ///< arguments over the child's columns
  AggregateNode() : PlanNode(PlanKind::Aggregate) {}
};

/// Without positions: distinct rows, by hash. With: the first row of each run of equal keys.
struct DistinctNode : PlanNode {
  std::vector<int> on_positions;
  DistinctNode() : PlanNode(PlanKind::Distinct) {}
};
struct SetOperationNode : PlanNode {
  bool intersect = false;  ///< else EXCEPT
  bool all = false;
  SetOperationNode() : PlanNode(PlanKind::SetOperation) {}
};
struct AppendNode : PlanNode {
  AppendNode() : PlanNode(PlanKind::Append) {}
};

enum class PlanJoin : std::uint8_t { Inner, Left, Right, Full, Semi, Anti };
struct JoinNode : PlanNode {
  PlanJoin join = PlanJoin::Inner;
  ExpressionList conditions;  ///< over left and right columns
  using PlanNode::PlanNode;
};
/// For each left row: sets slots from it, then runs the right side (again).
struct NestedLoopNode : JoinNode {
  std::vector<int> slots;
  ExpressionList slot_values;  ///< over the left columns, parallel to slots
  NestedLoopNode() : JoinNode(PlanKind::NestedLoop) {}
};
/// Builds a table from the right side, probes it with the left one.
struct HashJoinNode : JoinNode {
  ExpressionList left_keys;   ///< over the left child's columns
  ExpressionList right_keys;  ///< over the right child's columns
  std::vector<Oid> key_types;
  ExpressionList hash_conditions;  ///< for EXPLAIN
  HashJoinNode() : JoinNode(PlanKind::HashJoin) {}
};

/// A row of a table within a node's input: what is needed to find its newest version and to test
/// the query's condition with it again.
struct TargetRow {
  const engine::Table* table = nullptr;
  int row_id_position = 0;
  int xid_position = 0;
  std::vector<int> table_columns;  ///< columns of the table present in the input ...
  std::vector<int> positions;      ///< ... and where
  ExpressionList recheck;          ///< the query's conditions over the input
  /// An outer join above the table: what it joined is NULL if its condition no longer holds.
  struct OuterJoin {
    ExpressionList conditions;
    std::vector<int> nullable_positions;
  };
  std::vector<OuterJoin> outer_joins;  ///< inner ones first
};

struct LockRowsNode : PlanNode {
  struct Target {
    TargetRow row;
    engine::RowLockStrength strength = engine::RowLockStrength::Update;
    bool no_wait = false;
    bool skip_locked = false;
  };
  std::vector<Target> targets;
  LockRowsNode() : PlanNode(PlanKind::LockRows) {}
};

/// CHECK constraints and the columns of the row they read.
struct RowChecks {
  ExpressionList conditions;  ///< Insert: over all columns of the table; Update: over the input
  std::vector<std::string> names;
};

struct ModifyNode : PlanNode {
  const engine::Table* table = nullptr;
  std::string alias;
  std::string schema_name;
  RowChecks checks;
  ExpressionList returning;  ///< Insert: over the table's columns; else over the input columns
  using PlanNode::PlanNode;
};
struct InsertNode : ModifyNode {
  ExpressionList values;  ///< one per table column over the child's; null: dropped
  bool has_conflict_clause = false;
  bool do_update = false;
  std::vector<Oid> arbiters;
  std::vector<std::string> arbiter_names;
  std::vector<int> update_columns;
  ExpressionList update_values;  ///< over the existing row's columns and then the proposed row's
  Expression* update_condition = nullptr;
  InsertNode() : ModifyNode(PlanKind::Insert) {}
};
/// Input: the target's columns needed, its row id and xid, other relations' columns.
struct UpdateNode : ModifyNode {
  TargetRow target;
  std::vector<int> columns;
  ExpressionList values;  ///< over the input
  UpdateNode() : ModifyNode(PlanKind::Update) {}
};
struct DeleteNode : ModifyNode {
  TargetRow target;
  DeleteNode() : ModifyNode(PlanKind::Delete) {}
};

/// What make_operators and EXPLAIN need beside the tree.
struct PlanRoot {
  struct LeafName {
    std::string alias;
    const Relation* relation = nullptr;
  };
  std::vector<LeafName> leaves;  ///< by number, for the names of columns
  const PlanNode* node = nullptr;
  std::vector<const CommonTablePlan*> common_tables;  ///< by number; null: a work table
  std::vector<const SubPlan*> sub_plans;
  std::size_t slot_count = 0;
  std::size_t node_count = 0;
};

}  // namespace omen::sql
