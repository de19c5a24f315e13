#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {

BoundQuery* StatementBinder::bind_select(const ast::SelectStatement& node, SelectOptions options,
                                         OuterUse* use) {
  auto* out = state_.make<BoundQuery>();
  ScopeGuard guard(*this, out);
  bind_with(node.with, *out);
  if (node.set_operation != ast::SetOperation::None) {
    bind_set_operation(node, *out);
  } else if (!node.values.empty()) {
    bind_values(node, *out);
  } else {
    bind_plain_select(node, *out);
  }
  if (!options.keep_unknown) {
    resolve_unknown_targets(*out);
  }
  if (node.set_operation != ast::SetOperation::None || !node.values.empty()) {
    bind_order_by(node, *out);
  }
  out->limit = bind_limit(node.limit, Place::Limit);
  out->offset = bind_limit(node.offset, Place::Offset);
  bind_locking(node, *out);
  if (out->kind == QueryKind::Select) {
    out->has_aggregates =
        guard.scope.has_aggregates || !out->group_by.empty() || out->having != nullptr;
    out->has_set_calls = guard.scope.has_set_calls;
    if (out->has_aggregates) {
      check_grouping(*out);
    }
  }
  if (use != nullptr) {
    use->any = guard.scope.refers_outer;
    use->parent = guard.scope.refers_parent;
  }
  return out;
}

void StatementBinder::bind_plain_select(const ast::SelectStatement& node, BoundQuery& out) {
  bind_from(node.from, out);
  out.targets = bind_targets(node.targets);
  if (node.where != nullptr) {
    const PlaceGuard place(*this, Place::Where);
    out.where = to_boolean(bind(*node.where), "WHERE");
  }
  if (node.having != nullptr) {
    const PlaceGuard place(*this, Place::Having);
    out.having = to_boolean(bind(*node.having), "HAVING");
  }
  bind_order_by(node, out);
  bind_group_by(node, out);
  bind_distinct(node, out);
}

std::vector<BoundTarget> StatementBinder::bind_targets(const std::vector<ast::Target*>& targets) {
  std::vector<BoundTarget> out;
  out.reserve(targets.size());
  for (const ast::Target* node : targets) {
    if (node->expression->kind == ast::ExprKind::ColumnRef &&
        ast::as<ast::ColumnRef>(*node->expression).star) {
      for (BoundTarget& target : expand_star(ast::as<ast::ColumnRef>(*node->expression))) {
        out.push_back(std::move(target));
      }
      continue;
    }
    BoundTarget target;
    target.expression = bind(*node->expression);
    target.name = node->alias.empty() ? derived_name(*node->expression) : node->alias;
    set_origin(target);
    out.push_back(std::move(target));
  }
  return out;
}

/// The table column an output column shows, for RowDescription.
void StatementBinder::set_origin(BoundTarget& target) const {
  if (target.expression->kind != ExpressionKind::Column) {
    return;
  }
  const auto& column = static_cast<const ColumnExpression&>(*target.expression);
  const Scope* scope = scope_;
  for (int i = 0; i < column.levels_up; ++i) {
    scope = scope->parent;
  }
  if (scope->query == nullptr || column.column < 0) {
    return;
  }
  const Relation& relation = *scope->query->relations[static_cast<std::size_t>(column.relation)];
  const auto from_query = [&](const BoundQuery& query) {
    const BoundTarget& origin = query.targets[static_cast<std::size_t>(column.column)];
    target.table_oid = origin.table_oid;
    target.column_number = origin.column_number;
  };
  switch (relation.kind) {
    case RelationKind::Table:
      target.table_oid = relation.table->oid;
      target.column_number = static_cast<std::int16_t>(column.column + 1);
      break;
    case RelationKind::System:
      target.table_oid = relation.system->oid;
      target.column_number = static_cast<std::int16_t>(column.column + 1);
      break;
    case RelationKind::Subquery:
      if (relation.query != nullptr) {
        from_query(*relation.query);
      }
      break;
    default:
      break;
  }
}

void StatementBinder::resolve_unknown_targets(BoundQuery& query) {
  for (std::size_t i = 0; i < query.targets.size(); ++i) {
    if (!query.targets[i].hidden && is_unknown(*query.targets[i].expression)) {
      coerce_column(query, i, {{type_oid::kText, -1}, CastContext::Implicit, -1});
    }
  }
}

std::size_t StatementBinder::visible_count(const BoundQuery& query) {
  return static_cast<std::size_t>(
      std::count_if(query.targets.begin(), query.targets.end(),
                    [](const BoundTarget& target) { return !target.hidden; }));
}

Expression* StatementBinder::bind_limit(const ast::Expr* node, Place place) {
  if (node == nullptr) {
    return nullptr;
  }
  const PlaceGuard guard(*this, place);
  Expression* value = bind(*node);
  if (contains_own_column(*value)) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   fmt::format("argument of {} must not contain variables", place_name(place)))
        .at(start_of(*value));
  }
  const Oid source = value->type.oid;
  Expression* converted =
      try_coerce(state_, value, {{type_oid::kInt8, -1}, CastContext::Assignment, value->location});
  if (converted == nullptr) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("argument of {} must be type bigint, not type {}", place_name(place),
                               type_text(source)))
        .at(start_of(*value));
  }
  return converted;
}

std::string_view lock_strength_name(ast::LockStrength strength) {
  switch (strength) {
    case ast::LockStrength::KeyShare:
      return "FOR KEY SHARE";
    case ast::LockStrength::Share:
      return "FOR SHARE";
    case ast::LockStrength::NoKeyUpdate:
      return "FOR NO KEY UPDATE";
    case ast::LockStrength::Update:
      return "FOR UPDATE";
  }
  return "";
}

void StatementBinder::bind_locking(const ast::SelectStatement& node, BoundQuery& out) {
  for (const ast::LockingClause& clause : node.locking) {
    const std::string_view name = lock_strength_name(clause.strength);
    const auto refuse = [&](bool forbidden, std::string_view what) {
      if (forbidden) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       fmt::format("{} is not allowed with {}", name, what));
      }
    };
    refuse(node.set_operation != ast::SetOperation::None, "UNION/INTERSECT/EXCEPT");
    refuse(node.distinct, "DISTINCT clause");
    refuse(!node.group_by.empty(), "GROUP BY clause");
    refuse(node.having != nullptr, "HAVING clause");
    refuse(scope_->has_aggregates, "aggregate functions");
    refuse(scope_->has_set_calls, "set-returning functions in the target list");
    const auto lock = [&](int relation) {
      out.row_locks.push_back({relation, clause.strength, clause.no_wait, clause.skip_locked});
    };
    if (clause.tables.empty()) {
      for (std::size_t i = 0; i < out.relations.size(); ++i) {
        if (out.relations[i]->kind == RelationKind::Table) {
          lock(static_cast<int>(i));
        } else if (out.relations[i]->kind == RelationKind::Subquery) {
          unsupported(fmt::format("{} of a sub-select in FROM", name));
        }
      }
      continue;
    }
    for (const ast::QualifiedName& table : clause.tables) {
      const auto found =
          std::find_if(out.relations.begin(), out.relations.end(),
                       [&](const Relation* relation) { return relation->alias == table.back(); });
      if (found == out.relations.end()) {
        throw SqlError(sqlstate::kUndefinedTable,
                       fmt::format("relation \"{}\" in {} clause not found in FROM clause",
                                   table.back(), name));
      }
      if ((*found)->kind != RelationKind::Table) {
        unsupported(fmt::format("{} of something that is not a table", name));
      }
      lock(static_cast<int>(found - out.relations.begin()));
    }
  }
}

void StatementBinder::bind_values(const ast::SelectStatement& node, BoundQuery& out) {
  const PlaceGuard place(*this, Place::Values);
  out.kind = QueryKind::Values;
  const std::size_t width = node.values[0].size();
  for (const std::vector<ast::Expr*>& row : node.values) {
    if (row.size() != width) {
      throw SqlError(sqlstate::kSyntaxError, "VALUES lists must all be the same length")
          .at(row.empty() ? -1 : row[0]->location);
    }
    out.values.push_back(bind_all(row));
  }
  for (std::size_t column = 0; column < width; ++column) {
    ExpressionList items;
    items.reserve(out.values.size());
    for (const ExpressionList& row : out.values) {
      items.push_back(row[column]);
    }
    const bool all_unknown = std::all_of(items.begin(), items.end(),
                                         [](const Expression* item) { return is_unknown(*item); });
    const Oid common = all_unknown ? type_oid::kUnknown : common_type(state_, items, "VALUES");
    const Type type{common, common_modifier(items, common)};
    if (!all_unknown) {
      for (ExpressionList& row : out.values) {
        row[column] = coerce_to_common(state_, row[column], type, "VALUES");
      }
    }
    auto* expression = state_.make<ColumnExpression>(type);
    expression->column = static_cast<int>(column);
    BoundTarget target;
    target.expression = expression;
    target.name = fmt::format("column{}", column + 1);
    out.targets.push_back(std::move(target));
  }
}

}  // namespace omen::sql
