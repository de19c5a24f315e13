#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// Commands a read-only transaction refuses (COPY FROM and LOCK TABLE decide for themselves).
bool writes(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::CreateTable:
    case ast::StatementKind::Drop:
    case ast::StatementKind::Truncate:
    case ast::StatementKind::CreateIndex:
    case ast::StatementKind::AlterTable:
    case ast::StatementKind::CreateSchema:
    case ast::StatementKind::CreateSequence:
    case ast::StatementKind::AlterSequence:
    case ast::StatementKind::CreateExtension:
    case ast::StatementKind::CreateTableAs:
    case ast::StatementKind::Comment:
    case ast::StatementKind::CreateRole:
      return true;
    default:
      return false;
  }
}

template <typename T, typename Function>
CommandResult run(Function function, ClientSession& session, const ast::Statement& statement) {
  return {.tag = function(session, ast::as<T>(statement)), .rows = {}};
}

}  // namespace

void describe_command(ClientSession& session, const ast::Statement& statement,
                      PreparedStatement::Content& content) {
  switch (statement.kind) {
    case ast::StatementKind::Show:
      describe_show(session, ast::as<ast::ShowStatement>(statement), content);
      return;
    case ast::StatementKind::Execute: {
      const auto& execute = ast::as<ast::ExecuteStatement>(statement);
      if (session.has_prepared(execute.name)) {
        const PreparedPtr named = session.find_prepared(execute.name);
        content.columns = named->columns();
        content.statement_class = named->statement_class();
      }
      return;
    }
    default:
      return;
  }
}

CommandResult dispatch_command(ClientSession& session, const PreparedStatement& prepared,
                               const std::vector<engine::Value>& parameters) {
  static_cast<void>(parameters);
  const ast::Statement& statement = *prepared.statement();
  if (session.block().is_read_only() && writes(statement)) {
    throw SqlError(
        sqlstate::kReadOnlySqlTransaction,
        fmt::format("cannot execute {} in a read-only transaction", command_name(statement)));
  }
  switch (statement.kind) {
    case ast::StatementKind::Transaction:
      return run<ast::TransactionStatement>(run_transaction, session, statement);
    case ast::StatementKind::Set:
      return run<ast::SetStatement>(set, session, statement);
    case ast::StatementKind::Show:
      return show(session, ast::as<ast::ShowStatement>(statement));
    case ast::StatementKind::CreateTable:
      return run<ast::CreateTableStatement>(create_table, session, statement);
    case ast::StatementKind::Drop:
      return run<ast::DropStatement>(drop, session, statement);
    case ast::StatementKind::Truncate:
      return run<ast::TruncateStatement>(truncate, session, statement);
    case ast::StatementKind::Prepare:
      return {.tag = prepare_named(session, prepared), .rows = {}};
    case ast::StatementKind::Deallocate:
      return run<ast::DeallocateStatement>(deallocate, session, statement);
    case ast::StatementKind::Discard:
      return run<ast::DiscardStatement>(discard, session, statement);
    case ast::StatementKind::LockTable:
      return run<ast::LockTableStatement>(lock_table, session, statement);
    case ast::StatementKind::Constraints:
      return {.tag = "SET CONSTRAINTS", .rows = {}};
    default:
      unsupported(std::string(command_name(statement)));
  }
}

}  // namespace omen::sql
