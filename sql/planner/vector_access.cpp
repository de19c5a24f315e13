#include <algorithm>
#include <cmath>

#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

/// Below this many rows an exact scan costs less than entering the graph.
constexpr double kIndexRowsMin = 1000;
constexpr double kDescentCost = 5;
constexpr double kRowCost = 0.05;

std::optional<engine::Metric> metric_of(const OperatorDef& op) {
  if (op.left_type != type_oid::kVector || op.right_type != type_oid::kVector) {
    return std::nullopt;
  }
  if (op.name == "<->") {
    return engine::Metric::L2;
  }
  if (op.name == "<#>") {
    return engine::Metric::InnerProduct;
  }
  if (op.name == "<=>") {
    return engine::Metric::Cosine;
  }
  if (op.name == "<+>") {
    return engine::Metric::L1;
  }
  return std::nullopt;
}

/// The expression below relabelings and coercions to the dimensions it has anyway.
const Expression& strip_vector_cast(const Expression& expression) {
  const Expression* e = &strip_relabel(expression);
  while (e->kind == ExpressionKind::Call) {
    const auto& call = static_cast<const CallExpression&>(*e);
    if (call.function->name != "vector" || call.arguments.size() < 2 ||
        call.arguments[0]->type.oid != type_oid::kVector ||
        call.arguments[1]->kind != ExpressionKind::Constant) {
      break;
    }
    const auto* modifier = std::get_if<std::int32_t>(
        &static_cast<const ConstantExpression*>(call.arguments[1])->value);
    const Expression& inner = strip_relabel(*call.arguments[0]);
    if (modifier == nullptr || inner.type.modifier != *modifier) {
      break;
    }
    e = &inner;
  }
  return *e;
}

struct DistanceOrder {
  int column = 0;
  const Expression* query = nullptr;
  bool query_on_left = false;
  engine::Metric metric = engine::Metric::L2;
};

std::optional<DistanceOrder> as_distance(const Expression& expression, const Leaf& leaf) {
  if (expression.kind != ExpressionKind::Call) {
    return std::nullopt;
  }
  const auto& call = static_cast<const CallExpression&>(expression);
  if (call.operator_def == nullptr || call.arguments.size() != 2) {
    return std::nullopt;
  }
  const std::optional<engine::Metric> metric = metric_of(*call.operator_def);
  if (!metric.has_value()) {
    return std::nullopt;
  }
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const Expression& operand = strip_vector_cast(*call.arguments[side]);
    const Expression& other = *call.arguments[1 - side];
    if (operand.kind != ExpressionKind::Column || !reads_no_row(other)) {
      continue;
    }
    const auto& column = static_cast<const PlannedColumn&>(operand);
    if (column.source == PlannedColumn::Source::Leaf && column.relation == leaf.number) {
      return DistanceOrder{column.column, &other, side == 1, *metric};
    }
  }
  return std::nullopt;
}

const engine::Index* find_index(const PlanContext& context, const Leaf& leaf,
                                const DistanceOrder& distance) {
  for (const engine::Index* index : context.catalog().indexes_of(leaf.relation->table->oid)) {
    if (index->method == engine::IndexMethod::Hnsw && index->metric == distance.metric &&
        index->columns[0].column == distance.column) {
      return index;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<Access> plan_vector_scan(PlanContext& context, Leaf& leaf,
                                       const ExpressionList& conditions, const WantedOrder& order) {
  if (order.keys.size() != 1 || order.keys[0].descending || order.keys[0].nulls_first ||
      !context.options().enable_indexscan) {
    return std::nullopt;
  }
  const std::optional<DistanceOrder> distance = as_distance(*order.keys[0].expression, leaf);
  if (!distance.has_value()) {
    return std::nullopt;
  }
  const engine::Index* index = find_index(context, leaf, *distance);
  if (index == nullptr) {
    return std::nullopt;
  }
  if (distance->query->kind == ExpressionKind::Constant &&
      engine::is_null(static_cast<const ConstantExpression*>(distance->query)->value)) {
    return std::nullopt;
  }
  const bool forced = !context.options().enable_seqscan;
  const double rows = leaf.rows;
  const double passing =
      std::max(1.0, std::round(rows * selectivity(context, conditions, {&leaf})));
  if (!forced) {
    if (order.limit == nullptr || rows < kIndexRowsMin) {
      return std::nullopt;
    }
    // Few passing rows found by another index, or a limit near the whole table: exact is cheaper.
    const double wanted =
        constant_number(order.limit).value_or(10) + constant_number(order.offset).value_or(0);
    if (wanted * rows / passing > rows / 2 && rows < 20 * kIndexRowsMin) {
      return std::nullopt;
    }
  }
  auto* node = context.make_node<VectorScanNode>();
  node->table = leaf.relation->table;
  node->index = index;
  node->alias = leaf.alias;
  // The vector itself is not read when only its distance is.
  node->columns = scan_columns(leaf, conditions, order.keys[0].expression);
  Planned plan{.node = node, .leaves = {leaf.number}};
  for (const int column : node->columns) {
    plan.layout.push_back(leaf_column(context, leaf, column));
  }
  node->columns.push_back(engine::kDistanceColumn);
  plan.layout.push_back(order.keys[0].expression);
  node->query = place(context, *distance->query, {});
  node->query_on_left = distance->query_on_left;
  node->order = order.keys[0].expression;
  node->limit = order.limit;
  node->offset = order.offset;
  set_output(*node, plan.layout);
  node->rows = rows;
  node->startup_cost = kDescentCost + std::log2(std::max(rows, 2.0));
  node->total_cost = node->startup_cost + rows * kRowCost;
  return Access{add_filter(context, plan, conditions, {&leaf}), true};
}

}  // namespace omen::sql
