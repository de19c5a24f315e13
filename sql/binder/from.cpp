#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"
#include "sql/parser/parser.h"

namespace omen::sql {
namespace {

void append(std::vector<NamespaceItem>& to, std::vector<NamespaceItem> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void StatementBinder::check_alias(const std::vector<NamespaceItem>& items,
                                  const std::vector<NamespaceItem>& added) const {
  for (const NamespaceItem& item : added) {
    for (const NamespaceItem& other : items) {
      const bool same = item.alias_visible && other.alias_visible && !item.alias.empty() &&
                        item.alias == other.alias;
      const bool other_schema =
          !item.schema.empty() && !other.schema.empty() && item.schema != other.schema;
      if (same && !other_schema) {
        throw SqlError(sqlstate::kDuplicateAlias,
                       fmt::format("table name \"{}\" specified more than once", item.alias));
      }
    }
  }
}

void StatementBinder::bind_from(const std::vector<ast::FromItem*>& list, BoundQuery& out) {
  for (const ast::FromItem* item : list) {
    scope_->building_from = true;
    FromResult result = from_item(*item);
    check_alias(scope_->items, result.items);
    append(scope_->items, std::move(result.items));
    if (out.from == nullptr) {
      out.from = result.tree;
      continue;
    }
    auto* cross = state_.make<JoinTree>();
    cross->left = out.from;
    cross->right = result.tree;
    out.from = cross;
  }
  scope_->building_from = false;
}

StatementBinder::FromResult StatementBinder::from_item(const ast::FromItem& node) {
  switch (node.kind) {
    case ast::FromKind::Table:
      return from_table(ast::as<ast::FromTable>(node));
    case ast::FromKind::Subquery:
      return from_subquery(ast::as<ast::FromSubquery>(node));
    case ast::FromKind::Function:
      return from_function(ast::as<ast::FromFunction>(node));
    case ast::FromKind::Join:
      return from_join(ast::as<ast::FromJoin>(node));
  }
  internal_error("unknown kind of FROM item");
}

/// Makes the relation one of the query's and gives its columns their (alias) names.
StatementBinder::FromResult StatementBinder::add_relation(Relation* relation,
                                                          const ast::FromItem& node,
                                                          std::string schema) {
  std::size_t visible = 0;
  for (const RelationColumn& column : relation->columns) {
    visible += column.hidden ? 0 : 1;
  }
  if (node.column_aliases.size() > visible) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   fmt::format("table \"{}\" has {} columns available but {} columns specified",
                               relation->alias, visible, node.column_aliases.size()));
  }
  FromResult out;
  out.tree = state_.make<JoinTree>();
  out.tree->relation = static_cast<int>(scope_->query->relations.size());
  NamespaceItem item;
  item.alias = relation->alias;
  item.schema = std::move(schema);
  item.relation = out.tree->relation;
  std::size_t alias_index = 0;
  for (std::size_t i = 0; i < relation->columns.size(); ++i) {
    RelationColumn& column = relation->columns[i];
    if (column.hidden) {
      continue;
    }
    if (alias_index < node.column_aliases.size()) {
      column.name = node.column_aliases[alias_index];
    }
    ++alias_index;
    auto* expression = state_.make<ColumnExpression>(column.type);
    expression->relation = item.relation;
    expression->column = static_cast<int>(i);
    item.columns.push_back({column.name, expression});
  }
  scope_->query->relations.push_back(relation);
  out.items.push_back(std::move(item));
  return out;
}

Relation* StatementBinder::table_relation(const engine::Table& table) {
  auto* relation = state_.make<Relation>();
  relation->kind = RelationKind::Table;
  relation->alias = table.name;
  relation->table = &table;
  for (const engine::Column& column : table.columns) {
    relation->columns.push_back(
        {column.name, {column.type_oid, column.type_modifier}, column.dropped});
  }
  return relation;
}

/// A system view is its SELECT, bound apart from the names of the query around it.
Relation* StatementBinder::system_relation(const SystemRelation& system) {
  auto* relation = state_.make<Relation>();
  relation->alias = std::string(system.name);
  if (system.view_sql.empty()) {
    relation->kind = RelationKind::System;
    relation->system = &system;
    for (const SystemColumn& column : system.columns) {
      relation->columns.push_back({std::string(column.name), {column.type, -1}, false});
    }
    return relation;
  }
  const ParsedText parsed = parse(system.view_sql);
  static const std::vector<std::string> kViewSearchPath{"pg_catalog"};
  std::vector<Oid> no_parameters;
  BindContext context{state_.context().arena, state_.catalog(), kViewSearchPath,
                      state_.context().eval, no_parameters};
  StatementBinder view(context);
  relation->kind = RelationKind::Subquery;
  relation->query = view.bind_statement(*parsed.statements.at(0));
  std::size_t position = 0;
  for (const BoundTarget& target : relation->query->targets) {
    if (target.hidden) {
      continue;
    }
    std::string name =
        position < system.columns.size() ? std::string(system.columns[position].name) : target.name;
    relation->columns.push_back({std::move(name), target.expression->type, false});
    ++position;
  }
  return relation;
}

StatementBinder::FromResult StatementBinder::from_table(const ast::FromTable& node) {
  if (node.name.size() == 1) {
    int index = 0;
    int levels = 0;
    if (CommonTable* table = find_cte(node.name[0], &index, &levels); table != nullptr) {
      return from_cte(node, *table, index, levels);
    }
  }
  const FoundRelation found =
      find_any_relation(state_.catalog(), state_.context().search_path, node.name);
  if (!found) {
    undefined_relation(node.name, node.location);
  }
  Relation* relation = nullptr;
  std::string schema;
  if (found.system != nullptr) {
    relation = system_relation(*found.system);
    schema = found.system->schema_oid == engine::kPgCatalogSchemaOid ? "pg_catalog"
                                                                     : "information_schema";
  } else {
    const auto* table = std::get_if<engine::Table>(found.entry);
    if (table == nullptr) {
      if (std::holds_alternative<engine::Sequence>(*found.entry)) {
        unsupported("selecting from a sequence", node.location);
      }
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("cannot open relation \"{}\"", node.name.back()))
          .detail("This operation is not supported for indexes.")
          .at(node.location);
    }
    relation = table_relation(*table);
    const auto* owner = state_.catalog().get<engine::Schema>(table->schema_oid);
    schema = owner == nullptr ? "" : owner->name;
  }
  if (!node.alias.empty()) {
    relation->alias = node.alias;
    schema.clear();
  }
  return add_relation(relation, node, std::move(schema));
}

StatementBinder::FromResult StatementBinder::from_cte(const ast::FromTable& node,
                                                      CommonTable& table, int index, int levels) {
  if (table.query != nullptr && is_modifying(*table.query) && table.query->returning.empty()) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("WITH query \"{}\" does not have a RETURNING clause", table.name))
        .at(node.location);
  }
  auto* relation = state_.make<Relation>();
  relation->kind = RelationKind::CommonTable;
  relation->alias = node.alias.empty() ? node.name[0] : node.alias;
  relation->columns = table.columns;
  relation->common_table = index;
  relation->common_table_levels_up = levels;
  ++table.reference_count;
  return add_relation(relation, node, {});
}

StatementBinder::FromResult StatementBinder::from_subquery(const ast::FromSubquery& node) {
  auto* relation = state_.make<Relation>();
  relation->kind = RelationKind::Subquery;
  relation->alias = node.alias;
  const bool before = std::exchange(scope_->lateral_active, node.lateral);
  OuterUse use;
  relation->query = bind_select(*node.query, {}, &use);
  relation->lateral = use.parent;
  scope_->lateral_active = before;
  for (const BoundTarget& target : relation->query->targets) {
    if (!target.hidden) {
      relation->columns.push_back({target.name, target.expression->type, false});
    }
  }
  return add_relation(relation, node, {});
}

void StatementBinder::function_columns(Relation& relation, const ast::FromFunction& node,
                                       const ast::Expr& call, Expression& bound) {
  const FunctionDef* function = bound.kind == ExpressionKind::SetCall
                                    ? static_cast<const SetCallExpression&>(bound).function
                                    : nullptr;
  if (function != nullptr && !function->column_names.empty()) {
    const bool single = function->column_names.size() == 1;
    for (std::size_t i = 0; i < function->column_names.size(); ++i) {
      Oid type = function->column_types[i];
      if (is_polymorphic(type)) {
        type = bound.type.oid;
      }
      std::string name(function->column_names[i]);
      relation.columns.push_back(
          {single && !node.alias.empty() ? node.alias : name, {type, -1}, false});
    }
    return;
  }
  if (bound.type.oid == type_oid::kRecord) {
    throw SqlError(sqlstate::kSyntaxError,
                   "a column definition list is required for functions returning \"record\"")
        .at(call.location);
  }
  const bool alone = node.functions.size() == 1;
  relation.columns.push_back(
      {alone && !node.alias.empty() ? node.alias : derived_name(call), bound.type, false});
}

StatementBinder::FromResult StatementBinder::from_function(const ast::FromFunction& node) {
  auto* relation = state_.make<Relation>();
  relation->kind = RelationKind::Function;
  relation->alias = node.alias.empty() ? derived_name(*node.functions[0]) : node.alias;
  relation->with_ordinality = node.with_ordinality;
  const bool before = std::exchange(scope_->lateral_active, true);
  const bool set_calls_before = scope_->has_set_calls;
  {
    const PlaceGuard place(*this, Place::FromFunction);
    for (const ast::Expr* call : node.functions) {
      Expression* bound = resolve_unknown(state_, bind(*call));
      function_columns(*relation, node, *call, *bound);
      if (bound->kind == ExpressionKind::SetCall) {
        relation->functions.push_back(static_cast<SetCallExpression*>(bound));
      } else if (node.functions.size() == 1) {
        relation->scalar_function = bound;
      } else {
        unsupported("ROWS FROM with a function that returns one value", call->location);
      }
      relation->lateral = relation->lateral || contains_own_column(*bound);
    }
  }
  scope_->lateral_active = before;
  scope_->has_set_calls = set_calls_before;
  if (node.with_ordinality) {
    relation->columns.push_back({"ordinality", {type_oid::kInt8, -1}, false});
  }
  return add_relation(relation, node, {});
}

}  // namespace omen::sql
