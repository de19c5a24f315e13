#include "sql/session/commands/commands.h"

namespace omen::sql {
namespace {

std::string_view drop_name(ast::DropKind kind) {
  switch (kind) {
    case ast::DropKind::Table:
      return "DROP TABLE";
    case ast::DropKind::Index:
      return "DROP INDEX";
    case ast::DropKind::Sequence:
      return "DROP SEQUENCE";
    case ast::DropKind::Schema:
      return "DROP SCHEMA";
    case ast::DropKind::Extension:
      return "DROP EXTENSION";
    case ast::DropKind::View:
      return "DROP VIEW";
    case ast::DropKind::Type:
      return "DROP TYPE";
    case ast::DropKind::Function:
      return "DROP FUNCTION";
    case ast::DropKind::MaterializedView:
      return "DROP MATERIALIZED VIEW";
    case ast::DropKind::Role:
      return "DROP ROLE";
  }
  return "DROP";
}

std::string_view alter_name(ast::DropKind kind) {
  switch (kind) {
    case ast::DropKind::Table:
      return "ALTER TABLE";
    case ast::DropKind::Index:
      return "ALTER INDEX";
    case ast::DropKind::Sequence:
      return "ALTER SEQUENCE";
    case ast::DropKind::Schema:
      return "ALTER SCHEMA";
    case ast::DropKind::Extension:
      return "ALTER EXTENSION";
    case ast::DropKind::View:
      return "ALTER VIEW";
    case ast::DropKind::Type:
      return "ALTER TYPE";
    case ast::DropKind::Function:
      return "ALTER FUNCTION";
    case ast::DropKind::MaterializedView:
      return "ALTER MATERIALIZED VIEW";
    case ast::DropKind::Role:
      return "ALTER ROLE";
  }
  return "ALTER";
}

std::string_view transaction_name(ast::TransactionCommand command) {
  switch (command) {
    case ast::TransactionCommand::Begin:
      return "BEGIN";
    case ast::TransactionCommand::Commit:
      return "COMMIT";
    case ast::TransactionCommand::Rollback:
    case ast::TransactionCommand::RollbackTo:
      return "ROLLBACK";
    case ast::TransactionCommand::Savepoint:
      return "SAVEPOINT";
    case ast::TransactionCommand::Release:
      return "RELEASE";
    case ast::TransactionCommand::PrepareTransaction:
      return "PREPARE TRANSACTION";
    case ast::TransactionCommand::CommitPrepared:
      return "COMMIT PREPARED";
    case ast::TransactionCommand::RollbackPrepared:
      return "ROLLBACK PREPARED";
  }
  return "";
}

std::string_view set_name(const ast::SetStatement& statement) {
  using Kind = ast::SetStatement::Kind;
  return statement.type == Kind::Reset || statement.type == Kind::ResetAll ? "RESET" : "SET";
}

}  // namespace

bool is_query(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::Select:
    case ast::StatementKind::Insert:
    case ast::StatementKind::Update:
    case ast::StatementKind::Delete:
      return true;
    default:
      return false;
  }
}

std::string_view command_name(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::Select:
      return "SELECT";
    case ast::StatementKind::Insert:
      return "INSERT";
    case ast::StatementKind::Update:
      return "UPDATE";
    case ast::StatementKind::Delete:
      return "DELETE";
    case ast::StatementKind::CreateTable:
      return "CREATE TABLE";
    case ast::StatementKind::Drop:
      return drop_name(ast::as<ast::DropStatement>(statement).object);
    case ast::StatementKind::Truncate:
      return "TRUNCATE TABLE";
    case ast::StatementKind::CreateIndex:
      return "CREATE INDEX";
    case ast::StatementKind::AlterTable:
      return alter_name(ast::as<ast::AlterTableStatement>(statement).object);
    case ast::StatementKind::CreateSchema:
      return "CREATE SCHEMA";
    case ast::StatementKind::CreateSequence:
      return "CREATE SEQUENCE";
    case ast::StatementKind::AlterSequence:
      return "ALTER SEQUENCE";
    case ast::StatementKind::CreateExtension:
      return ast::as<ast::CreateExtensionStatement>(statement).update ? "ALTER EXTENSION"
                                                                      : "CREATE EXTENSION";
    case ast::StatementKind::CreateTableAs:
      return "CREATE TABLE AS";
    case ast::StatementKind::Transaction:
      return transaction_name(ast::as<ast::TransactionStatement>(statement).command);
    case ast::StatementKind::Set:
      return set_name(ast::as<ast::SetStatement>(statement));
    case ast::StatementKind::Show:
      return "SHOW";
    case ast::StatementKind::Explain:
      return "EXPLAIN";
    case ast::StatementKind::Vacuum:
      return ast::as<ast::VacuumStatement>(statement).analyze_only ? "ANALYZE" : "VACUUM";
    case ast::StatementKind::Copy:
      return "COPY";
    case ast::StatementKind::Prepare:
      return "PREPARE";
    case ast::StatementKind::Execute:
      return "EXECUTE";
    case ast::StatementKind::Deallocate:
      return ast::as<ast::DeallocateStatement>(statement).name.empty() ? "DEALLOCATE ALL"
                                                                       : "DEALLOCATE";
    case ast::StatementKind::Discard:
      return "DISCARD";
    case ast::StatementKind::LockTable:
      return "LOCK TABLE";
    case ast::StatementKind::Comment:
      return "COMMENT";
    case ast::StatementKind::CreateRole:
      return ast::as<ast::CreateRoleStatement>(statement).alter ? "ALTER ROLE" : "CREATE ROLE";
    case ast::StatementKind::Checkpoint:
      return "CHECKPOINT";
    case ast::StatementKind::Reindex:
      return "REINDEX";
    case ast::StatementKind::Constraints:
      return "SET CONSTRAINTS";
  }
  return "";
}

}  // namespace omen::sql
