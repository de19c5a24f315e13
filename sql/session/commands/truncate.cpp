#include "sql/error/sql_error.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/commands.h"

namespace omen::sql {

std::string truncate(ClientSession& session, const ast::TruncateStatement& statement) {
  CatalogAccess access(session);
  for (const ast::FromTable* table : statement.tables) {
    const engine::Oid oid =
        access.lock_table(table->name, table->location, engine::TableLock::AccessExclusive).oid;
    throw_if_error(access.transaction().truncate(oid, session.cancel_token()));
    if (!statement.restart_identity) {
      continue;
    }
    std::vector<engine::Sequence> owned;
    for (const engine::Sequence* sequence : access.sequences_of(oid)) {
      owned.push_back(*sequence);
    }
    for (engine::Sequence& sequence : owned) {
      sequence.storage_id = 0;  // a new counter, so that a rollback brings the old one back
      access.put(std::move(sequence));
    }
  }
  return "TRUNCATE TABLE";
}

}  // namespace omen::sql
