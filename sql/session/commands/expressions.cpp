#include "sql/session/commands/expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/session/execution.h"
#include "sql/types/type_io.h"

namespace omen::sql {

engine::Value evaluate_constant(ClientSession& session, const ast::Expr& expression, Type target,
                                std::string_view target_name) {
  auto arena = std::make_shared<engine::Arena>();
  engine::CatalogPtr catalog = session.catalog();
  EvalContext context = session.make_eval_context();
  std::vector<Oid> parameter_types;
  BindContext bind{*arena, *catalog, session.search_path(), context, parameter_types};
  Expression* bound = bind_expression(bind, expression, nullptr, target, target_name);
  auto* query = arena->make<BoundQuery>();
  query->targets.push_back({.expression = bound, .name = "value"});
  PlanPtr plan = plan_query(std::move(arena), std::move(catalog), *query,
                            session.database().engine(), session.environment()->planner);
  Execution execution(session, std::move(plan), {});
  engine::ColumnBatch batch;
  while (execution.next(batch)) {
    if (batch.row_count() > 0) {
      return batch.column(0).value(0);
    }
  }
  internal_error("expression gave no row");
}

std::string stored_expression(CatalogAccess& access, const ast::Expr& expression,
                              const engine::Table* table, Type target,
                              std::string_view target_name) {
  const Expression* bound =
      bind_expression(access.bind_context(), expression, table, target, target_name);
  const EvalContext plain;  // no catalog: reg* constants print as oids, dates as ISO in UTC
  return deparse(*bound, plain, [&](const ColumnExpression& column) {
    if (column.column < 0) {
      return std::string("tableoid");
    }
    return quote_identifier(table->columns[static_cast<std::size_t>(column.column)].name);
  });
}

const ast::Expr& parse_expression(const std::string& expression_sql, ParsedText& parsed) {
  parsed = parse("SELECT " + expression_sql);
  return *ast::as<ast::SelectStatement>(*parsed.statements.at(0)).targets.at(0)->expression;
}

std::vector<std::uint16_t> columns_used(CatalogAccess& access, const std::string& expression_sql,
                                        const engine::Table& table) {
  ParsedText parsed;
  const ast::Expr& expression = parse_expression(expression_sql, parsed);
  const Expression* bound = bind_expression(access.bind_context(), expression, &table, {}, "");
  std::set<std::uint16_t> columns;
  const EvalContext plain;
  static_cast<void>(deparse(*bound, plain, [&](const ColumnExpression& column) {
    if (column.column >= 0) {
      columns.insert(static_cast<std::uint16_t>(column.column));
    }
    return std::string();
  }));
  return {columns.begin(), columns.end()};
}

std::string with_renamed_columns(CatalogAccess& access, const std::string& expression_sql,
                                 const engine::Table& before, const engine::Table& after) {
  ParsedText parsed;
  const ast::Expr& expression = parse_expression(expression_sql, parsed);
  const Expression* bound = bind_expression(access.bind_context(), expression, &before, {}, "");
  const EvalContext plain;
  return deparse(*bound, plain, [&](const ColumnExpression& column) {
    return quote_identifier(after.columns[static_cast<std::size_t>(column.column)].name);
  });
}

}  // namespace omen::sql
