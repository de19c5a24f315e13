#include "sql/planner/planner.h"

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {

PlanPtr plan_query(std::shared_ptr<engine::Arena> arena, engine::CatalogPtr catalog,
                   const BoundQuery& query, const engine::Engine& engine,
                   const PlannerOptions& options) {
  auto plan = std::make_shared<Plan>();
  auto* root = arena->make<PlanRoot>();
  PlanContext context(*arena, *catalog, engine, options, *root);
  auto* scope = context.make<PlanScope>();
  scope->query = &query;
  root->node = plan_bound_query(context, query, *scope).node;
  for (const Leaf* leaf : context.leaves()) {
    root->leaves.push_back({.alias = leaf->alias, .relation = leaf->relation});
  }
  plan->root = root;
  plan->kind = query.kind;
  const bool modifies = is_modifying(query);
  for (const BoundTarget& target : modifies ? query.returning : query.targets) {
    if (!target.hidden) {
      plan->output.push_back(target);
    }
  }
  plan->returns_rows = !modifies || !query.returning.empty();
  plan->parameter_types = context.parameter_types();
  plan->locks = context.locks();
  plan->row_lock = context.row_lock();
  plan->arena = std::move(arena);
  plan->catalog = std::move(catalog);
  return plan;
}

}  // namespace omen::sql
