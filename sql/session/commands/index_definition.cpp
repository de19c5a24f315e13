#include "sql/session/commands/index_definition.h"

#include <fmt/format.h>

#include <utility>

#include "sql/binder/deparse.h"
#include "sql/catalog/opclass.h"
#include "sql/error/sql_error.h"
#include "sql/types/type_io.h"

namespace omen::sql {

engine::IndexColumn btree_column(const engine::Table& table, std::uint16_t position) {
  const engine::Column& column = table.columns[position];
  const OperatorClass* opclass = default_operator_class(access_method_oid::kBtree, column.type_oid);
  if (opclass == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("data type {} has no default operator class for access method "
                               "\"btree\"",
                               format_type({column.type_oid, -1})))
        .hint(
            "You must specify an operator class for the index or define a default operator class "
            "for the data type.");
  }
  return {.column = position, .opclass_oid = opclass->oid};
}

std::string key_of_row(CatalogAccess& access, const engine::Table& table,
                       const engine::Index& index, const engine::UniqueConflict& conflict) {
  std::vector<int> columns;
  std::vector<engine::PhysicalType> types;
  std::string names;
  for (std::size_t i = 0; i < index.key_column_count; ++i) {
    const engine::Column& column = table.columns[index.columns[i].column];
    columns.push_back(index.columns[i].column);
    types.push_back(column.physical);
    names += names.empty() ? "" : ", ";
    names += quote_identifier(column.name);
  }
  const std::unique_ptr<engine::Statement> statement =
      value_or_throw(access.transaction().begin_statement(access.session().cancel_token()));
  engine::ColumnBatch row;
  row.reset(types);
  if (!value_or_throw(statement->fetch(table, conflict.row_id, conflict.xid, columns, row))) {
    return "";
  }
  const EvalContext& context = access.session().eval_context();
  std::string values;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    values += values.empty() ? "" : ", ";
    if (row.column(i).is_null(0)) {
      values += "null";
    } else {
      append_text(table.columns[index.columns[i].column].type_oid, row.column(i), 0, context,
                  values);
    }
  }
  return fmt::format("({})=({})", names, values);
}

void build_index(CatalogAccess& access, const engine::Table& table, engine::Index index,
                 std::string_view command) {
  const Database::IndexCommand listed(access.session().database(),
                                      {.process_id = access.session().client().process_id,
                                       .command = command,
                                       .index_oid = index.oid,
                                       .method = index.method});
  std::optional<engine::UniqueConflict> conflict;
  const engine::Status outcome =
      access.transaction().create_index(index, access.session().cancel_token(), conflict);
  if (outcome.code() == engine::StatusCode::AlreadyExists && !conflict) {
    throw SqlError(sqlstate::kDuplicateTable,
                   fmt::format("relation \"{}\" already exists", index.name));
  }
  if (conflict) {
    const std::string key = key_of_row(access, table, index, *conflict);
    const auto* schema = access.catalog().get<engine::Schema>(index.schema_oid);
    SqlError error(sqlstate::kUniqueViolation,
                   fmt::format("could not create unique index \"{}\"", index.name));
    if (!key.empty()) {
      error.diagnostic().detail = fmt::format("Key {} is duplicated.", key);
    }
    error.diagnostic().schema_name = schema == nullptr ? "" : schema->name;
    error.diagnostic().table_name = table.name;
    error.diagnostic().constraint_name = index.name;
    throw error;
  }
  throw_if_error(outcome);
  access.lock(table.oid, engine::TableLock::Share);
}

}  // namespace omen::sql
