#include <algorithm>
#include <cmath>

#include "sql/planner/plan_context.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr double kOperatorCost = 0.0025;
constexpr double kDistinctRowsDefault = 200;

}  // namespace

Planned add_filter(PlanContext& context, Planned input, const ExpressionList& conditions,
                   const std::vector<Leaf*>& leaves) {
  if (conditions.empty()) {
    return input;
  }
  auto* node = context.make_node<FilterNode>();
  node->children = {input.node};
  node->conditions = place_all(context, conditions, input.layout);
  // Cheap conditions first: what holds a sub-select or compares vectors goes last.
  std::stable_partition(node->conditions.begin(), node->conditions.end(), [](Expression* e) {
    return !any_of(*e, [](const Expression& part) {
      return part.kind == ExpressionKind::Subquery || is_extension_type(part.type.oid);
    });
  });
  set_output(*node, input.layout);
  node->rows =
      std::max(1.0, std::round(input.node->rows * selectivity(context, conditions, leaves)));
  node->startup_cost = input.node->startup_cost;
  node->total_cost = input.node->total_cost +
                     kOperatorCost * input.node->rows * static_cast<double>(conditions.size());
  input.node = node;
  return input;
}

Planned add_project(PlanContext& context, Planned input, const ExpressionList& expressions) {
  bool same = expressions.size() == input.layout.size();
  for (std::size_t i = 0; same && i < expressions.size(); ++i) {
    same = same_value(*expressions[i], *input.layout[i]);
  }
  if (same) {
    input.layout = expressions;
    return input;
  }
  auto* node = context.make_node<ProjectNode>();
  node->children = {input.node};
  node->expressions = place_all(context, expressions, input.layout);
  set_output(*node, expressions);
  node->rows = input.node->rows;
  node->startup_cost = input.node->startup_cost;
  node->total_cost = input.node->total_cost;
  input.node = node;
  input.layout = expressions;
  return input;
}

Planned add_sort(PlanContext& context, Planned input, const std::vector<WantedOrder::Key>& keys,
                 const Expression* limit, const Expression* offset) {
  auto* node = context.make_node<SortNode>();
  node->children = {input.node};
  for (const WantedOrder::Key& key : keys) {
    const Expression* placed = place(context, *key.expression, input.layout);
    if (placed->kind != ExpressionKind::Column) {
      // Not computed below: a column of its own, dropped by the projection above.
      ExpressionList widened = input.layout;
      widened.push_back(key.expression);
      input = add_project(context, input, widened);
      node->children = {input.node};
      placed = place(context, *key.expression, input.layout);
    }
    node->positions.push_back(static_cast<const PlannedColumn*>(placed)->position);
    node->keys.push_back({key.expression->type.oid, key.descending, key.nulls_first});
    node->key_expressions.push_back(key.expression);
  }
  node->limit = limit;
  node->offset = offset;
  set_output(*node, input.layout);
  const double rows = std::max(input.node->rows, 2.0);
  node->rows = input.node->rows;
  const double kept =
      limit == nullptr ? rows : std::min(rows, constant_number(limit).value_or(rows));
  node->startup_cost =
      input.node->total_cost + 2 * kOperatorCost * rows * std::log2(std::max(2 * kept, 2.0));
  node->total_cost = node->startup_cost + kOperatorCost * rows;
  input.node = node;
  return input;
}

Planned add_limit(PlanContext& context, Planned input, const Expression* limit,
                  const Expression* offset) {
  auto* node = context.make_node<LimitNode>();
  node->children = {input.node};
  node->limit = limit;
  node->offset = offset;
  set_output(*node, input.layout);
  const double rows = std::max(input.node->rows, 1.0);
  const double skipped = std::min(rows, constant_number(offset).value_or(0));
  // An unknown limit is taken for a tenth of the rows, as PostgreSQL does.
  const double wanted = limit == nullptr ? rows : constant_number(limit).value_or(rows / 10);
  node->rows = std::max(1.0, std::round(std::min(rows - skipped, wanted)));
  const double run = input.node->total_cost - input.node->startup_cost;
  node->startup_cost = input.node->startup_cost + run * skipped / rows;
  node->total_cost =
      std::min(input.node->total_cost,
               input.node->startup_cost + run * std::min(rows, skipped + node->rows) / rows);
  input.node = node;
  return input;
}

bool prefers_sort(const PlanContext& context, const ExpressionList& keys) {
  return !context.options().enable_hashagg && context.options().enable_sort &&
         std::all_of(keys.begin(), keys.end(),
                     [](const Expression* key) { return is_orderable(key->type.oid); });
}

Planned sort_by(PlanContext& context, Planned input, const ExpressionList& keys) {
  std::vector<WantedOrder::Key> order;
  for (Expression* key : keys) {
    order.push_back({key, false, false});
  }
  return add_sort(context, std::move(input), order, nullptr, nullptr);
}

Planned add_distinct(PlanContext& context, Planned input) {
  const ExpressionList columns = input.layout;
  const bool sorted = !columns.empty() && prefers_sort(context, columns);
  if (sorted) {
    input = sort_by(context, input, columns);
  }
  auto* node = context.make_node<DistinctNode>();
  node->children = {input.node};
  for (std::size_t i = 0; sorted && i < columns.size(); ++i) {
    node->on_positions.push_back(static_cast<int>(i));
  }
  set_output(*node, input.layout);
  node->rows = std::max(1.0, std::round(std::min(input.node->rows, kDistinctRowsDefault)));
  node->startup_cost = sorted ? input.node->startup_cost : input.node->total_cost;
  node->total_cost = input.node->total_cost + kOperatorCost * input.node->rows;
  input.node = node;
  return input;
}

}  // namespace omen::sql
