#include <fmt/format.h>

#include <utility>

#include "engine/base/blocking.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/index_definition.h"

namespace omen::sql {
namespace {

/// Options that only tune how PostgreSQL goes about it.
constexpr std::string_view kVacuumOptions[] = {
    "full",     "freeze",      "verbose",  "analyze",       "disable_page_skipping",
    "parallel", "skip_locked", "truncate", "process_toast", "index_cleanup"};

void check_options(const ast::VacuumStatement& statement) {
  const std::string_view command = statement.analyze_only ? "ANALYZE" : "VACUUM";
  for (const ast::Option& option : statement.options) {
    bool is_known = false;
    for (const std::string_view name : kVacuumOptions) {
      is_known = is_known || name == option.name;
    }
    if (!is_known ||
        (statement.analyze_only && option.name != "verbose" && option.name != "skip_locked")) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("unrecognized {} option \"{}\"", command, option.name))
          .at(option.location);
    }
  }
}

void rebuild(CatalogAccess& access, const engine::Index& index, std::string_view command) {
  const engine::Table table = *access.catalog().get<engine::Table>(index.table_oid);
  engine::Index fresh = index;
  fresh.storage_id = 0;
  fresh.created_xid = 0;
  access.drop(index.oid);
  build_index(access, table, std::move(fresh), command);
}

}  // namespace

std::string vacuum(ClientSession& session, const ast::VacuumStatement& statement) {
  check_options(statement);
  if (statement.analyze_only) {
    // Statistics are kept as rows change; naming a table that does not exist is still an error.
    CatalogAccess access(session);
    for (const ast::FromTable* table : statement.tables) {
      access.lock_table(table->name, table->location, engine::TableLock::ShareUpdateExclusive);
    }
    return "ANALYZE";
  }
  session.block().require_no_block("VACUUM");
  std::vector<engine::Oid> tables;
  {
    CatalogAccess access(session);
    for (const ast::FromTable* table : statement.tables) {
      tables.push_back(resolve_table(access.bind_context(), table->name, table->location).oid);
    }
  }
  // Its own transaction must not hold the horizon back.
  session.block().end_for_vacuum();
  if (tables.empty()) {
    tables.push_back(0);
  }
  for (const engine::Oid table : tables) {
    throw_if_error(session.database().engine().vacuum(table, session.cancel_token()));
  }
  return "VACUUM";
}

std::string checkpoint(ClientSession& session) {
  const engine::BlockingScope blocking;
  throw_if_error(session.database().engine().checkpoint());
  return "CHECKPOINT";
}

std::string reindex(ClientSession& session, const ast::ReindexStatement& statement) {
  if (statement.concurrently) {
    session.block().require_no_block("REINDEX CONCURRENTLY");
  }
  CatalogAccess access(session);
  std::vector<engine::Index> indexes;
  if (statement.object_type == "index") {
    const engine::CatalogEntry* entry = access.find_relation(statement.name);
    if (entry == nullptr) {
      throw SqlError(sqlstate::kUndefinedTable,
                     fmt::format("relation \"{}\" does not exist", joined(statement.name)));
    }
    const auto* index = std::get_if<engine::Index>(entry);
    if (index == nullptr) {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("\"{}\" is not an index", statement.name.back()));
    }
    access.lock(index->table_oid, engine::TableLock::AccessExclusive);
    indexes.push_back(*std::get_if<engine::Index>(access.find_relation(statement.name)));
  } else if (statement.object_type == "table") {
    const engine::Oid oid =
        access.lock_table(statement.name, -1, engine::TableLock::AccessExclusive).oid;
    for (const engine::Index* index : access.catalog().indexes_of(oid)) {
      indexes.push_back(*index);
    }
  } else {
    unsupported(fmt::format("REINDEX {}", statement.object_type));
  }
  for (const engine::Index& index : indexes) {
    rebuild(access, index, statement.concurrently ? "REINDEX CONCURRENTLY" : "REINDEX");
  }
  return "REINDEX";
}

}  // namespace omen::sql
