#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/planner/select_planner.h"

// SELECT ... FOR UPDATE and the others: what is locked, and what must still hold of rows that were
// changed meanwhile.
namespace omen::sql {
namespace {

void collect_leaves(const PlanScope::Source& source, std::vector<int>& out) {
  if (source.leaf != nullptr) {
    out.push_back(source.leaf->number);
  } else if (source.flattened_scope != nullptr) {
    for (const PlanScope::Source& inner : source.flattened_scope->sources) {
      collect_leaves(inner, out);
    }
  }
}

void collect_leaves(const JoinTree& tree, const PlanScope& scope, std::vector<int>& out) {
  if (tree.relation >= 0) {
    collect_leaves(scope.sources.at(static_cast<std::size_t>(tree.relation)), out);
    return;
  }
  collect_leaves(*tree.left, scope, out);
  collect_leaves(*tree.right, scope, out);
}

std::vector<int> positions_of(const std::vector<int>& leaves, const ExpressionList& layout) {
  std::vector<int> positions;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (layout[i]->kind == ExpressionKind::Column) {
      const auto& column = static_cast<const PlannedColumn&>(*layout[i]);
      if (column.source == PlannedColumn::Source::Leaf &&
          std::find(leaves.begin(), leaves.end(), column.relation) != leaves.end()) {
        positions.push_back(static_cast<int>(i));
      }
    }
  }
  return positions;
}

engine::RowLockStrength row_lock_strength(ast::LockStrength strength) {
  switch (strength) {
    case ast::LockStrength::KeyShare:
      return engine::RowLockStrength::KeyShare;
    case ast::LockStrength::Share:
      return engine::RowLockStrength::Share;
    case ast::LockStrength::NoKeyUpdate:
      return engine::RowLockStrength::NoKeyUpdate;
    case ast::LockStrength::Update:
      break;
  }
  return engine::RowLockStrength::Update;
}

}  // namespace

/// A row that was changed meanwhile must still meet its inner joins' conditions; where it no longer
/// meets an outer join's, it has lost its partner there.
void SelectPlanner::add_join_conditions(const JoinTree* tree) {
  if (tree == nullptr || tree->relation >= 0 || tree->type == ast::JoinType::Full) {
    return;
  }
  const bool is_inner = tree->type == ast::JoinType::Inner;
  const JoinTree* kept = tree->type == ast::JoinType::Right ? tree->right : tree->left;
  const JoinTree* other = kept == tree->left ? tree->right : tree->left;
  add_join_conditions(kept);
  if (is_inner) {
    add_join_conditions(other);
  }
  OuterJoin outer;
  if (tree->condition != nullptr) {
    split_conjuncts(context_, convert(context_, *tree->condition, scope_),
                    is_inner ? rechecked_ : outer.conditions);
  }
  if (!is_inner) {
    collect_leaves(*other, scope_, outer.nullable_leaves);
    outer_joins_.push_back(std::move(outer));
  }
}

Planned SelectPlanner::lock_rows(Planned input) {
  auto* node = context_.make_node<LockRowsNode>();
  node->children = {input.node};
  for (const RowLock& lock : query_.row_locks) {
    const PlanScope::Source& source = scope_.sources.at(static_cast<std::size_t>(lock.relation));
    if (source.leaf == nullptr) {
      unsupported("row locks on a sub-select");
    }
    if (source.leaf->relation->kind != RelationKind::Table) {
      continue;
    }
    context_.note_row_lock(lock.strength);
    context_.note_lock(source.leaf->relation->table->oid, engine::TableLock::RowShare);
    LockRowsNode::Target target;
    target.row = make_target_row(context_, *source.leaf, input.layout, rechecked_);
    for (const OuterJoin& outer : outer_joins_) {
      target.row.outer_joins.push_back({place_all(context_, outer.conditions, input.layout),
                                        positions_of(outer.nullable_leaves, input.layout)});
    }
    target.strength = row_lock_strength(lock.strength);
    target.no_wait = lock.no_wait;
    target.skip_locked = lock.skip_locked;
    node->targets.push_back(std::move(target));
  }
  set_output(*node, input.layout);
  node->rows = input.node->rows;
  node->startup_cost = input.node->startup_cost;
  node->total_cost = input.node->total_cost + 0.01 * node->rows;
  input.node = node;
  return input;
}

}  // namespace omen::sql
