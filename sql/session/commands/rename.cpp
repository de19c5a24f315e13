#include "sql/session/commands/rename.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/expressions.h"
#include "sql/session/commands/roles.h"

namespace omen::sql {
namespace {

void rename_relation(CatalogAccess& access, const engine::CatalogEntry& entry,
                     const std::string& new_name) {
  if (access.catalog().find_relation(relation_schema(entry), new_name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateTable,
                   fmt::format("relation \"{}\" already exists", new_name));
  }
  engine::CatalogEntry changed = entry;
  std::visit([&](auto& object) { object.name = new_name; }, changed);
  access.put(std::move(changed));
}

void rename_column(CatalogAccess& access, const engine::Table& table, const std::string& name,
                   const std::string& new_name) {
  engine::Table changed = table;
  engine::Column* target = nullptr;
  for (engine::Column& column : changed.columns) {
    if (!column.dropped && column.name == name) {
      target = &column;
    }
    if (!column.dropped && column.name == new_name) {
      throw SqlError(
          sqlstate::kDuplicateColumn,
          fmt::format("column \"{}\" of relation \"{}\" already exists", new_name, table.name));
    }
  }
  if (target == nullptr) {
    throw SqlError(sqlstate::kUndefinedColumn, fmt::format("column \"{}\" does not exist", name));
  }
  target->name = new_name;
  for (engine::CheckConstraint& check : changed.checks) {
    check.expression_sql = with_renamed_columns(access, check.expression_sql, table, changed);
  }
  access.put(std::move(changed));
}

void rename_constraint(CatalogAccess& access, const engine::Table& table, const std::string& name,
                       const std::string& new_name) {
  for (const engine::Index* index : access.catalog().indexes_of(table.oid)) {
    if (index->constraint_oid != 0 && index->name == name) {
      rename_relation(access, engine::CatalogEntry(*index), new_name);
      return;
    }
  }
  engine::Table changed = table;
  for (engine::CheckConstraint& check : changed.checks) {
    if (check.name == new_name) {
      throw SqlError(sqlstate::kDuplicateObject,
                     fmt::format("constraint \"{}\" for relation \"{}\" already exists", new_name,
                                 table.name));
    }
  }
  for (engine::CheckConstraint& check : changed.checks) {
    if (check.name == name) {
      check.name = new_name;
      access.put(std::move(changed));
      return;
    }
  }
  throw SqlError(
      sqlstate::kUndefinedObject,
      fmt::format("constraint \"{}\" for table \"{}\" does not exist", name, table.name));
}

void set_schema(CatalogAccess& access, const engine::CatalogEntry& entry,
                const std::string& schema_name) {
  const engine::Oid schema_oid = access.schema(schema_name).oid;
  const auto* table = std::get_if<engine::Table>(&entry);
  if (table == nullptr) {
    unsupported(fmt::format("SET SCHEMA of {}", relation_kind(entry)));
  }
  const auto move = [&](auto object) {
    if (access.catalog().find_relation(schema_oid, object.name) != nullptr) {
      throw SqlError(
          sqlstate::kDuplicateTable,
          fmt::format("relation \"{}\" already exists in schema \"{}\"", object.name, schema_name));
    }
    object.schema_oid = schema_oid;
    access.put(std::move(object));
  };
  if (table->schema_oid == schema_oid) {
    return;
  }
  const engine::Table before = *table;
  std::vector<engine::Index> indexes;
  for (const engine::Index* index : access.catalog().indexes_of(before.oid)) {
    indexes.push_back(*index);
  }
  std::vector<engine::Sequence> sequences;
  for (const engine::Sequence* sequence : access.sequences_of(before.oid)) {
    sequences.push_back(*sequence);
  }
  move(before);
  for (engine::Index& index : indexes) {
    move(std::move(index));
  }
  for (engine::Sequence& sequence : sequences) {
    move(std::move(sequence));
  }
}

}  // namespace

void rename(CatalogAccess& access, const engine::CatalogEntry& entry,
            const ast::AlterTableStatement& statement, const ast::AlterCommand& command) {
  const engine::Oid oid = engine::entry_oid(entry);
  const auto* table = std::get_if<engine::Table>(&entry);
  const auto* index = std::get_if<engine::Index>(&entry);
  if (statement.object == ast::DropKind::Sequence &&
      !std::holds_alternative<engine::Sequence>(entry)) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("\"{}\" is not a sequence", relation_name(entry)));
  }
  if (table != nullptr || index != nullptr) {
    access.lock(table != nullptr ? oid : index->table_oid, engine::TableLock::AccessExclusive);
  }
  const engine::CatalogEntry* current = access.catalog().find(oid);
  if (current == nullptr) {
    throw SqlError(sqlstate::kUndefinedTable,
                   fmt::format("relation \"{}\" does not exist", joined(statement.table->name)));
  }
  table = std::get_if<engine::Table>(current);
  switch (command.kind) {
    case ast::AlterKind::RenameTable:
      rename_relation(access, *current, command.new_name);
      return;
    case ast::AlterKind::SetSchema:
      set_schema(access, *current, command.new_name);
      return;
    default:
      break;
  }
  if (table == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("\"{}\" is not a table", relation_name(*current)));
  }
  if (command.kind == ast::AlterKind::RenameColumn) {
    rename_column(access, *table, command.name, command.new_name);
  } else {
    rename_constraint(access, *table, command.name, command.new_name);
  }
}

void alter_schema_or_extension(CatalogAccess& access, const ast::AlterTableStatement& statement) {
  const std::string& name = statement.table->name.back();
  const ast::AlterCommand& command = *statement.commands.at(0);
  if (statement.object == ast::DropKind::Extension) {
    const engine::Extension* extension = access.catalog().find_extension(name);
    if (extension == nullptr) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("extension \"{}\" does not exist", name));
    }
    engine::Extension changed = *extension;
    changed.schema_oid = access.schema(command.new_name).oid;
    access.put(std::move(changed));
    return;
  }
  engine::Schema changed = access.schema(name);
  if (command.kind == ast::AlterKind::OwnerTo) {
    check_owner(access, command.new_name);
    return;
  }
  if (access.catalog().find_schema(command.new_name) != nullptr) {
    throw SqlError(sqlstate::kDuplicateSchema,
                   fmt::format("schema \"{}\" already exists", command.new_name));
  }
  changed.name = command.new_name;
  access.put(std::move(changed));
}

}  // namespace omen::sql
