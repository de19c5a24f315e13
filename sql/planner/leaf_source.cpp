#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr double kFunctionRows = 1000;
constexpr double kSystemRows = 100;

bool is_volatile_or_nested(const Expression& e) {
  if (e.kind == ExpressionKind::Subquery || e.kind == ExpressionKind::SetCall) {
    return true;  // sub-selects are not entered
  }
  return e.kind == ExpressionKind::Call &&
         static_cast<const CallExpression&>(e).function->volatility == Volatility::Volatile;
}

/// Whether a sub-select in FROM can be merged into the query around it.
bool is_simple(const BoundQuery& query) {
  if (query.kind != QueryKind::Select || query.from == nullptr || query.has_aggregates ||
      !query.group_by.empty() || query.having != nullptr || query.has_set_calls || query.distinct ||
      !query.distinct_on.empty() || !query.order_by.empty() || query.limit != nullptr ||
      query.offset != nullptr || !query.row_locks.empty() || !query.ctes.empty()) {
    return false;
  }
  return std::none_of(query.targets.begin(), query.targets.end(), [](const BoundTarget& target) {
    return any_of(*target.expression, is_volatile_or_nested);
  });
}

void collect_nullable(const JoinTree* tree, bool nullable, std::vector<bool>& out) {
  if (tree == nullptr) {
    return;
  }
  if (tree->relation >= 0) {
    out[static_cast<std::size_t>(tree->relation)] = nullable;
    return;
  }
  const bool left = tree->type == ast::JoinType::Right || tree->type == ast::JoinType::Full;
  const bool right = tree->type == ast::JoinType::Left || tree->type == ast::JoinType::Full;
  collect_nullable(tree->left, nullable || left, out);
  collect_nullable(tree->right, nullable || right, out);
}

void add_set_types(const SetCallExpression& call, std::vector<Type>& columns) {
  if (!call.function->column_types.empty()) {
    for (const Oid type : call.function->column_types) {
      columns.push_back({type, -1});
    }
  } else {
    columns.push_back(call.type);
  }
}

void plan_function(PlanContext& context, Leaf& leaf) {
  auto* node = context.make_node<FunctionScanNode>();
  node->alias = leaf.alias;
  node->with_ordinality = leaf.relation->with_ordinality;
  SlotFrame* frame = leaf.frame;
  auto prepare = [&](const Expression& expression) {
    return place(context, *convert(context, expression, *leaf.scope), {}, frame);
  };
  if (leaf.relation->scalar_function != nullptr) {
    node->functions.push_back({.scalar = prepare(*leaf.relation->scalar_function),
                               .columns = {leaf.relation->scalar_function->type}});
    node->rows = 1;
  }
  for (const SetCallExpression* call : leaf.relation->functions) {
    FunctionScanNode::Function function;
    function.call = static_cast<const SetCallExpression*>(prepare(*call));
    add_set_types(*call, function.columns);
    node->functions.push_back(std::move(function));
    node->rows = kFunctionRows;
  }
  leaf.source = node;
}

void plan_cte_reference(PlanContext& context, Leaf& leaf) {
  PlanScope* owner = nullptr;
  PlanScope::Cte& cte = find_cte(*leaf.relation, *leaf.scope, &owner);
  if (cte.work_table >= 0) {
    auto* node = context.make_node<WorkTableScanNode>();
    node->work_table = cte.work_table;
    node->alias = leaf.alias;
    node->rows = kSystemRows;
    leaf.source = node;
    return;
  }
  auto* node = context.make_node<CommonTableScanNode>();
  node->table = plan_cte(context, *owner, cte);
  node->alias = leaf.alias;
  node->rows = node->table->root->rows;
  node->total_cost = node->table->root->total_cost + node->rows * 0.02;
  for (const int slot : node->table->used_slots) {
    context.record_slot(slot);
  }
  leaf.source = node;
}

void plan_subquery(PlanContext& context, Leaf& leaf, const BoundQuery& query) {
  auto* inner = context.make<PlanScope>();
  inner->parent = leaf.scope;
  inner->query = &query;
  inner->frame = leaf.frame != nullptr ? leaf.frame : context.make_frame();
  auto* node = context.make_node<SubqueryScanNode>();
  node->alias = leaf.alias;
  PlanNode* child = plan_bound_query(context, query, *inner).node;
  node->children = {child};
  node->rows = child->rows;
  node->startup_cost = child->startup_cost;
  node->total_cost = child->total_cost;
  leaf.source = node;
}

void plan_values_leaf(PlanContext& context, Leaf& leaf) {
  auto* node = context.make_node<ValuesNode>();
  node->alias = leaf.alias;
  for (const ExpressionList& row : leaf.relation->values) {
    ExpressionList converted;
    for (const Expression* value : row) {
      converted.push_back(place(context, *convert(context, *value, *leaf.scope), {}, leaf.frame));
    }
    node->values.push_back(std::move(converted));
  }
  node->rows = static_cast<double>(node->values.size());
  node->total_cost = node->rows * 0.0125;
  leaf.source = node;
}

void plan_system(PlanContext& context, Leaf& leaf) {
  auto* node = context.make_node<SystemScanNode>();
  node->relation = leaf.relation->system;
  node->alias = leaf.alias;
  for (std::size_t i = 0; i < leaf.relation->columns.size(); ++i) {
    node->columns.push_back(static_cast<int>(i));
  }
  node->columns.push_back(kTableOidColumn);
  node->rows = kSystemRows;
  node->total_cost = 10;
  leaf.source = node;
}

}  // namespace

void plan_leaf_source(PlanContext& context, Leaf& leaf) {
  const Relation& relation = *leaf.relation;
  switch (relation.kind) {
    case RelationKind::Table:
      leaf.rows = table_rows(context, *relation.table);
      return;
    case RelationKind::System:
      plan_system(context, leaf);
      break;
    case RelationKind::Subquery:
      plan_subquery(context, leaf, *relation.query);
      break;
    case RelationKind::Function:
      plan_function(context, leaf);
      break;
    case RelationKind::CommonTable:
      plan_cte_reference(context, leaf);
      break;
    case RelationKind::Values:
      plan_values_leaf(context, leaf);
      break;
  }
  PlanNode& node = *leaf.source;
  for (const RelationColumn& column : relation.columns) {
    node.column_types.push_back(column.type);
  }
  if (relation.kind == RelationKind::System) {
    node.column_types.push_back({type_oid::kInt8, -1});
  }
  for (const Type& type : node.column_types) {
    node.output_types.push_back(type_info(type.oid).physical);
  }
  node.width = estimated_width(node.column_types);
  node.total_cost = std::max(node.total_cost, node.rows * 0.01);
  leaf.rows = std::max(node.rows, 1.0);
}

void add_sources(PlanContext& context, const BoundQuery& query, PlanScope& scope,
                 std::vector<Leaf*>& leaves) {
  std::vector<bool> nullable(query.relations.size(), false);
  collect_nullable(query.from, false, nullable);
  scope.sources.resize(query.relations.size());
  for (std::size_t i = 0; i < query.relations.size(); ++i) {
    const Relation& relation = *query.relations[i];
    PlanScope::Source& source = scope.sources[i];
    const BoundQuery* merged = nullptr;
    if (relation.kind == RelationKind::Subquery) {
      merged = relation.query;
    } else if (relation.kind == RelationKind::CommonTable) {
      PlanScope* owner = nullptr;
      const PlanScope::Cte& cte = find_cte(relation, scope, &owner);
      if (owner == &scope && cte.work_table < 0 && can_inline(*cte.table)) {
        merged = cte.table->query;
      }
    }
    if (merged != nullptr && !nullable[i] && is_simple(*merged)) {
      auto* inner = context.make<PlanScope>();
      inner->parent = &scope;
      inner->query = merged;
      add_sources(context, *merged, *inner, leaves);
      for (std::size_t t = 0; t < visible_target_count(*merged); ++t) {
        source.flattened.push_back(convert(context, *merged->targets[t].expression, *inner));
      }
      source.is_flattened = true;
      source.flattened_scope = inner;
      continue;
    }
    Leaf* leaf = context.make_leaf(relation, scope);
    source.leaf = leaf;
    if (relation.lateral) {
      leaf->frame = context.make_frame();
    }
    plan_leaf_source(context, *leaf);
    leaves.push_back(leaf);
    if (leaf->frame != nullptr) {
      for (const SlotFrame::Entry& entry : leaf->frame->entries) {
        note_columns(*entry.value, leaves);
      }
    }
  }
}

}  // namespace omen::sql
