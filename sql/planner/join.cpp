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

}  // namespace

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

}  // namespace omen::sql
