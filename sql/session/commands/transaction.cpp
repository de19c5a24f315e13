#include <fmt/format.h>

#include "sql/binder/binder.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/commands.h"

namespace omen::sql {

std::string run_transaction(ClientSession& session, const ast::TransactionStatement& statement) {
  TransactionBlock& block = session.block();
  switch (statement.command) {
    case ast::TransactionCommand::Begin: {
      std::string tag = block.begin(statement.modes);
      return statement.started ? "START TRANSACTION" : tag;
    }
    case ast::TransactionCommand::Commit:
      return block.commit(statement.chain);
    case ast::TransactionCommand::Rollback:
      return block.rollback(statement.chain);
    case ast::TransactionCommand::Savepoint:
      return block.savepoint(statement.savepoint);
    case ast::TransactionCommand::Release:
      return block.release(statement.savepoint);
    case ast::TransactionCommand::RollbackTo:
      return block.rollback_to(statement.savepoint);
    case ast::TransactionCommand::PrepareTransaction:
    case ast::TransactionCommand::CommitPrepared:
    case ast::TransactionCommand::RollbackPrepared:
      unsupported("two-phase commit");
  }
  return "";
}

std::string lock_table(ClientSession& session, const ast::LockTableStatement& statement) {
  if (session.block().status() != TransactionStatus::InBlock &&
      !session.block().is_implicit_block()) {
    throw SqlError(sqlstate::kNoActiveSqlTransaction,
                   "LOCK TABLE can only be used in transaction blocks");
  }
  CatalogAccess access(session);
  for (const ast::FromTable* table : statement.tables) {
    const auto mode = static_cast<engine::TableLock>(statement.mode - 1);
    access.lock_table(table->name, table->location, mode, {.no_wait = statement.no_wait});
  }
  return "LOCK TABLE";
}

}  // namespace omen::sql
