#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

PlanScope* arm_scope(PlanContext& context, const BoundQuery& arm, PlanScope& parent) {
  auto* scope = context.make<PlanScope>();
  scope->parent = &parent;
  scope->query = &arm;
  scope->frame = context.make_frame();
  return scope;
}

/// base UNION [ALL] step, where the step reads the working table under the query's own name.
PlanNode* plan_recursive(PlanContext& context, PlanScope& scope, PlanScope::Cte& cte) {
  const BoundQuery& query = *cte.table->query;
  declare_ctes(context, query, scope);
  auto* node = context.make_node<RecursiveUnionNode>();
  PlanNode* base =
      plan_bound_query(context, *query.left, *arm_scope(context, *query.left, scope)).node;
  node->work_table = static_cast<int>(context.root().common_tables.size());
  context.root().common_tables.push_back(nullptr);
  cte.work_table = node->work_table;
  PlanNode* step =
      plan_bound_query(context, *query.right, *arm_scope(context, *query.right, scope)).node;
  cte.work_table = -1;
  node->all = query.set_all;
  node->children = {base, step};
  set_output(*node, column_layout(context, query));
  node->rows = base->rows + 10 * step->rows;
  node->total_cost = base->total_cost + 10 * step->total_cost;
  return node;
}

}  // namespace

void declare_ctes(PlanContext& context, const BoundQuery& query, PlanScope& scope) {
  if (!scope.ctes.empty()) {
    return;
  }
  for (const CommonTable* table : query.ctes) {
    scope.ctes.push_back({.table = table});
  }
  for (PlanScope::Cte& cte : scope.ctes) {
    if (is_modifying(*cte.table->query)) {
      plan_cte(context, scope, cte);
    }
  }
}

bool can_inline(const CommonTable& table) {
  return !table.recursive && !is_modifying(*table.query) &&
         (table.materialized.has_value() ? !*table.materialized : table.reference_count == 1);
}

PlanScope::Cte& find_cte(const Relation& relation, PlanScope& scope, PlanScope** owner) {
  PlanScope* at = &scope;
  for (int level = 0; level < relation.common_table_levels_up; ++level) {
    at = at->parent;
    if (at == nullptr) {
      internal_error("WITH query beyond the outermost query");
    }
  }
  *owner = at;
  return at->ctes.at(static_cast<std::size_t>(relation.common_table));
}

CommonTablePlan* plan_cte(PlanContext& context, PlanScope& owner, PlanScope::Cte& cte) {
  if (cte.plan != nullptr) {
    return cte.plan;
  }
  auto* plan = context.make<CommonTablePlan>();
  plan->number = static_cast<int>(context.root().common_tables.size());
  plan->name = cte.table->name;
  plan->modifies = is_modifying(*cte.table->query);
  context.root().common_tables.push_back(plan);
  auto* scope = context.make<PlanScope>();
  scope->parent = &owner;
  scope->query = cte.table->query;
  scope->frame = context.make_frame();
  context.begin_recording();
  plan->root = cte.table->recursive ? plan_recursive(context, *scope, cte)
                                    : plan_bound_query(context, *cte.table->query, *scope).node;
  plan->used_slots = context.end_recording(scope->frame->number);
  cte.plan = plan;
  return plan;
}

}  // namespace omen::sql
