#include <algorithm>
#include <cmath>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"
#include "sql/planner/select_planner.h"

namespace omen::sql {

std::size_t visible_target_count(const BoundQuery& query) {
  return static_cast<std::size_t>(
      std::count_if(query.targets.begin(), query.targets.end(),
                    [](const BoundTarget& target) { return !target.hidden; }));
}

Planned plan_bound_query(PlanContext& context, const BoundQuery& query, PlanScope& scope) {
  declare_ctes(context, query, scope);
  switch (query.kind) {
    case QueryKind::Select:
      return SelectPlanner(context, query, scope).plan();
    case QueryKind::SetOperation:
      return plan_set_operation(context, query, scope);
    case QueryKind::Values:
      return plan_values(context, query, scope);
    case QueryKind::Insert:
    case QueryKind::Update:
    case QueryKind::Delete:
      return plan_modify(context, query, scope);
  }
  internal_error("unknown kind of query");
}

/// Sorting and limiting of set operations and VALUES, whose targets are the input's columns.
Planned finish_query(PlanContext& context, const BoundQuery& query, PlanScope& scope,
                     Planned input) {
  Expression* limit = query.limit == nullptr ? nullptr : convert(context, *query.limit, scope);
  Expression* offset = query.offset == nullptr ? nullptr : convert(context, *query.offset, scope);
  if (!query.order_by.empty()) {
    std::vector<WantedOrder::Key> keys;
    for (const BoundQuery::OrderBy& order : query.order_by) {
      keys.push_back({input.layout.at(static_cast<std::size_t>(order.target)), order.descending,
                      order.nulls_first});
    }
    input = add_sort(context, input, keys, limit, offset);
  }
  if (limit != nullptr || offset != nullptr) {
    input = add_limit(context, input, limit, offset);
  }
  return input;
}

Planned plan_values(PlanContext& context, const BoundQuery& query, PlanScope& scope) {
  auto* node = context.make_node<ValuesNode>();
  for (const ExpressionList& row : query.values) {
    ExpressionList converted;
    for (const Expression* value : row) {
      converted.push_back(place(context, *convert(context, *value, scope), {}));
    }
    node->values.push_back(std::move(converted));
  }
  Planned plan{.node = node};
  plan.layout = column_layout(context, query);
  set_output(*node, plan.layout);
  node->rows = static_cast<double>(node->values.size());
  node->total_cost = node->rows * 0.0125;
  return finish_query(context, query, scope, plan);
}

/// Columns that stand for nothing but themselves: negative relation numbers are no leaf's.
ExpressionList column_layout(PlanContext& context, const BoundQuery& query) {
  ExpressionList layout;
  for (std::size_t i = 0; i < visible_target_count(query); ++i) {
    auto* column = context.make<PlannedColumn>(query.targets[i].expression->type);
    column->relation = -2 - static_cast<int>(context.root().node_count);
    column->column = static_cast<int>(i);
    layout.push_back(column);
  }
  return layout;
}

Planned plan_set_operation(PlanContext& context, const BoundQuery& query, PlanScope& scope) {
  auto plan_arm = [&](const BoundQuery& arm) {
    auto* inner = context.make<PlanScope>();
    inner->parent = &scope;
    inner->query = &arm;
    inner->frame = context.make_frame();
    return plan_bound_query(context, arm, *inner).node;
  };
  PlanNode* left = plan_arm(*query.left);
  PlanNode* right = plan_arm(*query.right);
  Planned plan;
  plan.layout = column_layout(context, query);
  auto finish = [&](PlanNode* node, double rows) {
    set_output(*node, plan.layout);
    node->rows = std::max(1.0, std::round(rows));
    node->startup_cost = 0;
    node->total_cost = left->total_cost + right->total_cost + rows * 0.01;
    plan.node = node;
  };
  if (query.set_operation == ast::SetOperation::Union) {
    auto* append = context.make_node<AppendNode>();
    append->children = {left, right};
    finish(append, left->rows + right->rows);
    if (!query.set_all) {
      plan = add_distinct(context, plan);
    }
  } else {
    auto* node = context.make_node<SetOperationNode>();
    node->children = {left, right};
    node->intersect = query.set_operation == ast::SetOperation::Intersect;
    node->all = query.set_all;
    finish(node, left->rows);
  }
  return finish_query(context, query, scope, plan);
}

}  // namespace omen::sql
