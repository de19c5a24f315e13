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
    case ast::StatementKind::Copy:
      content.statement_class = ast::as<ast::CopyStatement>(statement).from
                                    ? StatementClass::CopyIn
                                    : StatementClass::CopyOut;
      return;
    case ast::StatementKind::Explain:
      describe_explain(session, ast::as<ast::ExplainStatement>(statement), content);
      return;
    case ast::StatementKind::CreateTableAs:
      // Names the parameters' types; the table is made when it runs.
      static_cast<void>(session.plan(*ast::as<ast::CreateTableAsStatement>(statement).query,
                                     content.parameter_types));
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
    case ast::StatementKind::AlterTable:
      return run<ast::AlterTableStatement>(alter_table, session, statement);
    case ast::StatementKind::CreateIndex:
      return run<ast::CreateIndexStatement>(create_index, session, statement);
    case ast::StatementKind::CreateTableAs:
      return {.tag = create_table_as(session, ast::as<ast::CreateTableAsStatement>(statement),
                                     prepared.parameter_types(), parameters),
              .rows = {}};
    case ast::StatementKind::CreateSchema:
      return run<ast::CreateSchemaStatement>(create_schema, session, statement);
    case ast::StatementKind::CreateExtension:
      return run<ast::CreateExtensionStatement>(create_extension, session, statement);
    case ast::StatementKind::CreateSequence:
      return run<ast::CreateSequenceStatement>(create_sequence, session, statement);
    case ast::StatementKind::AlterSequence:
      return run<ast::AlterSequenceStatement>(alter_sequence, session, statement);
    case ast::StatementKind::Comment:
      return run<ast::CommentStatement>(comment, session, statement);
    case ast::StatementKind::CreateRole:
      return run<ast::CreateRoleStatement>(create_role, session, statement);
    case ast::StatementKind::Vacuum:
      return run<ast::VacuumStatement>(vacuum, session, statement);
    case ast::StatementKind::Checkpoint:
      return {.tag = checkpoint(session), .rows = {}};
    case ast::StatementKind::Reindex:
      return run<ast::ReindexStatement>(reindex, session, statement);
    case ast::StatementKind::Explain:
      return run_explain(session, ast::as<ast::ExplainStatement>(statement),
                         prepared.parameter_types(), parameters);
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
