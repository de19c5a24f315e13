#pragma once

#include <vector>

#include "sql/planner/plan_context.h"

namespace omen::sql {

/// Plans one SELECT block, clause by clause in SQL's order: FROM and WHERE, grouping, set-returning
/// calls, DISTINCT, ORDER BY, row locks, LIMIT, and the select list as late as possible.
class SelectPlanner {
 public:
  SelectPlanner(PlanContext& context, const BoundQuery& query, PlanScope& scope)
      : context_(context), query_(query), scope_(scope) {}
  Planned plan();

 private:
  void convert_clauses();
  /// Collects `rechecked_` and `outer_joins_`.
  void add_join_conditions(const JoinTree* tree);
  void note_all_columns();
  /// What a single table's access path may serve, or null.
  const WantedOrder* servable_order();
  Planned plan_from(bool& ordered);
  Planned no_rows();
  Planned aggregate(Planned input);
  void collect_aggregates(const Expression& expression, ExpressionList& out) const;
  void collect_loose(const Expression& expression, const ExpressionList& layout,
                     ExpressionList& out) const;
  Planned expand_set_calls(Planned input);
  Planned make_distinct(Planned input);
  Planned prune(Planned input, const std::vector<WantedOrder::Key>& keys);
  Planned lock_rows(Planned input);
  [[nodiscard]] std::vector<WantedOrder::Key> order_keys() const;

  PlanContext& context_;
  const BoundQuery& query_;
  PlanScope& scope_;
  std::vector<Leaf*> leaves_;
  ExpressionList conditions_;
  ExpressionList rechecked_;  ///< of rows locked: WHERE and the conditions of inner joins
  struct OuterJoin {
    ExpressionList conditions;
    std::vector<int> nullable_leaves;  ///< Leaf::number
  };
  std::vector<OuterJoin> outer_joins_;  ///< above rows locked, inner ones first
  std::vector<SemiJoin> semi_joins_;
  ExpressionList targets_, group_keys_;
  Expression* having_ = nullptr;
  Expression* limit_ = nullptr;
  Expression* offset_ = nullptr;
  WantedOrder order_;
};

}  // namespace omen::sql
