#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/commands.h"

namespace omen::sql {
namespace {

void comment_on_column(CatalogAccess& access, const ast::QualifiedName& name,
                       const std::string& text) {
  if (name.size() < 2) {
    throw SqlError(sqlstate::kSyntaxError, "column name must be qualified");
  }
  const ast::QualifiedName table_name(name.begin(), name.end() - 1);
  engine::Table table = access.lock_table(table_name, -1, engine::TableLock::ShareUpdateExclusive);
  for (engine::Column& column : table.columns) {
    if (!column.dropped && column.name == name.back()) {
      column.comment = text;
      access.put(std::move(table));
      return;
    }
  }
  throw SqlError(
      sqlstate::kUndefinedColumn,
      fmt::format("column \"{}\" of relation \"{}\" does not exist", name.back(), table.name));
}

void comment_on_index(CatalogAccess& access, const ast::QualifiedName& name,
                      const std::string& text) {
  const engine::CatalogEntry* entry = access.find_relation(name);
  if (entry == nullptr) {
    throw SqlError(sqlstate::kUndefinedTable,
                   fmt::format("relation \"{}\" does not exist", joined(name)));
  }
  const auto* index = std::get_if<engine::Index>(entry);
  if (index == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType, fmt::format("\"{}\" is not an index", name.back()));
  }
  engine::Index changed = *index;
  changed.comment = text;
  access.put(std::move(changed));
}

}  // namespace

std::string comment(ClientSession& session, const ast::CommentStatement& statement) {
  CatalogAccess access(session);
  const std::string text = statement.comment.value_or("");
  if (statement.object_type == "table") {
    engine::Table table =
        access.lock_table(statement.name, -1, engine::TableLock::ShareUpdateExclusive);
    table.comment = text;
    access.put(std::move(table));
  } else if (statement.object_type == "column") {
    comment_on_column(access, statement.name, text);
  } else if (statement.object_type == "index") {
    comment_on_index(access, statement.name, text);
  } else if (statement.object_type == "extension" &&
             access.catalog().find_extension(statement.name.back()) != nullptr) {
    // pg_dump restores the comment an extension has of itself; another one has no place to go.
    if (text != "vector data type and ivfflat and hnsw access methods") {
      unsupported("COMMENT ON EXTENSION with a text of its own");
    }
  } else {
    unsupported(fmt::format("COMMENT ON {}", statement.object_type));
  }
  return "COMMENT";
}

}  // namespace omen::sql
