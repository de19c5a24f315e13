#include <algorithm>
#include <cmath>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr double kPageBytes = 8192;
constexpr double kTupleCost = 0.01;
constexpr double kOperatorCost = 0.0025;
constexpr double kDescentCost = 0.3;
constexpr double kRowFetchCost = 0.5;  ///< one row through an index
constexpr double kDisabledCost = 1e10;

bool is_integer(Oid type) {
  return type == type_oid::kInt2 || type == type_oid::kInt4 || type == type_oid::kInt8;
}
bool is_text(Oid type) {
  return type == type_oid::kText || type == type_oid::kVarchar;
}

/// Whether a key of type `key` can be looked up among values of type `column`.
bool key_fits(Oid column, Oid key) {
  if (is_integer(column) && is_integer(key)) {
    return true;
  }
  if (is_text(column) && is_text(key)) {
    return true;
  }
  return column == key && column != type_oid::kBpchar;
}

/// Whether a btree index holds the column's values in the order of their type. Arrays and intervals
/// lie in the order of their bytes, which is good for telling them apart only.
bool is_key_ordered(const Leaf& leaf, int column) {
  const Oid type = leaf.relation->table->columns[static_cast<std::size_t>(column)].type_oid;
  return type != type_oid::kInterval && type_info(type).element_oid == 0;
}

/// `column op key` with the column of the leaf on the left, whichever way it was written.
struct Comparison {
  int column = 0;
  std::string_view op;
  const Expression* key = nullptr;
};

bool is_column_of(const Expression& expression, const Leaf& leaf) {
  const Expression& e = strip_relabel(expression);
  return e.kind == ExpressionKind::Column &&
         static_cast<const PlannedColumn&>(e).source == PlannedColumn::Source::Leaf &&
         static_cast<const PlannedColumn&>(e).relation == leaf.number &&
         static_cast<const PlannedColumn&>(e).column >= 0;
}

std::optional<Comparison> as_comparison(const Expression& e, const Leaf& leaf) {
  if (e.kind != ExpressionKind::Call) {
    return std::nullopt;
  }
  const auto& call = static_cast<const CallExpression&>(e);
  if (call.operator_def == nullptr || call.arguments.size() != 2) {
    return std::nullopt;
  }
  const bool left = is_column_of(*call.arguments[0], leaf);
  if (!left && !is_column_of(*call.arguments[1], leaf)) {
    return std::nullopt;
  }
  const Expression& column = strip_relabel(*call.arguments[left ? 0 : 1]);
  const Expression& key = *call.arguments[left ? 1 : 0];
  if (leaves_of(key).contains(leaf.number) || is_volatile(key)) {
    return std::nullopt;
  }
  Comparison comparison;
  comparison.column = static_cast<const PlannedColumn&>(column).column;
  comparison.op = left ? call.operator_def->name : call.operator_def->commutator;
  comparison.key = &key;
  if (!key_fits(column.type.oid, strip_relabel(key).type.oid) &&
      !key_fits(column.type.oid, key.type.oid)) {
    return std::nullopt;
  }
  return comparison;
}

std::optional<IndexCondition::Kind> kind_of(std::string_view op) {
  using Kind = IndexCondition::Kind;
  if (op == "=") {
    return Kind::Equal;
  }
  if (op == "<") {
    return Kind::Less;
  }
  if (op == "<=") {
    return Kind::LessEqual;
  }
  if (op == ">") {
    return Kind::Greater;
  }
  if (op == ">=") {
    return Kind::GreaterEqual;
  }
  return std::nullopt;
}

/// What an index can do for a list of conditions.
struct IndexMatch {
  const engine::Index* index = nullptr;
  std::vector<IndexCondition> conditions;
  std::vector<const Expression*> served;  ///< need not be tested again
  std::size_t equal_count = 0;
  bool exact = false;  ///< all key columns of a unique index are given
};

IndexMatch match_index(const engine::Index& index, const Leaf& leaf,
                       const ExpressionList& conditions) {
  using Kind = IndexCondition::Kind;
  IndexMatch match{.index = &index};
  for (std::size_t i = 0; i < index.key_column_count; ++i) {
    const int column = index.columns[i].column;
    if (!is_key_ordered(leaf, column)) {
      return match;
    }
    const Expression* equality = nullptr;
    std::vector<IndexCondition> range;
    std::optional<IndexCondition> any_of_list;
    for (const Expression* condition : conditions) {
      if (const auto comparison = as_comparison(*condition, leaf);
          comparison.has_value() && comparison->column == column) {
        const auto kind = kind_of(comparison->op);
        if (kind == Kind::Equal && equality == nullptr) {
          equality = condition;
          match.conditions.push_back({*kind, i, comparison->key, condition});
        } else if (kind.has_value() && *kind != Kind::Equal) {
          range.push_back({*kind, i, comparison->key, condition});
        }
      } else if (condition->kind == ExpressionKind::AnyAll && !any_of_list.has_value()) {
        const auto& any = static_cast<const AnyAllExpression&>(*condition);
        if (!any.all && any.operator_def->name == "=" && is_column_of(*any.left, leaf) &&
            static_cast<const PlannedColumn&>(strip_relabel(*any.left)).column == column &&
            reads_no_row(*any.right) &&
            key_fits(strip_relabel(*any.left).type.oid,
                     type_info(any.right->type.oid).element_oid)) {
          any_of_list = IndexCondition{Kind::AnyOf, i, any.right, condition};
        }
      }
    }
    if (equality != nullptr) {
      match.served.push_back(equality);
      ++match.equal_count;
      continue;
    }
    if (any_of_list.has_value()) {
      match.conditions.push_back(*any_of_list);
      match.served.push_back(any_of_list->original);
      return match;
    }
    bool has_lower = false;
    bool has_upper = false;
    for (const IndexCondition& condition : range) {
      const bool is_lower = condition.kind == Kind::Greater || condition.kind == Kind::GreaterEqual;
      bool& seen = is_lower ? has_lower : has_upper;
      if (seen) {
        continue;
      }
      seen = true;
      match.conditions.push_back(condition);
      // With both bounds, or on the leading column, NULLs are not in the range.
      match.served.push_back(condition.original);
    }
    if (match.equal_count != 0 && has_lower != has_upper) {
      match.served.pop_back();
    }
    return match;
  }
  match.exact = index.unique && match.equal_count == index.key_column_count;
  return match;
}

/// Whether scanning the index (in some direction) yields the wanted order, given the equalities.
std::optional<bool> scan_direction(const IndexMatch& match, const Leaf& leaf,
                                   const WantedOrder& order) {
  std::size_t at = match.equal_count;
  std::optional<bool> backward;
  for (const WantedOrder::Key& key : order.keys) {
    if (!is_column_of(*key.expression, leaf)) {
      return std::nullopt;
    }
    const int column = static_cast<const PlannedColumn&>(strip_relabel(*key.expression)).column;
    bool fixed = false;
    for (std::size_t i = 0; i < match.equal_count; ++i) {
      fixed = fixed || match.index->columns[i].column == column;
    }
    if (fixed) {
      continue;
    }
    if (at == match.index->key_column_count || match.index->columns[at].column != column) {
      return std::nullopt;
    }
    const engine::IndexColumn& index_column = match.index->columns[at++];
    if (!is_key_ordered(leaf, column)) {
      return std::nullopt;
    }
    const bool reversed = index_column.descending != key.descending;
    if ((index_column.nulls_first != key.nulls_first) != reversed ||
        (backward.has_value() && *backward != reversed)) {
      return std::nullopt;
    }
    backward = reversed;
  }
  return backward.value_or(false);
}

ExpressionList without(const ExpressionList& conditions,
                       const std::vector<const Expression*>& served) {
  ExpressionList rest;
  for (Expression* condition : conditions) {
    if (std::find(served.begin(), served.end(), condition) == served.end()) {
      rest.push_back(condition);
    }
  }
  return rest;
}

ExpressionList layout_of(PlanContext& context, const Leaf& leaf, const std::vector<int>& columns) {
  ExpressionList layout;
  for (const int column : columns) {
    layout.push_back(leaf_column(context, leaf, column));
  }
  return layout;
}

double index_rows(const PlanContext& context, Leaf& leaf, const IndexMatch& match) {
  if (match.exact) {
    return 1;
  }
  ExpressionList conditions;
  for (const IndexCondition& condition : match.conditions) {
    conditions.push_back(const_cast<Expression*>(condition.original));
  }
  return std::max(1.0, leaf.rows * selectivity(context, conditions, {&leaf}));
}

Planned make_index_scan(PlanContext& context, Leaf& leaf, const IndexMatch& match,
                        const ExpressionList& rest, bool backward, SlotFrame* frame) {
  auto* node = context.make_node<IndexScanNode>();
  node->table = leaf.relation->table;
  node->index = match.index;
  node->alias = leaf.alias;
  node->columns = scan_columns(leaf, rest);
  node->backward = backward;
  for (IndexCondition condition : match.conditions) {
    condition.key = place(context, *condition.key, {}, frame);
    node->conditions.push_back(condition);
  }
  Planned plan{
      .node = node, .layout = layout_of(context, leaf, node->columns), .leaves = {leaf.number}};
  set_output(*node, plan.layout);
  node->rows = std::round(index_rows(context, leaf, match));
  node->startup_cost = kDescentCost;
  node->total_cost = kDescentCost + node->rows * kRowFetchCost;
  return add_filter(context, plan, rest, {&leaf});
}

Planned make_table_scan(PlanContext& context, Leaf& leaf, const ExpressionList& conditions) {
  auto* node = context.make_node<TableScanNode>();
  node->table = leaf.relation->table;
  node->alias = leaf.alias;
  node->columns = scan_columns(leaf, conditions);
  Planned plan{
      .node = node, .layout = layout_of(context, leaf, node->columns), .leaves = {leaf.number}};
  set_output(*node, plan.layout);
  node->rows = leaf.rows;
  const double pages =
      static_cast<double>(context.engine().table_statistics(node->table->oid).size_bytes) /
      kPageBytes;
  node->total_cost = std::max(pages, 1.0) + leaf.rows * kTupleCost;
  if (!context.options().enable_seqscan) {
    node->startup_cost += kDisabledCost;
    node->total_cost += kDisabledCost;
  }
  return add_filter(context, plan, conditions, {&leaf});
}

Access plan_table(PlanContext& context, Leaf& leaf, const ExpressionList& conditions,
                  const WantedOrder* order) {
  if (order != nullptr) {
    if (std::optional<Access> access = plan_vector_scan(context, leaf, conditions, *order)) {
      return *access;
    }
    for (const WantedOrder::Key& key : order->keys) {
      note_columns(*key.expression, {&leaf});
    }
  }
  Access best{make_table_scan(context, leaf, conditions), false};
  const double rows = best.plan.node->rows;
  auto cost_of = [&](const Access& access) {
    double cost = access.plan.node->total_cost;
    if (order != nullptr && !order->keys.empty()) {
      const double limit =
          constant_number(order->limit).value_or(order->limit != nullptr ? 10 : rows);
      if (access.ordered) {
        cost *= std::min(1.0, (limit + 1) / std::max(rows, 1.0));
      } else {
        cost += 2 * kOperatorCost * rows * std::log2(std::max(rows, 2.0));
        cost += context.options().enable_sort ? 0 : kDisabledCost;
      }
    }
    return cost;
  };
  for (const engine::Index* index : context.catalog().indexes_of(leaf.relation->table->oid)) {
    if (index->method != engine::IndexMethod::Btree) {
      continue;
    }
    ExpressionList usable;
    for (Expression* condition : conditions) {
      usable.push_back(condition);
    }
    const IndexMatch match = match_index(*index, leaf, usable);
    const std::optional<bool> direction = order == nullptr || order->keys.empty()
                                              ? std::nullopt
                                              : scan_direction(match, leaf, *order);
    const bool many_ranges =
        !match.conditions.empty() && match.conditions.back().kind == IndexCondition::Kind::AnyOf;
    if (match.conditions.empty() && !direction.has_value()) {
      continue;
    }
    const bool ordered = direction.has_value() &&
                         (!many_ranges || (order->keys.size() == 1 && match.equal_count == 0));
    Access access{make_index_scan(context, leaf, match, without(conditions, match.served),
                                  ordered && *direction, nullptr),
                  ordered};
    if (!context.options().enable_indexscan) {
      access.plan.node->total_cost += kDisabledCost;
    }
    if (cost_of(access) < cost_of(best)) {
      best = access;
    }
  }
  return best;
}

}  // namespace

std::vector<int> scan_columns(const Leaf& leaf, const ExpressionList& conditions,
                              const Expression* except) {
  Leaf copy = leaf;
  for (const Expression* condition : conditions) {
    note_columns(*condition, {&copy}, except);
  }
  return copy.needed;
}

IndexScanNode* plan_candidates(PlanContext& context, Leaf& leaf, const ExpressionList& conditions) {
  IndexMatch best;
  double best_rows = 0;
  for (const engine::Index* index : context.catalog().indexes_of(leaf.relation->table->oid)) {
    if (index->method != engine::IndexMethod::Btree) {
      continue;
    }
    IndexMatch match = match_index(*index, leaf, conditions);
    const double rows = index_rows(context, leaf, match);
    if (!match.conditions.empty() && (best.conditions.empty() || rows < best_rows)) {
      best = std::move(match);
      best_rows = rows;
    }
  }
  if (best.conditions.empty()) {
    return nullptr;
  }
  Leaf rows_only = leaf;
  rows_only.needed = {engine::kRowIdColumn};
  auto* node = static_cast<IndexScanNode*>(
      make_index_scan(context, rows_only, best, {}, false, nullptr).node);
  node->candidates_only = true;
  return node;
}

std::optional<Planned> plan_index_lookup(PlanContext& context, Leaf& leaf,
                                         const ExpressionList& conditions,
                                         const ExpressionList& join_conditions, SlotFrame& frame,
                                         ExpressionList& unserved) {
  if (leaf.relation->kind != RelationKind::Table || !context.options().enable_indexscan) {
    return std::nullopt;
  }
  ExpressionList all = join_conditions;
  all.insert(all.end(), conditions.begin(), conditions.end());
  IndexMatch best;
  for (const engine::Index* index : context.catalog().indexes_of(leaf.relation->table->oid)) {
    if (index->method != engine::IndexMethod::Btree) {
      continue;
    }
    IndexMatch match = match_index(*index, leaf, all);
    if (match.equal_count > best.equal_count || (match.exact && !best.exact)) {
      best = std::move(match);
    }
  }
  const bool uses_join = std::any_of(best.conditions.begin(), best.conditions.end(), [&](auto& c) {
    return std::find(join_conditions.begin(), join_conditions.end(), c.original) !=
           join_conditions.end();
  });
  if (best.equal_count == 0 || !uses_join) {
    return std::nullopt;
  }
  unserved = without(join_conditions, best.served);
  return make_index_scan(context, leaf, best, without(conditions, best.served), false, &frame);
}

Access plan_leaf(PlanContext& context, Leaf& leaf, const ExpressionList& conditions,
                 const WantedOrder* order) {
  if (leaf.relation->kind == RelationKind::Table) {
    return plan_table(context, leaf, conditions, order);
  }
  Planned plan{.node = leaf.source, .leaves = {leaf.number}};
  const auto* system = leaf.relation->kind == RelationKind::System
                           ? static_cast<const SystemScanNode*>(leaf.source)
                           : nullptr;
  for (std::size_t i = 0; i < leaf.source->output_types.size(); ++i) {
    const int column = system == nullptr ? static_cast<int>(i) : system->columns[i];
    plan.layout.push_back(leaf_column(context, leaf, column));
  }
  if (leaf.frame != nullptr && !leaf.frame->entries.empty()) {
    plan.open_frames.push_back(leaf.frame);
  }
  return {add_filter(context, plan, conditions, {&leaf}), false};
}

}  // namespace omen::sql
