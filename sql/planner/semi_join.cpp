#include <algorithm>

#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

bool is_mergeable(const BoundQuery& query) {
  return query.kind == QueryKind::Select && query.from != nullptr && !query.has_aggregates &&
         query.group_by.empty() && query.having == nullptr && !query.has_set_calls &&
         query.offset == nullptr && query.limit == nullptr && query.row_locks.empty() &&
         query.ctes.empty();
}

}  // namespace

std::optional<SemiJoin> as_semi_join(PlanContext& context, const Expression& bound,
                                     PlanScope& scope) {
  const Expression* e = &bound;
  SemiJoin semi;
  if (e->kind == ExpressionKind::Not) {
    semi.anti = true;
    e = static_cast<const BooleanExpression*>(e)->arguments[0];
  }
  if (e->kind != ExpressionKind::Subquery) {
    return std::nullopt;
  }
  const auto& subquery = static_cast<const SubqueryExpression&>(*e);
  if (subquery.subquery_kind != ast::Subquery::Kind::Exists || !subquery.correlated ||
      !is_mergeable(*subquery.query)) {
    return std::nullopt;
  }
  semi.scope = context.make<PlanScope>();
  semi.scope->parent = &scope;
  semi.scope->query = subquery.query;
  add_sources(context, *subquery.query, *semi.scope, semi.leaves);
  std::set<int> inner;
  for (const Leaf* leaf : semi.leaves) {
    inner.insert(leaf->number);
  }
  ExpressionList conditions;
  if (subquery.query->where != nullptr) {
    split_conjuncts(context, convert(context, *subquery.query->where, *semi.scope), conditions);
  }
  for (Expression* condition : conditions) {
    const bool is_inner = subset_of(leaves_of(*condition), inner);
    (is_inner ? semi.inner_conditions : semi.join_conditions).push_back(condition);
  }
  return semi;
}

Planned apply_semi_join(PlanContext& context, Planned input, SemiJoin& semi,
                        const std::vector<Leaf*>& leaves) {
  std::vector<Leaf*> all = leaves;
  all.insert(all.end(), semi.leaves.begin(), semi.leaves.end());
  for (const Expression* condition : semi.join_conditions) {
    note_columns(*condition, semi.leaves);
  }
  JoinInput right;
  const ExpressionList inner_conditions = semi.inner_conditions;
  right.plan = plan_join_tree(context, semi.scope->query->from, *semi.scope, semi.inner_conditions,
                              semi.leaves, nullptr)
                   .plan;
  if (semi.leaves.size() == 1 && semi.leaves[0]->relation->kind == RelationKind::Table) {
    right.leaf = semi.leaves[0];
    right.leaf_conditions = inner_conditions;
  }
  return make_join(context, semi.anti ? PlanJoin::Anti : PlanJoin::Semi, input, right,
                   semi.join_conditions, all);
}

}  // namespace omen::sql
