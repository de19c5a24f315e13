#include <algorithm>
#include <cmath>

#include "sql/catalog/opclass.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

/// Below this many rows an exact scan costs less than entering the graph.
constexpr double kIndexRowsMin = 1000;
constexpr double kDescentCost = 5;
constexpr double kRowCost = 0.05;
/// Costs of finding rows by another way, where finding the next nearest and testing it is 1: one
/// row read in passing, and one entry of an index.
constexpr double kReadCost = 0.05;
constexpr double kEntryCost = 0.04;
/// Found by another index, so few rows are compared sooner than a graph is entered.
constexpr double kExactRowsMax = 20;

bool is_vector(Oid type) {
  return type == type_oid::kVector || type == type_oid::kHalfvec || type == type_oid::kSparsevec;
}

std::optional<engine::Metric> metric_of(const OperatorDef& op) {
  struct Distance {
    std::string_view name;
    engine::Metric metric;
    bool of_bits;
  };
  constexpr Distance kDistances[] = {
      {"<->", engine::Metric::L2, false},     {"<#>", engine::Metric::InnerProduct, false},
      {"<=>", engine::Metric::Cosine, false}, {"<+>", engine::Metric::L1, false},
      {"<~>", engine::Metric::Hamming, true}, {"<%>", engine::Metric::Jaccard, true}};
  if (op.left_type != op.right_type) {
    return std::nullopt;
  }
  for (const Distance& distance : kDistances) {
    const bool fits = distance.of_bits ? op.left_type == type_oid::kBit : is_vector(op.left_type);
    if (op.name == distance.name && fits) {
      return distance.metric;
    }
  }
  return std::nullopt;
}

/// The expression below relabelings and coercions to the dimensions it has anyway.
const Expression& strip_vector_cast(const Expression& expression) {
  const Expression* e = &strip_relabel(expression);
  while (e->kind == ExpressionKind::Call) {
    const auto& call = static_cast<const CallExpression&>(*e);
    const CastDef* length_cast = find_cast(call.type.oid, call.type.oid);
    if (length_cast == nullptr || length_cast->function != call.function ||
        call.arguments.size() < 2 || call.arguments[1]->kind != ExpressionKind::Constant) {
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
  const Expression* distance = nullptr;  ///< the operator's call
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
      return DistanceOrder{&expression, column.column, &other, side == 1, *metric};
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

const CallExpression* as_operator(const Expression& expression, std::string_view name) {
  if (expression.kind != ExpressionKind::Call) {
    return nullptr;
  }
  const auto& call = static_cast<const CallExpression&>(expression);
  return call.operator_def != nullptr && call.operator_def->name == name ? &call : nullptr;
}

/// `c - distance` with c from outside the row: a similarity. Null if it is something else.
const CallExpression* as_similarity(const Expression& expression) {
  const CallExpression* call = as_operator(expression, "-");
  return call != nullptr && call->arguments.size() == 2 && reads_no_row(*call->arguments[0])
             ? call
             : nullptr;
}

bool is_negative(const Expression& expression) {
  if (expression.kind != ExpressionKind::Constant) {
    return false;
  }
  const auto* value =
      std::get_if<double>(&static_cast<const ConstantExpression&>(expression).value);
  return value != nullptr && *value < 0;
}

/// `-distance` or `distance * -1`, as inner products are written.
const Expression* as_negation(const Expression& expression) {
  if (const CallExpression* minus = as_operator(expression, "-");
      minus != nullptr && minus->arguments.size() == 1) {
    return minus->arguments[0];
  }
  const CallExpression* product = as_operator(expression, "*");
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    if (product != nullptr && is_negative(*product->arguments[1 - side])) {
      return product->arguments[side];
    }
  }
  return nullptr;
}

/// What `ORDER BY key DESC` orders by ascending: the distance in a similarity.
const Expression* distance_in(const Expression& key) {
  if (const CallExpression* similarity = as_similarity(key)) {
    return similarity->arguments[1];
  }
  return as_negation(key);
}

/// Whether an expression is the distance, or a similarity made of it.
bool is_of_distance(const Expression& expression, const DistanceOrder& order) {
  const CallExpression* similarity = as_similarity(expression);
  return same_value(similarity == nullptr ? expression : *similarity->arguments[1],
                    *order.distance);
}

/// `v IS NOT NULL` of the indexed column.
bool is_not_null_test(const Expression& condition, const DistanceOrder& order) {
  if (condition.kind != ExpressionKind::IsNull) {
    return false;
  }
  const auto& test = static_cast<const IsNullExpression&>(condition);
  const Expression& operand = strip_relabel(*test.operand);
  return test.negated && operand.kind == ExpressionKind::Column &&
         static_cast<const PlannedColumn&>(operand).column == order.column;
}

/// Whether no row without a vector meets the conditions: IS NOT NULL, or any comparison.
bool excludes_null(const Leaf& leaf, const DistanceOrder& order, const ExpressionList& conditions) {
  if (leaf.relation->table->columns[static_cast<std::size_t>(order.column)].not_null) {
    return true;
  }
  return std::any_of(conditions.begin(), conditions.end(), [&](const Expression* condition) {
    if (is_not_null_test(*condition, order)) {
      return true;
    }
    if (condition->kind != ExpressionKind::Call) {
      return false;
    }
    const auto& call = static_cast<const CallExpression&>(*condition);
    return call.operator_def != nullptr && call.function->strict &&
           std::any_of(call.arguments.begin(), call.arguments.end(),
                       [&](const Expression* part) { return is_of_distance(*part, order); });
  });
}

/// `distance < r` or `c - distance > r` among the conditions: the scan may end at r.
void set_bound(VectorScanNode& node, PlanContext& context, const DistanceOrder& order,
               const ExpressionList& conditions) {
  for (const Expression* condition : conditions) {
    if (condition->kind != ExpressionKind::Call) {
      continue;
    }
    const auto& call = static_cast<const CallExpression&>(*condition);
    if (call.operator_def == nullptr || call.arguments.size() != 2 ||
        call.operator_def->left_type != type_oid::kFloat8 ||
        call.operator_def->right_type != type_oid::kFloat8) {
      continue;
    }
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const Expression& value = *call.arguments[side];
      const Expression& limit = *call.arguments[1 - side];
      const std::string_view name =
          side == 0 ? call.operator_def->name : call.operator_def->commutator;
      if (!reads_no_row(limit)) {
        continue;
      }
      const bool below = name == "<" || name == "<=";
      const bool above = name == ">" || name == ">=";
      const CallExpression* similarity = as_similarity(value);
      if (below && same_value(value, *order.distance)) {
        node.bound = place(context, limit, {});
      } else if (above && similarity != nullptr &&
                 same_value(*similarity->arguments[1], *order.distance)) {
        node.bound = place(context, limit, {});
        node.bound_from = place(context, *similarity->arguments[0], {});
      }
      if (node.bound != nullptr) {
        return;
      }
    }
  }
}

/// The order a vector index may serve, ascending by a distance, or null. A similarity, descending,
/// is one where rows without a vector are out or last; what has no distance (NaN: zero vectors
/// under cosine) comes last then, not first.
std::optional<DistanceOrder> as_distance_order(const WantedOrder& order, const Leaf& leaf,
                                               const ExpressionList& conditions) {
  if (order.keys.size() != 1) {
    return std::nullopt;
  }
  const WantedOrder::Key& key = order.keys[0];
  if (!key.descending) {
    return key.nulls_first ? std::nullopt : as_distance(*key.expression, leaf);
  }
  const Expression* inner = distance_in(*key.expression);
  std::optional<DistanceOrder> distance =
      inner == nullptr ? std::nullopt : as_distance(*inner, leaf);
  if (distance.has_value() && key.nulls_first && !excludes_null(leaf, *distance, conditions)) {
    return std::nullopt;
  }
  return distance;
}

/// The conditions but for those the scan's order meets by itself: bounds of the distance, and the
/// vector IS NOT NULL.
ExpressionList conditions_beside(const DistanceOrder& order, const ExpressionList& conditions) {
  ExpressionList others;
  for (Expression* condition : conditions) {
    const bool is_of_order =
        is_not_null_test(*condition, order) || any_of(*condition, [&](const Expression& part) {
          return same_value(part, *order.distance);
        });
    if (!is_of_order) {
      others.push_back(condition);
    }
  }
  return others;
}

/// Whether nobody notices if `conditions` are evaluated twice, or within a scan.
bool are_repeatable(const ExpressionList& conditions) {
  return std::none_of(conditions.begin(), conditions.end(), [](const Expression* condition) {
    return is_volatile(*condition) || any_of(*condition, [](const Expression& part) {
             return part.kind == ExpressionKind::Subquery;
           });
  });
}

/// Lets the scan test `conditions` itself, and find the rows that meet them without its index.
void add_matches(VectorScanNode& node, PlanContext& context, const Leaf& leaf,
                 const ExpressionList& conditions, IndexScanNode* candidates) {
  Leaf rows_only = leaf;
  rows_only.needed.clear();
  node.tested_columns = scan_columns(rows_only, conditions);
  ExpressionList layout;
  for (const int column : node.tested_columns) {
    layout.push_back(leaf_column(context, leaf, column));
  }
  for (const Expression* condition : conditions) {
    node.tests.push_back(place(context, *condition, layout));
  }
  if (candidates != nullptr) {
    node.children = {candidates};
    node.match_cost = kEntryCost;
    return;
  }
  rows_only.needed = {engine::kRowIdColumn};
  const Planned plan = plan_leaf(context, rows_only, conditions, nullptr).plan;
  const auto column = std::find_if(plan.layout.begin(), plan.layout.end(), [](const Expression* e) {
    return static_cast<const PlannedColumn*>(e)->column == engine::kRowIdColumn;
  });
  node.children = {plan.node};
  node.row_id_column = static_cast<std::size_t>(column - plan.layout.begin());
  node.matches_cost = leaf.rows * kReadCost;
}

}  // namespace

std::optional<Access> plan_vector_scan(PlanContext& context, Leaf& leaf,
                                       const ExpressionList& conditions, const WantedOrder& order) {
  if (!context.options().enable_indexscan) {
    return std::nullopt;
  }
  const std::optional<DistanceOrder> distance = as_distance_order(order, leaf, conditions);
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
  const bool forced = !context.options().enable_seqscan || !context.options().enable_sort;
  if (!forced && access_method_of(*index) == access_method_oid::kIvfflat &&
      context.options().ivfflat_probes >= ivfflat_lists(*index)) {
    return std::nullopt;  // all lists: an exact search
  }
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
  const ExpressionList others = conditions_beside(*distance, conditions);
  const bool has_matches = !others.empty() && are_repeatable(others);
  IndexScanNode* candidates = has_matches ? plan_candidates(context, leaf, others) : nullptr;
  if (candidates != nullptr && !forced && candidates->rows <= kExactRowsMax) {
    return std::nullopt;
  }
  auto* node = context.make_node<VectorScanNode>();
  node->table = leaf.relation->table;
  node->index = index;
  node->alias = leaf.alias;
  // The vector itself is not read when only its distance is.
  node->columns = scan_columns(leaf, conditions, distance->distance);
  Planned plan{.node = node, .leaves = {leaf.number}};
  for (const int column : node->columns) {
    plan.layout.push_back(leaf_column(context, leaf, column));
  }
  node->columns.push_back(engine::kDistanceColumn);
  plan.layout.push_back(const_cast<Expression*>(distance->distance));
  node->query = place(context, *distance->query, {});
  node->query_on_left = distance->query_on_left;
  node->order = distance->distance;
  node->limit = order.limit;
  node->offset = order.offset;
  set_bound(*node, context, *distance, conditions);
  if (has_matches) {
    add_matches(*node, context, leaf, others, candidates);
  }
  set_output(*node, plan.layout);
  node->rows = rows;
  node->startup_cost = kDescentCost + std::log2(std::max(rows, 2.0));
  node->total_cost = node->startup_cost + rows * kRowCost;
  return Access{add_filter(context, plan, conditions, {&leaf}), true};
}

}  // namespace omen::sql
