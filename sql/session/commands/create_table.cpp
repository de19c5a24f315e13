#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/new_table.h"
#include "sql/session/commands/table_definition.h"

namespace omen::sql {

std::optional<engine::Table> new_table(CatalogAccess& access, const NewTable& request) {
  if (request.persistence == 't') {
    unsupported("CREATE TEMPORARY TABLE");
  }
  if (request.persistence == 'u') {
    unsupported("CREATE UNLOGGED TABLE");
  }
  const engine::Schema& schema = access.creation_schema(request.name);
  const std::string& name = request.name.back();
  if (access.catalog().find_relation(schema.oid, name) != nullptr) {
    if (!request.if_not_exists) {
      throw SqlError(sqlstate::kDuplicateTable,
                     fmt::format("relation \"{}\" already exists", name));
    }
    access.session().notice(sqlstate::kDuplicateTable,
                            fmt::format("relation \"{}\" already exists, skipping", name));
    return std::nullopt;
  }
  engine::Table table;
  table.oid = access.new_oid();
  table.schema_oid = schema.oid;
  table.name = name;
  table.row_type_oid = access.new_oid();
  return table;
}

std::string create_table(ClientSession& session, const ast::CreateTableStatement& statement) {
  CatalogAccess access(session);
  if (statement.on_commit != '\0') {
    throw SqlError(sqlstate::kInvalidTableDefinition,
                   "ON COMMIT can only be used on temporary tables");
  }
  if (!statement.access_method.empty() && statement.access_method != "heap") {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("access method \"{}\" does not exist", statement.access_method));
  }
  std::optional<engine::Table> table = new_table(access, {.name = statement.table->name,
                                                          .if_not_exists = statement.if_not_exists,
                                                          .persistence = statement.persistence});
  if (!table) {
    return "CREATE TABLE";
  }
  table->options = storage_options(statement.options, false);
  TableDefinition definition(access, std::move(*table));
  for (const ast::ColumnDefinition* column : statement.columns) {
    definition.add_column(*column);
  }
  for (const ast::Constraint* constraint : statement.constraints) {
    definition.add_constraint(*constraint);
  }
  definition.finish();
  return "CREATE TABLE";
}

}  // namespace omen::sql
