#include <algorithm>
#include <cmath>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

/// Frames of the right side that the left side can fill now.
bool frames_ready(const Planned& right, const std::set<int>& left_leaves) {
  return std::all_of(right.open_frames.begin(), right.open_frames.end(), [&](SlotFrame* frame) {
    return std::all_of(frame->entries.begin(), frame->entries.end(), [&](const auto& entry) {
      return subset_of(leaves_of(*entry.value), left_leaves);
    });
  });
}

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
