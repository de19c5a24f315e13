#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"
#include "sql/parser/parser.h"

namespace omen::sql {

constexpr SqlState kGeneratedAlways = "428C9";

const engine::Table& StatementBinder::target_table(const ast::FromTable& node) {
  const FoundRelation found =
      find_any_relation(state_.catalog(), state_.context().search_path, node.name);
  if (!found) {
    undefined_relation(node.name, node.location);
  }
  if (found.system != nullptr) {
    throw SqlError(
        sqlstate::kInsufficientPrivilege,
        fmt::format("permission denied: \"{}\" is a system catalog", found.system->name));
  }
  const auto* table = std::get_if<engine::Table>(found.entry);
  if (table == nullptr) {
    if (std::holds_alternative<engine::Sequence>(*found.entry)) {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("cannot change sequence \"{}\"", node.name.back()));
    }
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("cannot open relation \"{}\"", node.name.back()))
        .detail("This operation is not supported for indexes.")
        .at(node.location);
  }
  return *table;
}

int StatementBinder::add_target_relation(const engine::Table& table, const ast::FromTable& node,
                                         BoundQuery& out) {
  Relation* relation = table_relation(table);
  std::string schema;
  if (!node.alias.empty()) {
    relation->alias = node.alias;
  } else if (const auto* owner = state_.catalog().get<engine::Schema>(table.schema_oid);
             owner != nullptr) {
    schema = owner->name;
  }
  FromResult result = add_relation(relation, node, std::move(schema));
  out.target_relation = result.tree->relation;
  if (out.kind != QueryKind::Insert) {
    out.from = result.tree;
  }
  scope_->items.push_back(std::move(result.items[0]));
  return out.target_relation;
}

int StatementBinder::column_index(const engine::Table& table, const std::string& name,
                                  int location) const {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].dropped && table.columns[i].name == name) {
      return static_cast<int>(i);
    }
  }
  if (name == "ctid" || name == "xmin" || name == "tableoid") {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format("cannot assign to system column \"{}\"", name))
        .at(location);
  }
  throw SqlError(sqlstate::kUndefinedColumn,
                 fmt::format("column \"{}\" of relation \"{}\" does not exist", name, table.name))
      .at(location);
}

Expression* StatementBinder::identity_value(const engine::Table& table, int position) {
  const auto wanted = static_cast<std::uint16_t>(position);
  for (const engine::CatalogEntry* entry : state_.catalog().entries()) {
    const auto* sequence = std::get_if<engine::Sequence>(entry);
    if (sequence == nullptr || sequence->owner_table_oid != table.oid ||
        sequence->owner_column != wanted) {
      continue;
    }
    auto* oid = state_.make<ConstantExpression>(Type{type_oid::kRegclass, -1});
    oid->value = static_cast<std::int64_t>(sequence->oid);
    return call_named("nextval", {oid}, -1);
  }
  internal_error(fmt::format("no sequence for identity column \"{}\"",
                             table.columns[static_cast<std::size_t>(position)].name));
}

/// What a column gets when nothing is given: never nullptr.
Expression* StatementBinder::default_value(const engine::Table& table, int position) {
  const engine::Column& column = table.columns[static_cast<std::size_t>(position)];
  const Type type{column.type_oid, column.type_modifier};
  if (column.default_sql.empty() && column.identity == engine::Identity::None) {
    return null_constant(state_, type, -1);
  }
  Scope scope;  // a default sees no columns and no outer names
  scope.parent = scope_;
  scope.barrier = true;
  scope.place = Place::Default;
  Expression* value = nullptr;
  if (column.default_sql.empty()) {
    Scope* before = std::exchange(scope_, &scope);
    value = identity_value(table, position);
    scope_ = before;
  } else {
    value = bind_stored(column.default_sql, scope);
  }
  return coerce_for_assignment(state_, value, type, column.name);
}

Expression* StatementBinder::bind_stored(const std::string& sql, Scope& scope) {
  Scope* before = std::exchange(scope_, &scope);
  try {
    const ParsedText parsed = parse("SELECT " + sql);
    const auto& select = ast::as<ast::SelectStatement>(*parsed.statements.at(0));
    Expression* out = bind(*select.targets.at(0)->expression);
    out->location = -1;
    scope_ = before;
    return out;
  } catch (SqlError& error) {
    error.set_location(-1);
    throw;
  }
}

std::vector<BoundAssignment> StatementBinder::bind_assignments(
    const std::vector<ast::Assignment*>& list, const engine::Table& table) {
  std::vector<BoundAssignment> out;
  const PlaceGuard place(*this, Place::Update);
  std::vector<Expression*> values;  // all of them before any column, as errors are told
  for (const ast::Assignment* node : list) {
    values.push_back(node->expression->kind == ast::ExprKind::Default ? nullptr
                                                                      : bind(*node->expression));
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ast::Assignment* node = list[i];
    BoundAssignment assignment;
    assignment.column = column_index(table, node->column, node->location);
    if (std::any_of(out.begin(), out.end(), [&](const BoundAssignment& other) {
          return other.column == assignment.column;
        })) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("multiple assignments to same column \"{}\"", node->column));
    }
    const engine::Column& column = table.columns[static_cast<std::size_t>(assignment.column)];
    if (values[i] == nullptr) {
      assignment.expression = default_value(table, assignment.column);
    } else {
      if (column.identity == engine::Identity::Always) {
        throw SqlError(kGeneratedAlways,
                       fmt::format("column \"{}\" can only be updated to DEFAULT", column.name))
            .detail(fmt::format("Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
                                column.name));
      }
      assignment.expression = coerce_for_assignment(
          state_, values[i], {column.type_oid, column.type_modifier}, column.name);
    }
    out.push_back(assignment);
  }
  return out;
}

void StatementBinder::bind_returning(const std::vector<ast::Target*>& list, BoundQuery& out) {
  if (list.empty()) {
    return;
  }
  const PlaceGuard place(*this, Place::Returning);
  out.returning = bind_targets(list);
  for (BoundTarget& target : out.returning) {
    target.expression = resolve_unknown(state_, target.expression);
  }
}

void StatementBinder::bind_checks(const engine::Table& table, BoundQuery& out) {
  if (table.checks.empty()) {
    return;
  }
  Scope scope;  // sees the target's columns alone
  scope.parent = scope_;
  scope.query = scope_->query;
  scope.barrier = true;
  scope.place = Place::Check;
  NamespaceItem item;
  item.alias = table.name;
  item.relation = out.target_relation;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].dropped) {
      auto* column = state_.make<ColumnExpression>(
          Type{table.columns[i].type_oid, table.columns[i].type_modifier});
      column->relation = out.target_relation;
      column->column = static_cast<int>(i);
      item.columns.push_back({table.columns[i].name, column});
    }
  }
  scope.items.push_back(std::move(item));
  for (const engine::CheckConstraint& check : table.checks) {
    out.checks.push_back(to_boolean(bind_stored(check.expression_sql, scope), "CHECK"));
    out.check_names.push_back(check.name);
  }
}

BoundQuery* StatementBinder::bind_update(const ast::UpdateStatement& node) {
  auto* out = state_.make<BoundQuery>();
  out->kind = QueryKind::Update;
  const ScopeGuard guard(*this, out);
  bind_with(node.with, *out);
  const engine::Table& table = target_table(*node.table);
  add_target_relation(table, *node.table, *out);
  bind_from(node.from, *out);
  if (node.where != nullptr) {
    const PlaceGuard place(*this, Place::Where);
    out->where = to_boolean(bind(*node.where), "WHERE");
  }
  out->assignments = bind_assignments(node.assignments, table);
  bind_returning(node.returning, *out);
  bind_checks(table, *out);
  return out;
}

BoundQuery* StatementBinder::bind_delete(const ast::DeleteStatement& node) {
  auto* out = state_.make<BoundQuery>();
  out->kind = QueryKind::Delete;
  const ScopeGuard guard(*this, out);
  bind_with(node.with, *out);
  add_target_relation(target_table(*node.table), *node.table, *out);
  bind_from(node.using_items, *out);
  if (node.where != nullptr) {
    const PlaceGuard place(*this, Place::Where);
    out->where = to_boolean(bind(*node.where), "WHERE");
  }
  bind_returning(node.returning, *out);
  return out;
}

}  // namespace omen::sql
