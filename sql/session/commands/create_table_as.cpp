#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/new_table.h"
#include "sql/session/commands/table_definition.h"
#include "sql/session/execution.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

void add_columns(engine::Table& table, const Plan& plan, const std::vector<std::string>& names) {
  if (names.size() > plan.output.size()) {
    throw SqlError(sqlstate::kSyntaxError, "too many column names were specified");
  }
  for (std::size_t i = 0; i < plan.output.size(); ++i) {
    const BoundTarget& target = plan.output[i];
    engine::Column column;
    column.name = i < names.size() ? names[i] : target.name;
    column.type_oid = target.expression->type.oid;
    column.type_modifier = target.expression->type.modifier;
    const TypeInfo& info = type_info(column.type_oid);
    if (info.kind == 'p') {
      throw SqlError(sqlstate::kInvalidTableDefinition,
                     fmt::format("column \"{}\" has pseudo-type {}", column.name, info.sql_name));
    }
    column.physical = info.physical;
    for (const engine::Column& other : table.columns) {
      if (other.name == column.name) {
        throw SqlError(sqlstate::kDuplicateColumn,
                       fmt::format("column \"{}\" specified more than once", column.name));
      }
    }
    table.columns.push_back(std::move(column));
  }
}

}  // namespace

std::string create_table_as(ClientSession& session, const ast::CreateTableAsStatement& statement,
                            const std::vector<Oid>& declared_types,
                            const std::vector<engine::Value>& parameters) {
  CatalogAccess access(session);
  std::optional<engine::Table> table = new_table(access, {.name = statement.table->name,
                                                          .if_not_exists = statement.if_not_exists,
                                                          .persistence = statement.persistence});
  if (!table) {
    return "CREATE TABLE AS";
  }
  table->options = storage_options(statement.options, false);
  std::vector<Oid> parameter_types = declared_types;
  PlanPtr plan = session.plan_and_lock(*statement.query, parameter_types);
  add_columns(*table, *plan, statement.column_names);
  const engine::Oid oid = table->oid;
  access.put(std::move(*table));
  if (statement.with_no_data) {
    return "CREATE TABLE AS";
  }
  const engine::Table& created = *access.catalog().get<engine::Table>(oid);
  std::uint64_t row_count = 0;
  const std::unique_ptr<engine::Statement> target =
      value_or_throw(session.transaction().begin_statement(session.cancel_token()));
  Execution execution(session, std::move(plan), parameters);
  engine::ColumnBatch batch;
  while (execution.next(batch)) {
    if (batch.row_count() > 0) {
      row_count += value_or_throw(target->insert(created, batch, 0)).rows_inserted;
    }
  }
  return fmt::format("SELECT {}", row_count);
}

}  // namespace omen::sql
