#include "sql/planner/select_planner.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

bool contains(const ExpressionList& list, const Expression& expression) {
  return std::any_of(list.begin(), list.end(),
                     [&](const Expression* entry) { return same_value(*entry, expression); });
}

void split_bound(const Expression* condition, std::vector<const Expression*>& out) {
  if (condition->kind == ExpressionKind::And) {
    for (const Expression* argument : static_cast<const BooleanExpression*>(condition)->arguments) {
      split_bound(argument, out);
    }
  } else {
    out.push_back(condition);
  }
}

/// FALSE or NULL, whatever the row.
bool never_holds(const Expression& condition) {
  if (condition.kind != ExpressionKind::Constant) {
    return false;
  }
  const auto* value = std::get_if<bool>(&static_cast<const ConstantExpression&>(condition).value);
  return value == nullptr || !*value;
}

}  // namespace

Planned SelectPlanner::plan() {
  add_sources(context_, query_, scope_, leaves_);
  convert_clauses();
  note_all_columns();
  bool ordered = false;
  Planned plan = plan_from(ordered);
  if (query_.has_aggregates || !group_keys_.empty()) {
    plan = aggregate(plan);
  }
  if (query_.has_set_calls) {
    plan = expand_set_calls(plan);
  }
  const ExpressionList visible(
      targets_.begin(),
      targets_.begin() + static_cast<std::ptrdiff_t>(visible_target_count(query_)));
  if (query_.distinct) {
    plan = add_project(context_, plan, visible);
    plan = make_distinct(plan);
  }
  const std::vector<WantedOrder::Key> keys = order_keys();
  const bool distinct_on = !query_.distinct_on.empty();
  if ((!keys.empty() || distinct_on) && !ordered) {
    plan = prune(plan, keys);
    std::vector<WantedOrder::Key> sort_keys = keys;
    for (const int position : query_.distinct_on) {
      Expression* key = targets_[static_cast<std::size_t>(position)];
      if (std::none_of(keys.begin(), keys.end(), [&](const WantedOrder::Key& other) {
            return same_value(*other.expression, *key);
          })) {
        sort_keys.push_back({key, false, false});
      }
    }
    plan = add_sort(context_, plan, sort_keys, distinct_on ? nullptr : limit_, offset_);
    if (!query_.row_locks.empty()) {
      static_cast<SortNode*>(plan.node)->limit = nullptr;
    }
  }
  if (distinct_on) {
    plan = make_distinct(plan);
  }
  if (!query_.row_locks.empty()) {
    plan = lock_rows(plan);
  }
  if (limit_ != nullptr || offset_ != nullptr) {
    plan = add_limit(context_, plan, limit_, offset_);
  }
  return add_project(context_, plan, visible);
}

void SelectPlanner::convert_clauses() {
  for (const BoundTarget& target : query_.targets) {
    targets_.push_back(convert(context_, *target.expression, scope_));
  }
  if (query_.where != nullptr) {
    std::vector<const Expression*> parts;
    split_bound(query_.where, parts);
    for (const Expression* part : parts) {
      if (query_.from != nullptr && query_.row_locks.empty()) {
        if (std::optional<SemiJoin> semi = as_semi_join(context_, *part, scope_)) {
          semi_joins_.push_back(std::move(*semi));
          continue;
        }
      }
      split_conjuncts(context_, convert(context_, *part, scope_), conditions_);
    }
  }
  if (!query_.row_locks.empty()) {
    rechecked_ = conditions_;
    add_join_conditions(query_.from);
  }
  for (const Expression* key : query_.group_by) {
    Expression* converted = convert(context_, *key, scope_);
    if (!contains(group_keys_, *converted)) {
      group_keys_.push_back(converted);
    }
  }
  if (query_.having != nullptr) {
    having_ = convert(context_, *query_.having, scope_);
  }
  if (query_.limit != nullptr) {
    limit_ = convert(context_, *query_.limit, scope_);
  }
  if (query_.offset != nullptr) {
    offset_ = convert(context_, *query_.offset, scope_);
  }
}

std::vector<WantedOrder::Key> SelectPlanner::order_keys() const {
  std::vector<WantedOrder::Key> keys;
  for (const BoundQuery::OrderBy& order : query_.order_by) {
    Expression* key = targets_.at(static_cast<std::size_t>(order.target));
    if (key->kind == ExpressionKind::Constant ||
        std::any_of(keys.begin(), keys.end(), [&](const WantedOrder::Key& other) {
          return same_value(*other.expression, *key);
        })) {
      continue;
    }
    keys.push_back({key, order.descending, order.nulls_first});
  }
  return keys;
}

const WantedOrder* SelectPlanner::servable_order() {
  if (leaves_.size() != 1 || query_.order_by.empty() || query_.has_aggregates ||
      !group_keys_.empty() || query_.has_set_calls || query_.distinct ||
      !query_.distinct_on.empty() || !semi_joins_.empty() ||
      leaves_[0]->relation->kind != RelationKind::Table) {
    return nullptr;
  }
  order_ = {order_keys(), limit_, offset_};
  return order_.keys.empty() ? nullptr : &order_;
}

void SelectPlanner::note_all_columns() {
  const WantedOrder* order = servable_order();
  const Expression* except = order != nullptr && order->keys.size() == 1 && query_.row_locks.empty()
                                 ? order->keys[0].expression
                                 : nullptr;
  if (except != nullptr && except->kind == ExpressionKind::Column) {
    except = nullptr;
  }
  for (const Expression* target : targets_) {
    note_columns(*target, leaves_, except);
  }
  for (const Expression* key : group_keys_) {
    note_columns(*key, leaves_);
  }
  if (having_ != nullptr) {
    note_columns(*having_, leaves_);
  }
  for (const SemiJoin& semi : semi_joins_) {
    for (const Expression* condition : semi.join_conditions) {
      note_columns(*condition, leaves_);
    }
  }
  for (const RowLock& lock : query_.row_locks) {
    Leaf* leaf = scope_.sources.at(static_cast<std::size_t>(lock.relation)).leaf;
    if (leaf == nullptr || leaf->relation->kind != RelationKind::Table) {
      continue;
    }
    note_columns(*leaf_column(context_, *leaf, engine::kRowIdColumn), leaves_);
    note_columns(*leaf_column(context_, *leaf, engine::kXidColumn), leaves_);
    for (const Expression* condition : rechecked_) {
      note_columns(*condition, leaves_);
    }
    for (const OuterJoin& outer : outer_joins_) {
      for (const Expression* condition : outer.conditions) {
        note_columns(*condition, leaves_);
      }
    }
  }
}

Planned SelectPlanner::no_rows() {
  auto* node = context_.make_node<ResultNode>();
  auto* constant = context_.make<ConstantExpression>(Type{type_oid::kBool, -1});
  constant->value = false;
  node->conditions = {constant};
  Planned plan{.node = node};
  for (const Leaf* leaf : leaves_) {
    for (const int column : leaf->needed) {
      plan.layout.push_back(leaf_column(context_, *leaf, column));
    }
    plan.leaves.insert(leaf->number);
  }
  set_output(*node, plan.layout);
  return plan;
}

Planned SelectPlanner::plan_from(bool& ordered) {
  if (query_.from == nullptr) {
    auto* node = context_.make_node<ResultNode>();
    node->conditions = place_all(context_, conditions_, {});
    node->total_cost = 0.01;
    return {.node = node};
  }
  if (std::any_of(conditions_.begin(), conditions_.end(),
                  [](const Expression* e) { return never_holds(*e); })) {
    for (const Expression* target : targets_) {
      note_columns(*target, leaves_);
    }
    return no_rows();
  }
  JoinResult result =
      plan_join_tree(context_, query_.from, scope_, conditions_, leaves_, servable_order());
  ordered = result.ordered;
  for (SemiJoin& semi : semi_joins_) {
    result.plan = apply_semi_join(context_, result.plan, semi, leaves_);
  }
  return result.plan;
}

void SelectPlanner::collect_aggregates(const Expression& expression, ExpressionList& out) const {
  if (expression.kind == ExpressionKind::Aggregate) {
    if (!contains(out, expression)) {
      out.push_back(const_cast<Expression*>(&expression));
    }
    return;
  }
  for_each_child(expression, [&](const Expression& child) { collect_aggregates(child, out); });
}

/// Columns read outside aggregates and group keys: they depend on the keys (a grouped primary key).
void SelectPlanner::collect_loose(const Expression& expression, const ExpressionList& layout,
                                  ExpressionList& out) const {
  if (contains(layout, expression) || contains(out, expression)) {
    return;
  }
  if (expression.kind == ExpressionKind::Column) {
    if (static_cast<const PlannedColumn&>(expression).source == PlannedColumn::Source::Leaf) {
      out.push_back(const_cast<Expression*>(&expression));
    }
    return;
  }
  for_each_child(expression, [&](const Expression& child) { collect_loose(child, layout, out); });
}

Planned SelectPlanner::aggregate(Planned input) {
  ExpressionList aggregates;
  for (const Expression* target : targets_) {
    collect_aggregates(*target, aggregates);
  }
  if (having_ != nullptr) {
    collect_aggregates(*having_, aggregates);
  }
  ExpressionList layout = group_keys_;
  layout.insert(layout.end(), aggregates.begin(), aggregates.end());
  ExpressionList loose;
  for (const Expression* target : targets_) {
    collect_loose(*target, layout, loose);
  }
  if (having_ != nullptr) {
    collect_loose(*having_, layout, loose);
  }
  ExpressionList keys = group_keys_;
  keys.insert(keys.end(), loose.begin(), loose.end());
  const bool sorted = !keys.empty() && prefers_sort(context_, keys);
  if (sorted) {
    input = sort_by(context_, input, keys);
  }
  auto* node = context_.make_node<AggregateNode>();
  node->children = {input.node};
  node->group_keys = place_all(context_, keys, input.layout);
  double groups = 1;
  for (const Expression* key : keys) {
    groups *= std::max(1.0, distinct_values(context_, *key, leaves_));
  }
  for (const Expression* aggregate : aggregates) {
    auto* copy = static_cast<AggregateExpression*>(shallow_copy(context_.arena(), *aggregate));
    for_each_child(*copy,
                   [&](Expression*& child) { child = place(context_, *child, input.layout); });
    node->aggregates.push_back(copy);
  }
  node->strategy = keys.empty() ? AggregateNode::Strategy::Plain
                   : sorted     ? AggregateNode::Strategy::Sorted
                                : AggregateNode::Strategy::Hash;
  Planned plan{.node = node, .layout = keys, .leaves = input.leaves};
  plan.layout.insert(plan.layout.end(), aggregates.begin(), aggregates.end());
  set_output(*node, plan.layout);
  node->rows = std::max(1.0, std::round(std::min(groups, input.node->rows)));
  node->startup_cost =
      input.node->total_cost +
      0.0025 * input.node->rows * static_cast<double>(std::max<std::size_t>(1, aggregates.size()));
  node->total_cost = node->startup_cost + 0.01 * node->rows;
  if (having_ != nullptr) {
    ExpressionList conditions;
    split_conjuncts(context_, having_, conditions);
    plan = add_filter(context_, plan, conditions, leaves_);
  }
  return plan;
}

/// One ProjectSet for each level of nesting: arguments may hold set-returning calls themselves.
Planned SelectPlanner::expand_set_calls(Planned input) {
  while (true) {
    ExpressionList ready;
    std::function<bool(const Expression&)> visit = [&](const Expression& e) -> bool {
      if (std::find(input.layout.begin(), input.layout.end(), &e) != input.layout.end()) {
        return false;
      }
      bool pending = false;
      for_each_child(e, [&](const Expression& child) { pending = visit(child) || pending; });
      if (e.kind != ExpressionKind::SetCall) {
        return pending;
      }
      if (!pending) {
        ready.push_back(const_cast<Expression*>(&e));
      }
      return true;
    };
    for (const Expression* target : targets_) {
      visit(*target);
    }
    if (ready.empty()) {
      return input;
    }
    auto* node = context_.make_node<ProjectSetNode>();
    node->children = {input.node};
    for (const Expression* call : ready) {
      const auto& set_call = static_cast<const SetCallExpression&>(*call);
      if (set_call.function->column_types.size() > 1) {
        unsupported("function returning several columns in a select list", call->location);
      }
      auto* copy = static_cast<SetCallExpression*>(shallow_copy(context_.arena(), *call));
      copy->arguments = place_all(context_, set_call.arguments, input.layout);
      node->calls.push_back(copy);
    }
    input.layout.insert(input.layout.end(), ready.begin(), ready.end());
    set_output(*node, input.layout);
    node->rows = input.node->rows * 1000;
    node->startup_cost = input.node->startup_cost;
    node->total_cost = input.node->total_cost + node->rows * 0.005;
    input.node = node;
  }
}

Planned SelectPlanner::make_distinct(Planned input) {
  if (query_.distinct_on.empty()) {
    return add_distinct(context_, input);
  }
  auto* node = context_.make_node<DistinctNode>();
  node->children = {input.node};
  for (const int position : query_.distinct_on) {
    const Expression* placed =
        place(context_, *targets_[static_cast<std::size_t>(position)], input.layout);
    node->on_positions.push_back(static_cast<const PlannedColumn*>(placed)->position);
  }
  set_output(*node, input.layout);
  node->rows = std::max(1.0, std::round(std::min(input.node->rows, 200.0)));
  node->startup_cost = input.node->startup_cost;
  node->total_cost = input.node->total_cost + 0.0025 * input.node->rows;
  input.node = node;
  return input;
}

/// Before a sort: keeps what the keys and the select list need, so that nothing else is copied.
Planned SelectPlanner::prune(Planned input, const std::vector<WantedOrder::Key>& keys) {
  ExpressionList wanted;
  auto add = [&](Expression* expression) {
    if (!contains(wanted, *expression)) {
      wanted.push_back(expression);
    }
  };
  for (const WantedOrder::Key& key : keys) {
    add(key.expression);
  }
  for (const int position : query_.distinct_on) {
    add(targets_[static_cast<std::size_t>(position)]);
  }
  if (!query_.row_locks.empty()) {
    for (Expression* entry : input.layout) {
      add(entry);
    }
    return add_project(context_, input, wanted);
  }
  std::function<void(Expression&)> visit = [&](Expression& e) {
    if (contains(wanted, e)) {
      return;
    }
    if (contains(input.layout, e)) {
      add(&e);
      return;
    }
    for_each_child(e, [&](Expression*& child) { visit(*child); });
  };
  for (std::size_t i = 0; i < visible_target_count(query_); ++i) {
    visit(*targets_[i]);
  }
  return add_project(context_, input, wanted);
}

}  // namespace omen::sql
