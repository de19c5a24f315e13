#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/api/engine.h"
#include "sql/planner/plan_node.h"
#include "sql/planner/planner.h"

/// What the parts of the planner share. All of it lives for one plan_query call; nodes and
/// expressions go to the plan's arena.
namespace omen::sql {

/// Slots through which one node hands columns to the plans below it.
struct SlotFrame {
  struct Entry {
    Expression* value;  ///< over leaf columns of the plan that owns the frame
    int slot;
  };
  int number = 0;  ///< grows in order of creation: inner frames have higher ones
  std::vector<Entry> entries;
};

struct Leaf;

/// A query level while it is planned: what its relation numbers stand for.
struct PlanScope {
  PlanScope* parent = nullptr;
  const BoundQuery* query = nullptr;
  /// How columns of the parent are reached: through slots, or directly (null) when this level was
  /// merged into its parent's plan.
  SlotFrame* frame = nullptr;
  struct Source {
    Leaf* leaf = nullptr;      ///< or
    ExpressionList flattened;  ///< output expressions of a merged sub-select
    bool is_flattened = false;
    PlanScope* flattened_scope = nullptr;
  };
  std::vector<Source> sources;  ///< by relation number
  struct Cte {
    const CommonTable* table = nullptr;
    CommonTablePlan* plan = nullptr;
    int work_table = -1;  ///< while the recursive term is planned
  };
  std::vector<Cte> ctes;
};

/// One base relation of the plan.
struct Leaf {
  int number = 0;
  const Relation* relation = nullptr;
  PlanScope* scope = nullptr;
  std::string alias;
  std::vector<int> needed;  ///< columns read above the leaf's own conditions, in order
  double rows = 1000;       ///< before conditions
  /// No table: the plan that makes its rows, all columns of the relation.
  PlanNode* source = nullptr;
  SlotFrame* frame = nullptr;  ///< lateral: what it reads of the relations before it
};

/// A plan with the meaning of its output columns: leaf columns or computed expressions.
struct Planned {
  PlanNode* node = nullptr;
  ExpressionList layout;
  std::set<int> leaves;
  /// Lateral parts whose slots a nested loop above has to set.
  std::vector<SlotFrame*> open_frames;
};

/// ORDER BY as the access path of a single table may serve it.
struct WantedOrder {
  struct Key {
    Expression* expression = nullptr;
    bool descending = false;
    bool nulls_first = false;
  };
  std::vector<Key> keys;
  const Expression* limit = nullptr;
  const Expression* offset = nullptr;
};

class PlanContext {
 public:
  PlanContext(engine::Arena& arena, const engine::Catalog& catalog, const engine::Engine& engine,
              const PlannerOptions& options, PlanRoot& root)
      : arena_(arena), catalog_(catalog), engine_(engine), options_(options), root_(root) {}

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    return arena_.make<T>(std::forward<Args>(args)...);
  }
  template <typename T>
  T* make_node() {
    T* node = arena_.make<T>();
    node->id = static_cast<int>(root_.node_count++);
    return node;
  }
  [[nodiscard]] engine::Arena& arena() { return arena_; }
  [[nodiscard]] const engine::Catalog& catalog() const { return catalog_; }
  [[nodiscard]] const engine::Engine& engine() const { return engine_; }
  [[nodiscard]] const PlannerOptions& options() const { return options_; }
  [[nodiscard]] PlanRoot& root() { return root_; }

  void note_parameter(const ParameterExpression& parameter);
  [[nodiscard]] const std::vector<Type>& parameter_types() const { return parameter_types_; }
  /// Remembers that the plan needs a lock on a table; the strongest mode asked for counts.
  void note_lock(Oid table_oid, engine::TableLock mode);
  [[nodiscard]] const std::vector<std::pair<Oid, engine::TableLock>>& locks() const {
    return locks_;
  }
  /// Plan::row_lock; the first one noted stays.
  void note_row_lock(ast::LockStrength strength);
  [[nodiscard]] std::string_view row_lock() const { return row_lock_; }
  [[nodiscard]] const std::vector<const Leaf*>& leaves() const { return leaves_; }

  SlotFrame* make_frame();
  /// The slot of a value handed down through `frame`, and a column that reads it.
  PlannedColumn* outer_column(SlotFrame& frame, Expression& value);
  Leaf* make_leaf(const Relation& relation, PlanScope& scope);
  /// Marks slots as read by the plans being made.
  void record_slot(int slot);
  /// Collects the outer slots read by a plan that is made between begin and end.
  void begin_recording() { recorders_.emplace_back(); }
  std::vector<int> end_recording(int frame_number);

 private:
  engine::Arena& arena_;
  const engine::Catalog& catalog_;
  const engine::Engine& engine_;
  const PlannerOptions& options_;
  PlanRoot& root_;
  int frame_count_ = 0;
  std::vector<const Leaf*> leaves_;
  std::vector<Type> parameter_types_;
  std::vector<std::pair<Oid, engine::TableLock>> locks_;
  std::string_view row_lock_;
  std::vector<int> slot_frames_;  ///< by slot: number of its frame
  std::vector<std::set<int>> recorders_;
};

// --- expressions (convert.cpp, fold.cpp) ---------------------------------------------------------

/// A bound expression with its columns as leaf columns (or outer slots) and its sub-selects
/// planned.
Expression* convert(PlanContext& context, const Expression& expression, PlanScope& scope);
/// The leaf expression a relation's column stands for.
Expression* resolve_column(PlanContext& context, PlanScope& scope, const ColumnExpression& column);
/// Replaces leaf columns (and whole sub-expressions computed below) by positions of `layout`. What
/// is not there is handed down through `frame`, if one is given.
Expression* place(PlanContext& context, const Expression& expression, const ExpressionList& layout,
                  SlotFrame* frame = nullptr);
ExpressionList place_all(PlanContext& context, const ExpressionList& expressions,
                         const ExpressionList& layout, SlotFrame* frame = nullptr);
PlannedColumn* leaf_column(PlanContext& context, const Leaf& leaf, int column);
/// Immutable calls of constants become constants; AND, OR, NOT and CASE of constants shrink.
Expression* fold(PlanContext& context, Expression& expression);
/// Appends the arguments of nested ANDs, folded; constants TRUE vanish.
void split_conjuncts(PlanContext& context, Expression* condition, ExpressionList& out);
/// Numbers of the leaves an expression reads.
std::set<int> leaves_of(const Expression& expression);
/// Adds the leaf columns an expression reads to their leaves' needed columns
/// (nothing below a sub-expression equal to `except`).
void note_columns(const Expression& expression, const std::vector<Leaf*>& leaves,
                  const Expression* except = nullptr);
bool reads_no_row(const Expression& expression);

// --- estimates (cost.cpp) ------------------------------------------------------------------------

double table_rows(const PlanContext& context, const engine::Table& table);
/// Fraction of rows that meet all conditions, by PostgreSQL's default selectivities.
double selectivity(const PlanContext& context, const ExpressionList& conditions,
                   const std::vector<Leaf*>& leaves);
int estimated_width(const std::vector<Type>& types);
/// Sets types and width of a node from its layout.
void set_output(PlanNode& node, const ExpressionList& layout);
bool is_unique_column(const PlanContext& context, const engine::Table& table, int column);
double distinct_values(const PlanContext& context, const Expression& expression,
                       const std::vector<Leaf*>& leaves);
std::optional<double> constant_number(const Expression* expression);

// --- nodes (nodes.cpp) ---------------------------------------------------------------------------

Planned add_filter(PlanContext& context, Planned input, const ExpressionList& conditions,
                   const std::vector<Leaf*>& leaves);
/// Projects to exactly `expressions` (which become the layout); nothing if the input is that
/// already.
Planned add_project(PlanContext& context, Planned input, const ExpressionList& expressions);
Planned add_sort(PlanContext& context, Planned input, const std::vector<WantedOrder::Key>& keys,
                 const Expression* limit, const Expression* offset);
Planned add_limit(PlanContext& context, Planned input, const Expression* limit,
                  const Expression* offset);
/// Whether grouping by `keys` is to be done by sorting, for want of hashing (enable_hashagg).
bool prefers_sort(const PlanContext& context, const ExpressionList& keys);
Planned sort_by(PlanContext& context, Planned input, const ExpressionList& keys);
/// Distinct rows of the input.
Planned add_distinct(PlanContext& context, Planned input);

// --- queries (query.cpp, set_operation.cpp, common_table.cpp, modify.cpp) ------------------------

/// The plan of a query: its visible targets, in order.
Planned plan_bound_query(PlanContext& context, const BoundQuery& query, PlanScope& scope);
/// Columns of a query's visible targets, as such.
ExpressionList column_layout(PlanContext& context, const BoundQuery& query);
Planned plan_set_operation(PlanContext& context, const BoundQuery& query, PlanScope& scope);
Planned plan_values(PlanContext& context, const BoundQuery& query, PlanScope& scope);
/// How a node finds and re-reads the rows of a leaf in its input (see TargetRow).
TargetRow make_target_row(PlanContext& context, const Leaf& leaf, const ExpressionList& layout,
                          const ExpressionList& conditions);
Planned plan_modify(PlanContext& context, const BoundQuery& query, PlanScope& scope);
/// Sorting and limiting of a query whose targets are the columns of `input`.
Planned finish_query(PlanContext& context, const BoundQuery& query, PlanScope& scope,
                     Planned input);
void declare_ctes(PlanContext& context, const BoundQuery& query, PlanScope& scope);
/// The planned WITH query a relation refers to; null for the working table of a recursion.
PlanScope::Cte& find_cte(const Relation& relation, PlanScope& scope, PlanScope** owner);
CommonTablePlan* plan_cte(PlanContext& context, PlanScope& owner, PlanScope::Cte& cte);
bool can_inline(const CommonTable& table);
std::size_t visible_target_count(const BoundQuery& query);

// --- joins and access paths (join.cpp, access.cpp, vector_access.cpp) ----------------------------

/// Plans FROM and WHERE. `order` (single tables only) is served if that is cheap: then true.
struct JoinResult {
  Planned plan;
  bool ordered = false;
};
/// The sources of a query's relations; merges simple sub-selects into the query.
void add_sources(PlanContext& context, const BoundQuery& query, PlanScope& scope,
                 std::vector<Leaf*>& leaves);
JoinResult plan_join_tree(PlanContext& context, const JoinTree* tree, PlanScope& scope,
                          ExpressionList conditions, std::vector<Leaf*>& leaves,
                          const WantedOrder* order);
/// A semi or anti join to be applied to the rows of FROM: [NOT] EXISTS of a simple sub-select.
struct SemiJoin {
  bool anti = false;
  PlanScope* scope = nullptr;  ///< of the sub-select, merged
  std::vector<Leaf*> leaves;
  ExpressionList inner_conditions;  ///< read the sub-select's leaves alone
  ExpressionList join_conditions;
};
std::optional<SemiJoin> as_semi_join(PlanContext& context, const Expression& bound,
                                     PlanScope& scope);
Planned apply_semi_join(PlanContext& context, Planned input, SemiJoin& semi,
                        const std::vector<Leaf*>& leaves);
/// Estimated rows of a join.
double join_rows(const PlanContext& context, PlanJoin join, const Planned& left,
                 const Planned& right, const ExpressionList& conditions,
                 const std::vector<Leaf*>& leaves);
/// Joins two plans by the cheapest method. `lookup` is the right side's leaf with its own
/// conditions
/// if it may be looked up by index instead.
struct JoinInput {
  Planned plan;
  Leaf* leaf = nullptr;
  ExpressionList leaf_conditions;
};

/// Whether every leaf of `part` is one of `whole`.
inline bool subset_of(const std::set<int>& part, const std::set<int>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

Planned make_join(PlanContext& context, PlanJoin join, const Planned& left, const JoinInput& right,
                  const ExpressionList& conditions, const std::vector<Leaf*>& leaves);
struct Access {
  Planned plan;
  bool ordered = false;
};
/// The cheapest way to read one leaf under conditions that read it alone.
Access plan_leaf(PlanContext& context, Leaf& leaf, const ExpressionList& conditions,
                 const WantedOrder* order);
/// Makes the source of a leaf that is no table: system relation, function, values, sub-select,
/// WITH.
void plan_leaf_source(PlanContext& context, Leaf& leaf);
/// An index scan whose keys are columns of other leaves (handed down through `frame`), or null.
std::optional<Planned> plan_index_lookup(PlanContext& context, Leaf& leaf,
                                         const ExpressionList& conditions,
                                         const ExpressionList& join_conditions, SlotFrame& frame,
                                         ExpressionList& unserved);
/// The rows that an index gives for some of the conditions, none of those that meet all of them
/// missing: row ids, and not looked at (engine::IndexScan::candidates_only). Null if no index
/// serves any.
IndexScanNode* plan_candidates(PlanContext& context, Leaf& leaf, const ExpressionList& conditions);
std::optional<Access> plan_vector_scan(PlanContext& context, Leaf& leaf,
                                       const ExpressionList& conditions, const WantedOrder& order);
/// Columns of a leaf's scan: what is needed above, then what the conditions need.
std::vector<int> scan_columns(const Leaf& leaf, const ExpressionList& conditions,
                              const Expression* except = nullptr);

}  // namespace omen::sql
