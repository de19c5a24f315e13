#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sql/parser/ast_expression.h"
#include "sql/parser/ast_query.h"

/// The raw parse tree: what the text says, before any name is looked up. Shapes and names follow
/// PostgreSQL's parse nodes (nodes/parsenodes.h), reduced to what the binder reads. Nodes live in
/// the statement's Arena; pointers are borrowed from it. `location` is a byte offset or -1.
///
/// What the grammar accepts and OmenDB does not is refused while converting (0A000), so that no
/// clause is ever silently dropped.
namespace omen::sql::ast {

struct Option {  ///< name = value in WITH (...), COPY (...), EXPLAIN (...)
  std::string name;
  std::optional<std::string> value;  ///< as text; nullopt if given alone
  std::vector<std::string> list;     ///< a parenthesised list (COPY ... FORCE_QUOTE (a, b))
  bool star = false;
  int location = -1;
};

enum class ConstraintKind : std::uint8_t {
  NotNull,
  Null,
  Default,
  PrimaryKey,
  Unique,
  Check,
  Identity,
  ForeignKey,
  Generated
};
struct Constraint {
  ConstraintKind kind = ConstraintKind::NotNull;
  std::string name;
  Expr* expression = nullptr;        ///< Default, Check, Generated
  std::vector<std::string> columns;  ///< PrimaryKey, Unique as table constraints; ForeignKey
  std::vector<std::string> including;
  std::vector<Option> options;  ///< WITH (...), or sequence options of an identity
  bool identity_always = false;
  bool deferrable = false;
  bool initially_deferred = false;
  std::string using_index;         ///< ADD CONSTRAINT ... USING INDEX
  QualifiedName referenced_table;  ///< ForeignKey
  std::vector<std::string> referenced_columns;
  char on_delete = 'a', on_update = 'a';
  int location = -1;
};
struct ColumnDefinition {
  std::string name;
  TypeName* type = nullptr;
  QualifiedName collation;
  std::vector<Constraint*> constraints;
  int location = -1;
};
struct CreateTableStatement : Statement {
  FromTable* table = nullptr;
  bool if_not_exists = false;
  char persistence = 'p';  ///< p, u (unlogged), t (temporary)
  std::vector<ColumnDefinition*> columns;
  std::vector<Constraint*> constraints;
  std::vector<Option> options;
  std::string access_method;
  char on_commit = '\0';  ///< p (preserve rows), d (delete rows), D (drop)
  CreateTableStatement() : Statement(StatementKind::CreateTable) {}
};
struct CreateTableAsStatement : Statement {  ///< also SELECT INTO
  FromTable* table = nullptr;
  std::vector<std::string> column_names;
  SelectStatement* query = nullptr;
  bool if_not_exists = false;
  bool with_no_data = false;
  char persistence = 'p';
  std::vector<Option> options;
  CreateTableAsStatement() : Statement(StatementKind::CreateTableAs) {}
};
enum class DropKind : std::uint8_t {
  Table,
  Index,
  Sequence,
  Schema,
  Extension,
  View,
  Type,
  Function,
  MaterializedView,
  Role
};
struct DropStatement : Statement {
  DropKind object = DropKind::Table;
  std::vector<QualifiedName> names;
  bool if_exists = false;
  bool cascade = false;
  bool concurrently = false;
  DropStatement() : Statement(StatementKind::Drop) {}
};
struct TruncateStatement : Statement {
  std::vector<FromTable*> tables;
  bool restart_identity = false;
  bool cascade = false;
  TruncateStatement() : Statement(StatementKind::Truncate) {}
};
struct IndexElement {
  std::string column;  ///< or expression
  Expr* expression = nullptr;
  QualifiedName opclass;
  QualifiedName collation;
  bool descending = false;
  std::optional<bool> nulls_first;
  bool explicit_order = false;  ///< ASC or DESC was written
};
struct CreateIndexStatement : Statement {
  std::string name;
  FromTable* table = nullptr;
  std::string method;  ///< lower case; btree if not given
  std::vector<IndexElement*> elements;
  std::vector<IndexElement*> including;
  std::vector<Option> options;
  Expr* where = nullptr;
  bool unique = false;
  bool nulls_not_distinct = false;
  bool concurrently = false;
  bool if_not_exists = false;
  CreateIndexStatement() : Statement(StatementKind::CreateIndex) {}
};
enum class AlterKind : std::uint8_t {
  AddColumn,
  DropColumn,
  AddConstraint,
  DropConstraint,
  SetDefault,
  DropDefault,
  SetNotNull,
  DropNotNull,
  AlterType,
  SetOptions,
  ResetOptions,
  RenameTable,
  RenameColumn,
  RenameConstraint,
  OwnerTo,
  SetSchema,
  SetStorage,
  SetStatistics,
  AddIdentity,
  DropIdentity,
  EnableTriggers,
  Other
};
struct AlterCommand {
  AlterKind kind = AlterKind::AddColumn;
  std::string name;      ///< column or constraint
  std::string new_name;  ///< renames, owner, schema
  ColumnDefinition* column = nullptr;
  Constraint* constraint = nullptr;
  Expr* expression = nullptr;  ///< SetDefault; USING of AlterType
  std::vector<Option> options;
  bool if_exists = false;
  bool if_not_exists = false;
  bool cascade = false;
  std::string text;  ///< Other: the command's name, for the error message
};
struct AlterTableStatement : Statement {
  /// ALTER TABLE, INDEX, SEQUENCE, SCHEMA, EXTENSION... share it
  DropKind object = DropKind::Table;
  FromTable* table = nullptr;
  bool if_exists = false;
  std::vector<AlterCommand*> commands;
  AlterTableStatement() : Statement(StatementKind::AlterTable) {}
};
struct CreateSchemaStatement : Statement {
  std::string name;
  bool if_not_exists = false;
  CreateSchemaStatement() : Statement(StatementKind::CreateSchema) {}
};
/// Sequence options: as_type, start, increment, minvalue, maxvalue, cache, cycle, owned_by, restart
struct CreateSequenceStatement : Statement {
  FromTable* sequence = nullptr;
  bool if_not_exists = false;
  std::vector<Option> options;
  CreateSequenceStatement() : Statement(StatementKind::CreateSequence) {}
};
struct AlterSequenceStatement : Statement {
  FromTable* sequence = nullptr;
  bool if_exists = false;
  std::vector<Option> options;
  AlterSequenceStatement() : Statement(StatementKind::AlterSequence) {}
};
struct CreateExtensionStatement : Statement {
  std::string name;
  bool if_not_exists = false;
  bool update = false;  ///< ALTER EXTENSION name UPDATE [TO version]
  std::optional<std::string> schema, version;
  bool cascade = false;
  CreateExtensionStatement() : Statement(StatementKind::CreateExtension) {}
};
struct CreateRoleStatement : Statement {  ///< CREATE/ALTER ROLE/USER
  std::string name;
  bool alter = false;
  bool login_by_default = false;  ///< CREATE USER
  std::vector<Option> options;    ///< password, superuser, canlogin, createdb, ...
  CreateRoleStatement() : Statement(StatementKind::CreateRole) {}
};

enum class TransactionCommand : std::uint8_t {
  Begin,
  Commit,
  Rollback,
  Savepoint,
  Release,
  RollbackTo,
  PrepareTransaction,
  CommitPrepared,
  RollbackPrepared
};
struct TransactionModes {
  std::string isolation;  ///< "read committed", ...; empty: not given
  std::optional<bool> read_only;
  std::optional<bool> deferrable;
};
struct TransactionStatement : Statement {
  TransactionCommand command = TransactionCommand::Begin;
  TransactionModes modes;
  std::string savepoint;
  bool chain = false;
  bool started = false;  ///< written START TRANSACTION, for the tag
  TransactionStatement() : Statement(StatementKind::Transaction) {}
};
struct SetStatement : Statement {
  enum class Kind : std::uint8_t {
    Set,
    Default,
    Reset,
    ResetAll,
    TransactionModes,
    SessionModes,
    Snapshot
  } type = Kind::Set;
  std::string name;
  std::vector<std::string> values;  ///< as text; several: a list (search_path)
  bool local = false;
  TransactionModes modes;
  SetStatement() : Statement(StatementKind::Set) {}
};
struct ShowStatement : Statement {
  std::string name;
  ShowStatement() : Statement(StatementKind::Show) {}
};
struct ExplainStatement : Statement {
  Statement* query = nullptr;
  std::vector<Option> options;
  ExplainStatement() : Statement(StatementKind::Explain) {}
};
struct VacuumStatement : Statement {
  bool analyze_only = false;  ///< ANALYZE
  std::vector<Option> options;
  std::vector<FromTable*> tables;
  VacuumStatement() : Statement(StatementKind::Vacuum) {}
};
struct CopyStatement : Statement {
  FromTable* table = nullptr;
  std::vector<std::string> columns;
  Statement* query = nullptr;  ///< COPY (query) TO
  bool from = false;
  std::optional<std::string> file;  ///< nullopt: STDIN or STDOUT
  bool program = false;
  std::vector<Option> options;
  Expr* where = nullptr;
  CopyStatement() : Statement(StatementKind::Copy) {}
};
struct PrepareStatement : Statement {
  std::string name;
  std::vector<TypeName*> parameter_types;
  Statement* query = nullptr;
  PrepareStatement() : Statement(StatementKind::Prepare) {}
};
struct ExecuteStatement : Statement {
  std::string name;
  std::vector<Expr*> arguments;
  ExecuteStatement() : Statement(StatementKind::Execute) {}
};
struct DeallocateStatement : Statement {
  std::string name; /*empty: ALL*/
  DeallocateStatement() : Statement(StatementKind::Deallocate) {}
};
/// target: ALL, PLANS, SEQUENCES, TEMP
struct DiscardStatement : Statement {
  std::string target;
  DiscardStatement() : Statement(StatementKind::Discard) {}
};
struct LockTableStatement : Statement {
  std::vector<FromTable*> tables;
  int mode = 8;  ///< 1 (ACCESS SHARE) .. 8 (ACCESS EXCLUSIVE)
  bool no_wait = false;
  LockTableStatement() : Statement(StatementKind::LockTable) {}
};
struct CommentStatement : Statement {
  std::string object_type;  ///< "table", "column", "index", "extension", ...
  QualifiedName name;
  std::optional<std::string> comment;
  CommentStatement() : Statement(StatementKind::Comment) {}
};
struct CheckpointStatement : Statement {
  CheckpointStatement() : Statement(StatementKind::Checkpoint) {}
};
struct ReindexStatement : Statement {
  std::string object_type;  ///< "index", "table", ...
  QualifiedName name;
  bool concurrently = false;
  ReindexStatement() : Statement(StatementKind::Reindex) {}
};
struct ConstraintsStatement : Statement {
  bool deferred = false;
  ConstraintsStatement() : Statement(StatementKind::Constraints) {}
};

}  // namespace omen::sql::ast
