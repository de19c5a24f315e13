#include <algorithm>
#include <cmath>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

constexpr double kPairCost = 0.0025;
constexpr double kHashCost = 0.02;
constexpr double kRestartCost = 0.3;
constexpr double kDisabledCost = 1e10;

bool subset_of(const std::set<int>& part, const std::set<int>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

struct HashKeys {
  ExpressionList left, right;
  std::vector<Oid> types;
  ExpressionList equalities;
  ExpressionList rest;
};

HashKeys find_hash_keys(const ExpressionList& conditions, const std::set<int>& left_leaves,
                        const std::set<int>& right_leaves) {
  HashKeys keys;
  for (Expression* condition : conditions) {
    const auto* call = condition->kind == ExpressionKind::Call
                           ? static_cast<const CallExpression*>(condition)
                           : nullptr;
    bool used = false;
    if (call != nullptr && call->operator_def != nullptr && call->arguments.size() == 2) {
      Expression* a = call->arguments[0];
      Expression* b = call->arguments[1];
      std::set<int> a_leaves = leaves_of(*a);
      std::set<int> b_leaves = leaves_of(*b);
      if (subset_of(b_leaves, left_leaves) && subset_of(a_leaves, right_leaves)) {
        std::swap(a, b);
        std::swap(a_leaves, b_leaves);
      }
      if (!a_leaves.empty() && !b_leaves.empty() && subset_of(a_leaves, left_leaves) &&
          subset_of(b_leaves, right_leaves)) {
        const Oid type = hash_type_of(*call->operator_def, a->type, b->type);
        used = type != 0;
        if (used) {
          keys.left.push_back(a);
          keys.right.push_back(b);
          keys.types.push_back(type);
          keys.equalities.push_back(condition);
        }
      }
    }
    if (!used) {
      keys.rest.push_back(condition);
    }
  }
  return keys;
}

Planned joined(PlanJoin join, const Planned& left, const Planned& right, JoinNode* node) {
  Planned plan{.node = node, .layout = left.layout, .leaves = left.leaves};
  plan.leaves.insert(right.leaves.begin(), right.leaves.end());
  if (join != PlanJoin::Semi && join != PlanJoin::Anti) {
    plan.layout.insert(plan.layout.end(), right.layout.begin(), right.layout.end());
  }
  plan.open_frames = left.open_frames;
  node->join = join;
  node->children = {left.node, right.node};
  set_output(*node, plan.layout);
  return plan;
}

ExpressionList pair_layout(const Planned& left, const Planned& right) {
  ExpressionList layout = left.layout;
  layout.insert(layout.end(), right.layout.begin(), right.layout.end());
  return layout;
}

Planned make_hash_join(PlanContext& context, PlanJoin join, const Planned& left,
                       const Planned& right, const HashKeys& keys) {
  auto* node = context.make_node<HashJoinNode>();
  Planned plan = joined(join, left, right, node);
  node->left_keys = place_all(context, keys.left, left.layout);
  node->right_keys = place_all(context, keys.right, right.layout);
  node->key_types = keys.types;
  node->conditions = place_all(context, keys.rest, pair_layout(left, right));
  node->hash_conditions = keys.equalities;
  node->startup_cost = right.node->total_cost + left.node->startup_cost;
  node->total_cost = left.node->total_cost + right.node->total_cost +
                     kHashCost * (left.node->rows + right.node->rows);
  return plan;
}

Planned make_nested_loop(PlanContext& context, PlanJoin join, const Planned& left,
                         const Planned& right, const ExpressionList& conditions,
                         const std::vector<SlotFrame*>& frames) {
  auto* node = context.make_node<NestedLoopNode>();
  Planned plan = joined(join, left, right, node);
  node->conditions = place_all(context, conditions, pair_layout(left, right));
  for (SlotFrame* frame : frames) {
    for (const SlotFrame::Entry& entry : frame->entries) {
      node->slots.push_back(entry.slot);
      node->slot_values.push_back(place(context, *entry.value, left.layout));
    }
  }
  const double repeats = std::max(left.node->rows, 1.0);
  node->startup_cost = left.node->startup_cost + right.node->startup_cost;
  node->total_cost =
      left.node->total_cost + kPairCost * repeats * right.node->rows +
      (frames.empty() ? right.node->total_cost : repeats * (right.node->total_cost + kRestartCost));
  if (!context.options().enable_nestloop && frames.empty()) {
    node->total_cost += kDisabledCost;
  }
  return plan;
}

double join_rows(const PlanContext& context, PlanJoin join, const Planned& left,
                 const Planned& right, const ExpressionList& conditions,
                 const std::vector<Leaf*>& leaves) {
  const double matches =
      left.node->rows * right.node->rows * selectivity(context, conditions, leaves);
  double rows = matches;
  switch (join) {
    case PlanJoin::Inner:
      break;
    case PlanJoin::Left:
      rows = std::max(matches, left.node->rows);
      break;
    case PlanJoin::Right:
      rows = std::max(matches, right.node->rows);
      break;
    case PlanJoin::Full:
      rows = std::max({matches, left.node->rows, right.node->rows});
      break;
    case PlanJoin::Semi:
      rows = std::min(matches, left.node->rows);
      break;
    case PlanJoin::Anti:
      rows = std::max(left.node->rows - matches, 1.0);
      break;
  }
  return std::max(1.0, std::round(rows));
}

/// Frames of the right side that the left side can fill now.
bool frames_ready(const Planned& right, const std::set<int>& left_leaves) {
  return std::all_of(right.open_frames.begin(), right.open_frames.end(), [&](SlotFrame* frame) {
    return std::all_of(frame->entries.begin(), frame->entries.end(), [&](const auto& entry) {
      return subset_of(leaves_of(*entry.value), left_leaves);
    });
  });
}

}  // namespace

Planned make_join(PlanContext& context, PlanJoin join, const Planned& left, const JoinInput& right,
                  const ExpressionList& conditions, const std::vector<Leaf*>& leaves) {
  const double rows = join_rows(context, join, left, right.plan, conditions, leaves);
  auto finish = [&](Planned plan) {
    plan.node->rows = rows;
    return plan;
  };
  if (!right.plan.open_frames.empty()) {
    if (join == PlanJoin::Full || join == PlanJoin::Right) {
      unsupported("LATERAL on the preserved side of an outer join");
    }
    return finish(
        make_nested_loop(context, join, left, right.plan, conditions, right.plan.open_frames));
  }
  const HashKeys keys = find_hash_keys(conditions, left.leaves, right.plan.leaves);
  if (join == PlanJoin::Full || join == PlanJoin::Right) {
    return finish(make_hash_join(context, join, left, right.plan, keys));
  }
  Planned best;
  auto consider = [&](Planned plan) {
    if (best.node == nullptr || plan.node->total_cost < best.node->total_cost) {
      best = std::move(plan);
    }
  };
  consider(make_nested_loop(context, join, left, right.plan, conditions, {}));
  if (!keys.types.empty() && context.options().enable_hashjoin) {
    // The smaller side is the one to build a table from.
    const bool swaps = join == PlanJoin::Inner && left.open_frames.empty() &&
                       left.node->rows < right.plan.node->rows;
    if (swaps) {
      consider(make_hash_join(context, join, right.plan, left,
                              find_hash_keys(conditions, right.plan.leaves, left.leaves)));
    } else {
      consider(make_hash_join(context, join, left, right.plan, keys));
    }
  }
  if (right.leaf != nullptr && context.options().enable_nestloop) {
    SlotFrame* frame = context.make_frame();
    ExpressionList unserved;
    std::optional<Planned> lookup = plan_index_lookup(context, *right.leaf, right.leaf_conditions,
                                                      conditions, *frame, unserved);
    if (lookup.has_value()) {
      consider(make_nested_loop(context, join, left, *lookup, unserved, {frame}));
    }
  }
  return finish(best);
}

namespace {

struct JoinItem {
  JoinInput input;
  bool planned = false;
  const JoinTree* outer = nullptr;  ///< an outer join ...
  PlanScope* scope = nullptr;       ///< ... of this scope
  std::set<int> leaves;
  ExpressionList conditions;  ///< that read this item alone
};

/// Whether `e` is NULL whenever the columns of `leaves` are.
bool is_null_with(const Expression& e, const std::set<int>& leaves) {
  switch (e.kind) {
    case ExpressionKind::Column: {
      const auto& column = static_cast<const PlannedColumn&>(e);
      return column.source == PlannedColumn::Source::Leaf && leaves.contains(column.relation);
    }
    case ExpressionKind::Call: {
      const auto& call = static_cast<const CallExpression&>(e);
      return call.function->strict &&
             std::any_of(call.arguments.begin(), call.arguments.end(),
                         [&](const Expression* a) { return is_null_with(*a, leaves); });
    }
    case ExpressionKind::Relabel:
      return is_null_with(*static_cast<const RelabelExpression&>(e).operand, leaves);
    default:
      return false;
  }
}

/// Whether a condition cannot hold for a row whose columns of `leaves` are NULL.
bool rejects_null(const Expression& e, const std::set<int>& leaves) {
  if (e.kind == ExpressionKind::IsNull) {
    const auto& test = static_cast<const IsNullExpression&>(e);
    return test.negated && is_null_with(*test.operand, leaves);
  }
  if (e.kind == ExpressionKind::AnyAll) {
    const auto& any = static_cast<const AnyAllExpression&>(e);
    return !any.all && is_null_with(*any.left, leaves);
  }
  return e.kind == ExpressionKind::Call && is_null_with(e, leaves);
}

/// Plans one FROM tree: flattens inner joins into items and orders them greedily.
class JoinPlanner {
 public:
  JoinPlanner(PlanContext& context, std::vector<Leaf*>& leaves)
      : context_(context), leaves_(leaves) {}

  JoinResult plan(const JoinTree* tree, PlanScope& scope, ExpressionList conditions,
                  const WantedOrder* order) {
    pool_ = std::move(conditions);
    collect(tree, scope);
    for (const Expression* condition : pool_) {
      if (leaves_of(*condition).size() > 1) {
        note_columns(*condition, leaves_);
      }
    }
    assign_conditions();
    if (items_.size() == 1 && items_[0].input.leaf != nullptr) {
      Access access = plan_leaf(context_, *items_[0].input.leaf, items_[0].conditions, order);
      return {add_filter(context_, access.plan, pool_, leaves_), access.ordered};
    }
    if (order != nullptr) {
      for (const WantedOrder::Key& key : order->keys) {
        note_columns(*key.expression, leaves_);
      }
    }
    for (JoinItem& item : items_) {
      plan_item(item);
    }
    return {join_items(), false};
  }

 private:
  void add_condition(const Expression* bound, PlanScope& scope) {
    if (bound != nullptr) {
      split_conjuncts(context_, convert(context_, *bound, scope), pool_);
    }
  }

  void collect_leaves(const JoinTree* tree, PlanScope& scope, std::set<int>& out) {
    if (tree->relation >= 0) {
      const PlanScope::Source& source = scope.sources[static_cast<std::size_t>(tree->relation)];
      if (source.is_flattened) {
        collect_leaves(source.flattened_scope->query->from, *source.flattened_scope, out);
      } else {
        out.insert(source.leaf->number);
      }
      return;
    }
    collect_leaves(tree->left, scope, out);
    collect_leaves(tree->right, scope, out);
  }

  bool is_reduced(const JoinTree* tree, PlanScope& scope) {
    if (tree->type == ast::JoinType::Inner) {
      return true;
    }
    if (tree->type == ast::JoinType::Full) {
      return false;
    }
    std::set<int> nullable;
    collect_leaves(tree->type == ast::JoinType::Left ? tree->right : tree->left, scope, nullable);
    return std::any_of(pool_.begin(), pool_.end(),
                       [&](const Expression* e) { return rejects_null(*e, nullable); });
  }

  void collect(const JoinTree* tree, PlanScope& scope) {
    if (tree->relation >= 0) {
      const PlanScope::Source& source = scope.sources[static_cast<std::size_t>(tree->relation)];
      if (source.is_flattened) {
        add_condition(source.flattened_scope->query->where, *source.flattened_scope);
        collect(source.flattened_scope->query->from, *source.flattened_scope);
        return;
      }
      JoinItem item;
      item.input.leaf = source.leaf;
      item.leaves = {source.leaf->number};
      items_.push_back(std::move(item));
      return;
    }
    if (is_reduced(tree, scope)) {
      add_condition(tree->condition, scope);
      collect(tree->left, scope);
      collect(tree->right, scope);
      return;
    }
    JoinItem item;
    item.outer = tree;
    item.scope = &scope;
    collect_leaves(tree, scope, item.leaves);
    items_.push_back(std::move(item));
  }

  /// Hands conditions that read one item to it; the rest stays in the pool.
  void assign_conditions() {
    ExpressionList rest;
    for (Expression* condition : pool_) {
      const std::set<int> read = leaves_of(*condition);
      JoinItem* home = nullptr;
      for (JoinItem& item : items_) {
        if (!read.empty() && subset_of(read, item.leaves)) {
          home = &item;
        }
      }
      if (home == nullptr && read.empty()) {
        home = &items_[0];
      }
      if (home != nullptr) {
        home->conditions.push_back(condition);
      } else {
        rest.push_back(condition);
      }
    }
    pool_ = std::move(rest);
  }

  void plan_item(JoinItem& item) {
    if (item.outer != nullptr) {
      item.input.plan = plan_outer(item);
      return;
    }
    item.input.plan = plan_leaf(context_, *item.input.leaf, item.conditions, nullptr).plan;
    item.input.leaf_conditions = item.conditions;
    if (item.input.leaf->relation->kind != RelationKind::Table) {
      item.input.leaf = nullptr;
    }
  }

  Planned plan_outer(const JoinItem& item) {
    const JoinTree& tree = *item.outer;
    PlanScope& scope = *item.scope;
    const bool swapped = tree.type == ast::JoinType::Right;
    const JoinTree* preserved = swapped ? tree.right : tree.left;
    const JoinTree* nullable = swapped ? tree.left : tree.right;
    const bool full = tree.type == ast::JoinType::Full;
    ExpressionList on;
    if (tree.condition != nullptr) {
      split_conjuncts(context_, convert(context_, *tree.condition, scope), on);
    }
    std::set<int> preserved_leaves;
    std::set<int> nullable_leaves;
    collect_leaves(preserved, scope, preserved_leaves);
    collect_leaves(nullable, scope, nullable_leaves);
    ExpressionList preserved_conditions;
    ExpressionList nullable_conditions;
    ExpressionList above;
    ExpressionList join_conditions;
    for (Expression* condition : item.conditions) {
      const std::set<int> read = leaves_of(*condition);
      const bool pushed = !full && !read.empty() && subset_of(read, preserved_leaves);
      (pushed ? preserved_conditions : above).push_back(condition);
    }
    for (Expression* condition : on) {
      const std::set<int> read = leaves_of(*condition);
      const bool pushed = !full && !read.empty() && subset_of(read, nullable_leaves);
      (pushed ? nullable_conditions : join_conditions).push_back(condition);
    }
    for (const ExpressionList* list : {&above, &join_conditions}) {
      for (const Expression* condition : *list) {
        note_columns(*condition, leaves_);
      }
    }
    const ExpressionList leaf_conditions = nullable_conditions;
    JoinInput right;
    right.plan =
        plan_join_tree(context_, nullable, scope, nullable_conditions, leaves_, nullptr).plan;
    if (nullable->relation >= 0) {
      const PlanScope::Source& source = scope.sources[static_cast<std::size_t>(nullable->relation)];
      if (source.leaf != nullptr && source.leaf->relation->kind == RelationKind::Table) {
        right.leaf = source.leaf;
        right.leaf_conditions = leaf_conditions;
      }
    }
    const Planned left =
        plan_join_tree(context_, preserved, scope, preserved_conditions, leaves_, nullptr).plan;
    const Planned plan = make_join(context_, full ? PlanJoin::Full : PlanJoin::Left, left, right,
                                   join_conditions, leaves_);
    return add_filter(context_, plan, above, leaves_);
  }

  /// Joins all items: starts with the smallest and takes, each time, the connected one that leaves
  /// the fewest rows.
  Planned join_items() {
    std::vector<JoinItem*> waiting;
    for (JoinItem& item : items_) {
      waiting.push_back(&item);
    }
    auto take = [&](std::vector<JoinItem*>::iterator at) {
      JoinItem* item = *at;
      waiting.erase(at);
      return item;
    };
    auto first = waiting.end();
    for (auto it = waiting.begin(); it != waiting.end(); ++it) {
      if ((*it)->input.plan.open_frames.empty() &&
          (first == waiting.end() ||
           (*it)->input.plan.node->rows < (*first)->input.plan.node->rows)) {
        first = it;
      }
    }
    if (first == waiting.end()) {
      first = waiting.begin();
    }
    Planned plan = take(first)->input.plan;
    while (!waiting.empty()) {
      auto best = waiting.end();
      double best_score = 0;
      for (auto it = waiting.begin(); it != waiting.end(); ++it) {
        if (!frames_ready((*it)->input.plan, plan.leaves)) {
          continue;
        }
        const ExpressionList conditions = applicable(plan, **it);
        const double rows =
            join_rows(context_, PlanJoin::Inner, plan, (*it)->input.plan, conditions, leaves_);
        const double score = conditions.empty() ? rows * 1e6 : rows;
        if (best == waiting.end() || score < best_score) {
          best = it;
          best_score = score;
        }
      }
      if (best == waiting.end()) {
        internal_error("no order of joins satisfies the lateral references");
      }
      JoinItem* item = take(best);
      const ExpressionList conditions = applicable(plan, *item);
      for (const Expression* used : conditions) {
        std::erase(pool_, used);
      }
      plan = make_join(context_, PlanJoin::Inner, plan, item->input, conditions, leaves_);
    }
    return add_filter(context_, plan, pool_, leaves_);
  }

  ExpressionList applicable(const Planned& plan, const JoinItem& item) const {
    std::set<int> both = plan.leaves;
    both.insert(item.leaves.begin(), item.leaves.end());
    ExpressionList found;
    for (Expression* condition : pool_) {
      if (subset_of(leaves_of(*condition), both)) {
        found.push_back(condition);
      }
    }
    return found;
  }

  PlanContext& context_;
  std::vector<Leaf*>& leaves_;
  ExpressionList pool_;
  std::vector<JoinItem> items_;
};

}  // namespace

JoinResult plan_join_tree(PlanContext& context, const JoinTree* tree, PlanScope& scope,
                          ExpressionList conditions, std::vector<Leaf*>& leaves,
                          const WantedOrder* order) {
  return JoinPlanner(context, leaves).plan(tree, scope, std::move(conditions), order);
}

}  // namespace omen::sql
