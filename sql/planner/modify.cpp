#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

ExpressionList table_layout(PlanContext& context, const Leaf& leaf) {
  ExpressionList layout;
  for (std::size_t i = 0; i < leaf.relation->columns.size(); ++i) {
    layout.push_back(leaf_column(context, leaf, static_cast<int>(i)));
  }
  return layout;
}

/// Plans one INSERT, UPDATE or DELETE.
class ModifyPlanner {
 public:
  ModifyPlanner(PlanContext& context, const BoundQuery& query, PlanScope& scope)
      : context_(context), query_(query), scope_(scope) {}

  Planned plan() {
    const Relation& target = *query_.relations.at(static_cast<std::size_t>(query_.target_relation));
    context_.note_lock(target.table->oid, engine::TableLock::RowExclusive);
    switch (query_.kind) {
      case QueryKind::Insert:
        return plan_insert(target);
      case QueryKind::Update:
        return plan_update(target);
      default:
        return plan_delete(target);
    }
  }

 private:
  Leaf* plain_leaf(int relation) {
    const auto number = static_cast<std::size_t>(relation);
    Leaf* leaf = context_.make_leaf(*query_.relations.at(number), scope_);
    if (scope_.sources.size() <= number) {
      scope_.sources.resize(number + 1);
    }
    scope_.sources[number].leaf = leaf;
    return leaf;
  }

  void describe(ModifyNode& node, const Relation& target) {
    node.table = target.table;
    node.alias = target.alias;
    const auto* schema = context_.catalog().get<engine::Schema>(target.table->schema_oid);
    node.schema_name = schema == nullptr ? "" : schema->name;
  }

  Planned finish(ModifyNode& node, const ExpressionList& returning) {
    Planned plan{.node = &node, .layout = returning};
    set_output(node, returning);
    const PlanNode& child = *node.children[0];
    node.startup_cost = child.startup_cost;
    node.total_cost = child.total_cost;
    node.rows = returning.empty() ? 0 : child.rows;
    return plan;
  }

  ExpressionList convert_returning() {
    ExpressionList returning;
    for (const BoundTarget& target : query_.returning) {
      returning.push_back(convert(context_, *target.expression, scope_));
    }
    return returning;
  }

  ExpressionList convert_checks() {
    ExpressionList checks;
    for (const Expression* check : query_.checks) {
      checks.push_back(convert(context_, *check, scope_));
    }
    return checks;
  }

  Planned plan_insert(const Relation& target) {
    auto* node = context_.make_node<InsertNode>();
    describe(*node, target);
    const Leaf* target_leaf = plain_leaf(query_.target_relation);
    ExpressionList source_layout;
    if (query_.source != nullptr) {
      auto* inner = context_.make<PlanScope>();
      inner->parent = &scope_;
      inner->query = query_.source;
      inner->frame = context_.make_frame();
      node->children = {plan_bound_query(context_, *query_.source, *inner).node};
      source_layout = table_layout(context_, *plain_leaf(query_.source_relation));
    } else {
      node->children = {context_.make_node<ResultNode>()};
    }
    for (const Expression* value : query_.insert_values) {
      node->values.push_back(
          value == nullptr ? nullptr
                           : place(context_, *convert(context_, *value, scope_), source_layout));
    }
    const ExpressionList row = table_layout(context_, *target_leaf);
    if (query_.on_conflict != nullptr) {
      plan_conflict(*node, row);
    }
    node->checks.conditions = place_all(context_, convert_checks(), row);
    node->checks.names = query_.check_names;
    const ExpressionList returning = convert_returning();
    node->returning = place_all(context_, returning, row);
    return finish(*node, returning);
  }

  void plan_conflict(InsertNode& node, const ExpressionList& row) {
    const BoundOnConflict& conflict = *query_.on_conflict;
    node.has_conflict_clause = true;
    node.do_update = conflict.do_update;
    node.arbiters = conflict.arbiter_indexes;
    for (const Oid oid : conflict.arbiter_indexes) {
      const auto* index = context_.catalog().get<engine::Index>(oid);
      node.arbiter_names.push_back(index == nullptr ? "" : index->name);
    }
    if (!conflict.do_update) {
      return;
    }
    ExpressionList both = row;
    const ExpressionList proposed = table_layout(context_, *plain_leaf(query_.excluded_relation));
    both.insert(both.end(), proposed.begin(), proposed.end());
    for (const BoundAssignment& assignment : conflict.assignments) {
      node.update_columns.push_back(assignment.column);
      node.update_values.push_back(
          place(context_, *convert(context_, *assignment.expression, scope_), both));
    }
    if (conflict.where != nullptr) {
      node.update_condition = place(context_, *convert(context_, *conflict.where, scope_), both);
    }
  }

  /// Converts FROM and WHERE of UPDATE and DELETE.
  void prepare_rows() {
    add_sources(context_, query_, scope_, leaves_);
    target_ = scope_.sources.at(static_cast<std::size_t>(query_.target_relation)).leaf;
    if (query_.where != nullptr) {
      split_conjuncts(context_, convert(context_, *query_.where, scope_), conditions_);
    }
  }

  /// Plans them, with the columns that the lists read and what finding a row again takes.
  Planned plan_rows(const std::vector<ExpressionList>& read) {
    note_columns(*leaf_column(context_, *target_, engine::kRowIdColumn), leaves_);
    note_columns(*leaf_column(context_, *target_, engine::kXidColumn), leaves_);
    for (const ExpressionList& list : read) {
      for (const Expression* expression : list) {
        note_columns(*expression, leaves_);
      }
    }
    for (const Expression* condition : conditions_) {
      note_columns(*condition, leaves_);
    }
    return plan_join_tree(context_, query_.from, scope_, conditions_, leaves_, nullptr).plan;
  }

  Planned plan_update(const Relation& target) {
    auto* node = context_.make_node<UpdateNode>();
    describe(*node, target);
    prepare_rows();
    ExpressionList values;
    for (const BoundAssignment& assignment : query_.assignments) {
      node->columns.push_back(assignment.column);
      values.push_back(convert(context_, *assignment.expression, scope_));
    }
    const ExpressionList checks = convert_checks();
    const ExpressionList returning = convert_returning();
    const Planned rows = plan_rows({values, checks, returning});
    node->children = {rows.node};
    node->target = make_target_row(context_, *target_, rows.layout, conditions_);
    node->values = place_all(context_, values, rows.layout);
    node->checks.conditions = place_all(context_, checks, rows.layout);
    node->checks.names = query_.check_names;
    node->returning = place_all(context_, returning, rows.layout);
    return finish(*node, returning);
  }

  Planned plan_delete(const Relation& target) {
    auto* node = context_.make_node<DeleteNode>();
    describe(*node, target);
    prepare_rows();
    const ExpressionList returning = convert_returning();
    const Planned rows = plan_rows({returning});
    node->children = {rows.node};
    node->target = make_target_row(context_, *target_, rows.layout, conditions_);
    node->returning = place_all(context_, returning, rows.layout);
    return finish(*node, returning);
  }

  PlanContext& context_;
  const BoundQuery& query_;
  PlanScope& scope_;
  std::vector<Leaf*> leaves_;
  ExpressionList conditions_;
  Leaf* target_ = nullptr;
};

}  // namespace

TargetRow make_target_row(PlanContext& context, const Leaf& leaf, const ExpressionList& layout,
                          const ExpressionList& conditions) {
  TargetRow row;
  row.table = leaf.relation->table;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (layout[i]->kind != ExpressionKind::Column) {
      continue;
    }
    const auto& column = static_cast<const PlannedColumn&>(*layout[i]);
    if (column.source != PlannedColumn::Source::Leaf || column.relation != leaf.number) {
      continue;
    }
    const int position = static_cast<int>(i);
    row.table_columns.push_back(column.column);
    row.positions.push_back(position);
    if (column.column == engine::kRowIdColumn) {
      row.row_id_position = position;
    } else if (column.column == engine::kXidColumn) {
      row.xid_position = position;
    }
  }
  row.recheck = place_all(context, conditions, layout);
  return row;
}

Planned plan_modify(PlanContext& context, const BoundQuery& query, PlanScope& scope) {
  scope.sources.resize(query.relations.size());
  return ModifyPlanner(context, query, scope).plan();
}

}  // namespace omen::sql
