#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

constexpr SqlState kGeneratedAlways = "428C9";
using Overriding = ast::InsertStatement::Overriding;

Type column_type(const engine::Table& table, int position) {
  const engine::Column& column = table.columns[static_cast<std::size_t>(position)];
  return {column.type_oid, column.type_modifier};
}

bool is_plain_values(const ast::SelectStatement& source) {
  return !source.values.empty() && source.order_by.empty() && source.limit == nullptr &&
         source.offset == nullptr && source.locking.empty();
}

}  // namespace

BoundQuery* StatementBinder::bind_insert(const ast::InsertStatement& node) {
  auto* out = state_.make<BoundQuery>();
  out->kind = QueryKind::Insert;
  const ScopeGuard guard(*this, out);
  bind_with(node.with, *out);
  const engine::Table& table = target_table(*node.table);
  const InsertColumns columns = insert_columns(node, table);
  add_target_relation(table, *node.table, *out);
  // the rows to insert do not see the target
  std::vector<NamespaceItem> target_items = std::exchange(scope_->items, {});
  out->insert_values.assign(table.columns.size(), nullptr);
  if (node.source != nullptr) {
    if (is_plain_values(*node.source)) {
      insert_rows(node, columns, *out);
    } else {
      insert_query(node, columns, *out);
    }
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].dropped && out->insert_values[i] == nullptr) {
      out->insert_values[i] = default_value(table, static_cast<int>(i));
    }
  }
  scope_->items = std::move(target_items);
  if (node.on_conflict != nullptr) {
    bind_on_conflict(*node.on_conflict, table, *out);
  }
  bind_returning(node.returning, *out);
  bind_checks(table, *out);
  return out;
}

StatementBinder::InsertColumns StatementBinder::insert_columns(const ast::InsertStatement& node,
                                                               const engine::Table& table) const {
  InsertColumns out{table, {}, {}, node.overriding};
  if (node.columns.empty()) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].dropped) {
        out.positions.push_back(static_cast<int>(i));
        out.locations.push_back(-1);
      }
    }
    return out;
  }
  for (const ast::Assignment* column : node.columns) {
    const int position = column_index(table, column->column, column->location);
    if (std::find(out.positions.begin(), out.positions.end(), position) != out.positions.end()) {
      throw SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" specified more than once", column->column))
          .at(column->location);
    }
    out.positions.push_back(position);
    out.locations.push_back(column->location);
  }
  return out;
}

void StatementBinder::check_arity(const InsertColumns& columns, std::size_t count,
                                  int extra_location) const {
  if (count > columns.positions.size()) {
    throw SqlError(sqlstate::kSyntaxError, "INSERT has more expressions than target columns")
        .at(extra_location);
  }
  if (count < columns.positions.size() && columns.locations[0] >= 0) {
    throw SqlError(sqlstate::kSyntaxError, "INSERT has more target columns than expressions")
        .at(columns.locations[count]);
  }
}

/// GENERATED ALWAYS takes only its default, unless overridden.
void StatementBinder::check_identity(const InsertColumns& columns, int position,
                                     bool is_default) const {
  const engine::Column& column = columns.table.columns[static_cast<std::size_t>(position)];
  if (column.identity == engine::Identity::Always && !is_default &&
      columns.overriding == Overriding::None) {
    throw SqlError(kGeneratedAlways,
                   fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", column.name))
        .detail(fmt::format("Column \"{}\" is an identity column defined as GENERATED ALWAYS.",
                            column.name))
        .hint("Use OVERRIDING SYSTEM VALUE to override.");
  }
}

ExpressionList StatementBinder::bind_insert_row(const std::vector<ast::Expr*>& row,
                                                const InsertColumns& columns) {
  check_arity(columns, row.size(),
              row.size() > columns.positions.size() ? row[columns.positions.size()]->location : -1);
  ExpressionList out;
  out.reserve(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int position = columns.positions[i];
    const engine::Column& column = columns.table.columns[static_cast<std::size_t>(position)];
    const bool is_default = row[i]->kind == ast::ExprKind::Default;
    check_identity(columns, position, is_default);
    const bool overridden =
        columns.overriding == Overriding::User && column.identity != engine::Identity::None;
    if (is_default || overridden) {
      out.push_back(default_value(columns.table, position));
    } else {
      out.push_back(coerce_for_assignment(state_, bind(*row[i]),
                                          column_type(columns.table, position), column.name));
    }
  }
  return out;
}

namespace {

/// The relation that stands for a row of `source`.
Relation* source_relation(BindState& state, BoundQuery& source) {
  auto* relation = state.make<Relation>();
  relation->kind = RelationKind::Subquery;
  relation->alias = "*SELECT*";
  relation->query = &source;
  for (const BoundTarget& target : source.targets) {
    if (!target.hidden) {
      relation->columns.push_back({target.name, target.expression->type, false});
    }
  }
  return relation;
}

ColumnExpression* source_column(BindState& state, int relation, std::size_t column, Type type,
                                int location) {
  auto* out = state.make<ColumnExpression>(type);
  out->relation = relation;
  out->column = static_cast<int>(column);
  out->location = location;
  return out;
}

}  // namespace

void StatementBinder::insert_rows(const ast::InsertStatement& node, const InsertColumns& columns,
                                  BoundQuery& out) {
  auto* source = state_.make<BoundQuery>();
  source->kind = QueryKind::Values;
  const std::vector<std::vector<ast::Expr*>>& rows = node.source->values;
  {
    const ScopeGuard guard(*this, source);
    bind_with(node.source->with, *source);
    const PlaceGuard place(*this, Place::Values);
    source->values.reserve(rows.size());
    for (const std::vector<ast::Expr*>& row : rows) {
      if (row.size() != rows[0].size()) {
        throw SqlError(sqlstate::kSyntaxError, "VALUES lists must all be the same length")
            .at(row.empty() ? -1 : row[0]->location);
      }
      source->values.push_back(bind_insert_row(row, columns));
    }
  }
  out.source = source;
  out.source_relation = static_cast<int>(out.relations.size());
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    const int position = columns.positions[i];
    const Type type = column_type(columns.table, position);
    BoundTarget target;
    target.expression = source_column(state_, 0, i, type, -1);
    target.name = fmt::format("column{}", i + 1);
    source->targets.push_back(std::move(target));
    out.insert_values[static_cast<std::size_t>(position)] =
        source_column(state_, out.source_relation, i, type, -1);
  }
  out.relations.push_back(source_relation(state_, *source));
}

void StatementBinder::insert_query(const ast::InsertStatement& node, const InsertColumns& columns,
                                   BoundQuery& out) {
  BoundQuery* source = bind_select(*node.source, {.keep_unknown = true});
  const std::size_t count = visible_count(*source);
  check_arity(columns, count,
              count > columns.positions.size()
                  ? start_of(*source->targets[columns.positions.size()].expression)
                  : -1);
  out.source = source;
  out.source_relation = static_cast<int>(out.relations.size());
  for (std::size_t i = 0; i < count; ++i) {
    const int position = columns.positions[i];
    const engine::Column& column = columns.table.columns[static_cast<std::size_t>(position)];
    check_identity(columns, position, false);
    if (is_unknown(*source->targets[i].expression)) {
      coerce_column(*source, i, {{column.type_oid, -1}, CastContext::Assignment, -1});
    }
    const Expression& value = *source->targets[i].expression;
    if (columns.overriding == Overriding::User && column.identity != engine::Identity::None) {
      continue;  // its default is filled in
    }
    out.insert_values[static_cast<std::size_t>(position)] = coerce_for_assignment(
        state_, source_column(state_, out.source_relation, i, value.type, value.location),
        column_type(columns.table, position), column.name);
  }
  out.relations.push_back(source_relation(state_, *source));
}

}  // namespace omen::sql
