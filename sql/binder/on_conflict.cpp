#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {

/// The unique indexes over exactly the named columns, or the one of the named constraint.
std::vector<Oid> StatementBinder::infer_arbiters(const ast::OnConflict& node,
                                                 const engine::Table& table) const {
  const std::vector<const engine::Index*> indexes = state_.catalog().indexes_of(table.oid);
  if (!node.constraint.empty()) {
    for (const engine::Index* index : indexes) {
      if (index->constraint_oid != 0 && index->name == node.constraint) {
        return {index->oid};
      }
    }
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("constraint \"{}\" for table \"{}\" does not exist", node.constraint,
                               table.name));
  }
  if (node.target_columns.empty()) {
    if (node.do_update) {
      throw SqlError(sqlstate::kSyntaxError,
                     "ON CONFLICT DO UPDATE requires inference specification or constraint name")
          .hint("For example, ON CONFLICT (column_name).")
          .at(node.location);
    }
    return {};
  }
  std::vector<int> wanted;
  for (const ast::Expr* target : node.target_columns) {
    const bool is_column = target->kind == ast::ExprKind::ColumnRef &&
                           ast::as<ast::ColumnRef>(*target).names.size() == 1;
    if (!is_column) {
      unsupported("an expression in ON CONFLICT", target->location);
    }
    const std::string& name = ast::as<ast::ColumnRef>(*target).names[0];
    const auto found = std::find_if(
        table.columns.begin(), table.columns.end(),
        [&](const engine::Column& column) { return !column.dropped && column.name == name; });
    if (found == table.columns.end()) {
      throw SqlError(sqlstate::kUndefinedColumn, fmt::format("column \"{}\" does not exist", name))
          .at(target->location);
    }
    wanted.push_back(static_cast<int>(found - table.columns.begin()));
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<Oid> out;
  for (const engine::Index* index : indexes) {
    if (!index->unique) {
      continue;
    }
    std::vector<int> keys;
    for (std::size_t i = 0; i < index->key_column_count; ++i) {
      keys.push_back(index->columns[i].column);
    }
    std::sort(keys.begin(), keys.end());
    if (keys == wanted) {
      out.push_back(index->oid);
    }
  }
  if (out.empty()) {
    throw SqlError(
        sqlstate::kInvalidColumnReference,
        "there is no unique or exclusion constraint matching the ON CONFLICT specification");
  }
  return out;
}

void StatementBinder::bind_on_conflict(const ast::OnConflict& node, const engine::Table& table,
                                       BoundQuery& out) {
  auto* conflict = state_.make<BoundOnConflict>();
  conflict->do_update = node.do_update;
  conflict->arbiter_indexes = infer_arbiters(node, table);
  if (node.target_where != nullptr) {
    // only partial indexes need it; the condition must still make sense
    const PlaceGuard place(*this, Place::Where);
    to_boolean(bind(*node.target_where), "WHERE");
  }
  out.on_conflict = conflict;
  if (!node.do_update) {
    return;
  }
  Relation* excluded = table_relation(table);
  excluded->alias = "excluded";
  ast::FromTable no_alias;
  FromResult result = add_relation(excluded, no_alias, {});
  out.excluded_relation = result.tree->relation;
  scope_->items.push_back(std::move(result.items[0]));
  conflict->assignments = bind_assignments(node.assignments, table);
  if (node.where != nullptr) {
    const PlaceGuard place(*this, Place::Where);
    conflict->where = to_boolean(bind(*node.where), "WHERE");
  }
  scope_->items.pop_back();
}

}  // namespace omen::sql
