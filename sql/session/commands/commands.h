#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/session/client_session.h"

/// Utility commands: everything that is not SELECT, INSERT, UPDATE or DELETE. Each function runs
/// one kind in the session's transaction; most return CommandComplete's tag. They throw SqlError.
namespace omen::sql {

/// SELECT, INSERT, UPDATE, DELETE: bound and planned.
bool is_query(const ast::Statement& statement);
/// The statement as it is called in tags and errors: "CREATE TABLE".
std::string_view command_name(const ast::Statement& statement);
/// Fills class, columns and parameter types of a statement that is not a query.
void describe_command(ClientSession& session, const ast::Statement& statement,
                      PreparedStatement::Content& content);
/// Runs a statement that is neither a query nor EXECUTE nor COPY through the protocol.
CommandResult dispatch_command(ClientSession& session, const PreparedStatement& prepared,
                               const std::vector<engine::Value>& parameters);

// --- settings (set.cpp) ---
/// SET from any door: settings with a meaning of their own (transaction_isolation) go where they
/// belong. nullopt resets.
void assign_setting(ClientSession& session, std::string_view name,
                    const std::optional<std::string>& value, bool is_local);
std::string set(ClientSession& session, const ast::SetStatement& statement);
CommandResult show(ClientSession& session, const ast::ShowStatement& statement);
void describe_show(ClientSession& session, const ast::ShowStatement& statement,
                   PreparedStatement::Content& content);

// --- transactions (transaction.cpp) ---
std::string run_transaction(ClientSession& session, const ast::TransactionStatement& statement);
std::string lock_table(ClientSession& session, const ast::LockTableStatement& statement);

// --- tables (create_table.cpp, drop.cpp, truncate.cpp, alter_table.cpp) ---
std::string create_table(ClientSession& session, const ast::CreateTableStatement& statement);
std::string drop(ClientSession& session, const ast::DropStatement& statement);
std::string truncate(ClientSession& session, const ast::TruncateStatement& statement);
std::string alter_table(ClientSession& session, const ast::AlterTableStatement& statement);
std::string create_index(ClientSession& session, const ast::CreateIndexStatement& statement);
/// CREATE TABLE AS and SELECT INTO.
std::string create_table_as(ClientSession& session, const ast::CreateTableAsStatement& statement,
                            const std::vector<Oid>& declared_types,
                            const std::vector<engine::Value>& parameters);

// --- other objects (schema.cpp, sequence.cpp, comment.cpp, roles.cpp) ---
std::string create_schema(ClientSession& session, const ast::CreateSchemaStatement& statement);
std::string create_extension(ClientSession& session,
                             const ast::CreateExtensionStatement& statement);
std::string create_sequence(ClientSession& session, const ast::CreateSequenceStatement& statement);
std::string alter_sequence(ClientSession& session, const ast::AlterSequenceStatement& statement);
std::string comment(ClientSession& session, const ast::CommentStatement& statement);
std::string create_role(ClientSession& session, const ast::CreateRoleStatement& statement);

// --- upkeep (maintenance.cpp) ---
std::string vacuum(ClientSession& session, const ast::VacuumStatement& statement);
std::string checkpoint(ClientSession& session);
std::string reindex(ClientSession& session, const ast::ReindexStatement& statement);

// --- EXPLAIN (explain.cpp) ---
void describe_explain(ClientSession& session, const ast::ExplainStatement& statement,
                      PreparedStatement::Content& content);
CommandResult run_explain(ClientSession& session, const ast::ExplainStatement& statement,
                          const std::vector<Oid>& declared_types,
                          const std::vector<engine::Value>& parameters);

// --- statements (prepare.cpp) ---
/// `prepared` is the PREPARE itself: it owns the tree and the text of the statement in it.
std::string prepare_named(ClientSession& session, const PreparedStatement& prepared);
std::unique_ptr<Portal> make_execute_portal(ClientSession& session,
                                            const ast::ExecuteStatement& statement,
                                            const std::vector<engine::Value>& parameters);
std::string deallocate(ClientSession& session, const ast::DeallocateStatement& statement);
std::string discard(ClientSession& session, const ast::DiscardStatement& statement);

}  // namespace omen::sql
