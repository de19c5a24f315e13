#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The raw parse tree: what the text says, before any name is looked up. Shapes and names follow
/// PostgreSQL's parse nodes (nodes/parsenodes.h), reduced to what the binder reads. Nodes live in
/// the statement's Arena; pointers are borrowed from it. `location` is a byte offset or -1.
///
/// What the grammar accepts and OmenDB does not is refused while converting (0A000), so that no
/// clause is ever silently dropped.
namespace omen::sql::ast {

// ---------------------------------------------------------------- expressions

enum class ExprKind : std::uint8_t {
  Constant, Parameter, ColumnRef, Star, FunctionCall, Operator, AnyAll, Between, Like, In, Boolean, NullTest,
  BooleanTest, DistinctTest, NullIf, Case, Coalesce, MinMax, Cast, Collate, Array, Subscript, FieldSelect,
  Row, Subquery, ValueFunction, Default
};

struct Expr {
  ExprKind kind;
  int location = -1;
  explicit Expr(ExprKind k) : kind(k) {}
};

struct SelectStatement;
struct TypeName;
struct SortBy;

using QualifiedName = std::vector<std::string>;  ///< schema and name, or name alone (or with database)

struct Constant : Expr {
  enum class Kind : std::uint8_t { Null, Boolean, Integer, Float, String, BitString } type = Kind::Null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;  ///< Float: as typed; String; BitString: b... or x...
  Constant() : Expr(ExprKind::Constant) {}
};
struct Parameter : Expr { int number = 0; Parameter() : Expr(ExprKind::Parameter) {} };
/// a, t.a, s.t.a; ends_with_star: t.*
struct ColumnRef : Expr { QualifiedName names; bool star = false; ColumnRef() : Expr(ExprKind::ColumnRef) {} };
struct FunctionCall : Expr {
  QualifiedName name;
  std::vector<Expr*> arguments;
  std::vector<std::string> argument_names;  ///< parallel to arguments; empty string if positional
  bool star = false;       ///< count(*)
  bool distinct = false;
  bool variadic = false;   ///< last argument marked VARIADIC
  std::vector<SortBy*> order_by;
  Expr* filter = nullptr;
  bool has_over = false;   ///< window call
  FunctionCall() : Expr(ExprKind::FunctionCall) {}
};
/// left is null for a prefix operator
struct Operator : Expr {
  QualifiedName name;
  Expr* left = nullptr;
  Expr* right = nullptr;
  Operator() : Expr(ExprKind::Operator) {}
};
/// left op ANY/ALL (array expression)
struct AnyAll : Expr {
  QualifiedName name;
  bool all = false;
  Expr* left = nullptr;
  Expr* right = nullptr;
  AnyAll() : Expr(ExprKind::AnyAll) {}
};
struct Between : Expr {
  bool negated = false;
  bool symmetric = false;
  Expr* operand = nullptr;
  Expr* low = nullptr;
  Expr* high = nullptr;
  Between() : Expr(ExprKind::Between) {}
};
/// LIKE, ILIKE, SIMILAR TO: `name` is the operator (~~, !~~, ~~*, !~~*, ~, !~)
struct Like : Expr {
  std::string name;
  bool similar = false;
  Expr* left = nullptr;
  Expr* right = nullptr;  ///< with ESCAPE: a call of like_escape / similar_to_escape
  Like() : Expr(ExprKind::Like) {}
};
struct In : Expr {
  bool negated = false;
  Expr* operand = nullptr;
  std::vector<Expr*> list;
  In() : Expr(ExprKind::In) {}
};
struct Boolean : Expr {
  enum class Op : std::uint8_t { And, Or, Not } op = Op::And;
  std::vector<Expr*> arguments;
  Boolean() : Expr(ExprKind::Boolean) {}
};
struct NullTest : Expr { Expr* operand = nullptr; bool negated = false; NullTest() : Expr(ExprKind::NullTest) {} };
struct BooleanTest : Expr {
  enum class Test : std::uint8_t { True, NotTrue, False, NotFalse, Unknown, NotUnknown } test = Test::True;
  Expr* operand = nullptr;
  BooleanTest() : Expr(ExprKind::BooleanTest) {}
};
/// IS [NOT] DISTINCT FROM
struct DistinctTest : Expr {
  bool negated = false;
  Expr* left = nullptr;
  Expr* right = nullptr;
  DistinctTest() : Expr(ExprKind::DistinctTest) {}
};
struct NullIf : Expr { Expr* left = nullptr; Expr* right = nullptr; NullIf() : Expr(ExprKind::NullIf) {} };
struct Case : Expr {
  Expr* operand = nullptr;
  struct When { Expr* condition; Expr* result; };
  std::vector<When> whens;
  Expr* otherwise = nullptr;
  Case() : Expr(ExprKind::Case) {}
};
struct Coalesce : Expr { std::vector<Expr*> arguments; Coalesce() : Expr(ExprKind::Coalesce) {} };
struct MinMax : Expr { bool greatest = false; std::vector<Expr*> arguments; MinMax() : Expr(ExprKind::MinMax) {} };
struct Cast : Expr { Expr* operand = nullptr; TypeName* type = nullptr; Cast() : Expr(ExprKind::Cast) {} };
struct Collate : Expr { Expr* operand = nullptr; QualifiedName collation; Collate() : Expr(ExprKind::Collate) {} };
struct Array : Expr { std::vector<Expr*> elements; Array() : Expr(ExprKind::Array) {} };
struct Subscript : Expr {
  Expr* operand = nullptr;
  struct Index { bool slice = false; Expr* lower = nullptr; Expr* upper = nullptr; };  ///< [upper] or [lower:upper]
  std::vector<Index> indexes;
  Subscript() : Expr(ExprKind::Subscript) {}
};
/// (operand).field; empty name: (operand).*
struct FieldSelect : Expr { Expr* operand = nullptr; std::string field; FieldSelect() : Expr(ExprKind::FieldSelect) {} };
struct Row : Expr { std::vector<Expr*> fields; Row() : Expr(ExprKind::Row) {} };
struct Subquery : Expr {
  enum class Kind : std::uint8_t { Exists, Scalar, Array, Any, All } type = Kind::Scalar;
  Expr* operand = nullptr;    ///< Any, All: left side
  QualifiedName operator_name;  ///< Any, All: empty means IN (=)
  SelectStatement* query = nullptr;
  Subquery() : Expr(ExprKind::Subquery) {}
};
/// CURRENT_DATE, CURRENT_TIMESTAMP(n), CURRENT_USER, ...: `name` in lower case
struct ValueFunction : Expr { std::string name; int precision = -1; ValueFunction() : Expr(ExprKind::ValueFunction) {} };
/// DEFAULT in VALUES, SET or INSERT
struct Default : Expr { Default() : Expr(ExprKind::Default) {} };

struct TypeName {
  QualifiedName names;
  std::vector<Expr*> modifiers;
  int array_dimensions = 0;
  int location = -1;
};

/// Safe downcast by kind is the caller's duty: `switch (e->kind)`.
template <typename T, typename Base>
const T& as(const Base& node) {
  return static_cast<const T&>(node);
}

// ---------------------------------------------------------------- queries

struct SortBy {
  Expr* expression = nullptr;
  bool descending = false;
  std::optional<bool> nulls_first;
  QualifiedName using_operator;  ///< ORDER BY x USING <
  int location = -1;
};

struct Target {
  Expr* expression = nullptr;
  std::string alias;  ///< empty: derived
  int location = -1;
};

enum class FromKind : std::uint8_t { Table, Subquery, Function, Join };
struct FromItem {
  FromKind kind;
  std::string alias;
  std::vector<std::string> column_aliases;
  int location = -1;
  explicit FromItem(FromKind k) : kind(k) {}
};
struct FromTable : FromItem { QualifiedName name; bool only = false; FromTable() : FromItem(FromKind::Table) {} };
struct FromSubquery : FromItem {
  bool lateral = false;
  SelectStatement* query = nullptr;
  FromSubquery() : FromItem(FromKind::Subquery) {}
};
struct ColumnDefinition;
struct FromFunction : FromItem {
  bool lateral = false;
  bool with_ordinality = false;
  std::vector<Expr*> functions;  ///< one, or several in ROWS FROM
  FromFunction() : FromItem(FromKind::Function) {}
};
enum class JoinType : std::uint8_t { Inner, Left, Right, Full };
struct FromJoin : FromItem {
  JoinType type = JoinType::Inner;
  FromItem* left = nullptr;
  FromItem* right = nullptr;
  Expr* condition = nullptr;
  std::vector<std::string> using_columns;
  bool natural = false;
  FromJoin() : FromItem(FromKind::Join) {}
};

struct Statement;
struct CommonTableExpression {
  std::string name;
  std::vector<std::string> column_aliases;
  std::optional<bool> materialized;
  Statement* query = nullptr;  ///< SELECT, or INSERT/UPDATE/DELETE ... RETURNING
  int location = -1;
};
struct With {
  bool recursive = false;
  std::vector<CommonTableExpression*> expressions;
  int location = -1;
};

// ---------------------------------------------------------------- statements

enum class StatementKind : std::uint8_t {
  Select, Insert, Update, Delete, CreateTable, Drop, Truncate, CreateIndex, AlterTable, CreateSchema,
  CreateSequence, AlterSequence, CreateExtension, CreateTableAs, Transaction, Set, Show, Explain, Vacuum, Copy,
  Prepare, Execute, Deallocate, Discard, LockTable, Comment, CreateRole, Checkpoint, Reindex, Constraints
};

struct Statement {
  StatementKind kind;
  int location = 0;   ///< of the statement in the whole text, and its length (0: to the end)
  int length = 0;
  explicit Statement(StatementKind k) : kind(k) {}
};

enum class SetOperation : std::uint8_t { None, Union, Intersect, Except };
enum class LockStrength : std::uint8_t { KeyShare, Share, NoKeyUpdate, Update };
struct LockingClause {
  LockStrength strength = LockStrength::Update;
  std::vector<QualifiedName> tables;
  bool no_wait = false;
  bool skip_locked = false;
};

struct SelectStatement : Statement {
  With* with = nullptr;
  bool distinct = false;
  std::vector<Expr*> distinct_on;
  std::vector<Target*> targets;
  std::vector<FromItem*> from;
  Expr* where = nullptr;
  std::vector<Expr*> group_by;  ///< plain expressions; GROUPING SETS are refused
  bool group_distinct = false;
  Expr* having = nullptr;
  std::vector<std::vector<Expr*>> values;  ///< VALUES lists, if this is one
  std::vector<SortBy*> order_by;
  Expr* limit = nullptr;
  Expr* offset = nullptr;
  std::vector<LockingClause> locking;
  SetOperation set_operation = SetOperation::None;
  bool all = false;
  SelectStatement* left = nullptr;
  SelectStatement* right = nullptr;
  SelectStatement() : Statement(StatementKind::Select) {}
};

struct Assignment {  ///< SET column = expression, or one column of INSERT's list
  std::string column;
  Expr* expression = nullptr;
  int location = -1;
};
struct OnConflict {
  bool do_update = false;
  std::vector<Expr*> target_columns;   ///< inference: column references
  Expr* target_where = nullptr;
  std::string constraint;              ///< ON CONSTRAINT
  std::vector<Assignment*> assignments;
  Expr* where = nullptr;
  int location = -1;
};
struct InsertStatement : Statement {
  With* with = nullptr;
  FromTable* table = nullptr;
  std::vector<Assignment*> columns;
  SelectStatement* source = nullptr;   ///< null: DEFAULT VALUES
  OnConflict* on_conflict = nullptr;
  std::vector<Target*> returning;
  enum class Overriding : std::uint8_t { None, User, System } overriding = Overriding::None;
  InsertStatement() : Statement(StatementKind::Insert) {}
};
struct UpdateStatement : Statement {
  With* with = nullptr;
  FromTable* table = nullptr;
  std::vector<Assignment*> assignments;
  std::vector<FromItem*> from;
  Expr* where = nullptr;
  std::vector<Target*> returning;
  UpdateStatement() : Statement(StatementKind::Update) {}
};
struct DeleteStatement : Statement {
  With* with = nullptr;
  FromTable* table = nullptr;
  std::vector<FromItem*> using_items;
  Expr* where = nullptr;
  std::vector<Target*> returning;
  DeleteStatement() : Statement(StatementKind::Delete) {}
};

struct Option {  ///< name = value in WITH (...), COPY (...), EXPLAIN (...)
  std::string name;
  std::optional<std::string> value;  ///< as text; nullopt if given alone
  std::vector<std::string> list;     ///< a parenthesised list (COPY ... FORCE_QUOTE (a, b))
  bool star = false;
  int location = -1;
};

enum class ConstraintKind : std::uint8_t { NotNull, Null, Default, PrimaryKey, Unique, Check, Identity, ForeignKey, Generated };
struct Constraint {
  ConstraintKind kind = ConstraintKind::NotNull;
  std::string name;
  Expr* expression = nullptr;          ///< Default, Check, Generated
  std::vector<std::string> columns;    ///< PrimaryKey, Unique as table constraints; ForeignKey
  std::vector<std::string> including;
  std::vector<Option> options;         ///< WITH (...), or sequence options of an identity
  bool identity_always = false;
  bool deferrable = false;
  bool initially_deferred = false;
  std::string using_index;             ///< ADD CONSTRAINT ... USING INDEX
  QualifiedName referenced_table;      ///< ForeignKey
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
enum class DropKind : std::uint8_t { Table, Index, Sequence, Schema, Extension, View, Type, Function, MaterializedView };
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
  std::string column;            ///< or expression
  Expr* expression = nullptr;
  QualifiedName opclass;
  QualifiedName collation;
  bool descending = false;
  std::optional<bool> nulls_first;
  bool explicit_order = false;   ///< ASC or DESC was written
};
struct CreateIndexStatement : Statement {
  std::string name;
  FromTable* table = nullptr;
  std::string method;            ///< lower case; btree if not given
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
  AddColumn, DropColumn, AddConstraint, DropConstraint, SetDefault, DropDefault, SetNotNull, DropNotNull, AlterType,
  SetOptions, ResetOptions, RenameTable, RenameColumn, RenameConstraint, OwnerTo, SetSchema, SetStorage, SetStatistics,
  AddIdentity, DropIdentity, EnableTriggers, Other
};
struct AlterCommand {
  AlterKind kind = AlterKind::AddColumn;
  std::string name;              ///< column or constraint
  std::string new_name;          ///< renames, owner, schema
  ColumnDefinition* column = nullptr;
  Constraint* constraint = nullptr;
  Expr* expression = nullptr;    ///< SetDefault; USING of AlterType
  std::vector<Option> options;
  bool if_exists = false;
  bool if_not_exists = false;
  bool cascade = false;
  std::string text;              ///< Other: the command's name, for the error message
};
struct AlterTableStatement : Statement {
  DropKind object = DropKind::Table;  ///< ALTER TABLE, INDEX, SEQUENCE, SCHEMA, EXTENSION... share it
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
  Begin, Commit, Rollback, Savepoint, Release, RollbackTo, PrepareTransaction, CommitPrepared, RollbackPrepared
};
struct TransactionModes {
  std::string isolation;               ///< "read committed", ...; empty: not given
  std::optional<bool> read_only;
  std::optional<bool> deferrable;
};
struct TransactionStatement : Statement {
  TransactionCommand command = TransactionCommand::Begin;
  TransactionModes modes;
  std::string savepoint;
  bool chain = false;
  TransactionStatement() : Statement(StatementKind::Transaction) {}
};
struct SetStatement : Statement {
  enum class Kind : std::uint8_t { Set, Default, Reset, ResetAll, TransactionModes, SessionModes, Snapshot } type = Kind::Set;
  std::string name;
  std::vector<std::string> values;  ///< as text; several: a list (search_path)
  bool local = false;
  TransactionModes modes;
  SetStatement() : Statement(StatementKind::Set) {}
};
struct ShowStatement : Statement { std::string name; ShowStatement() : Statement(StatementKind::Show) {} };
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
  Statement* query = nullptr;     ///< COPY (query) TO
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
struct DeallocateStatement : Statement { std::string name; /*empty: ALL*/ DeallocateStatement() : Statement(StatementKind::Deallocate) {} };
/// target: ALL, PLANS, SEQUENCES, TEMP
struct DiscardStatement : Statement { std::string target; DiscardStatement() : Statement(StatementKind::Discard) {} };
struct LockTableStatement : Statement {
  std::vector<FromTable*> tables;
  int mode = 8;  ///< 1 (ACCESS SHARE) .. 8 (ACCESS EXCLUSIVE)
  bool no_wait = false;
  LockTableStatement() : Statement(StatementKind::LockTable) {}
};
struct CommentStatement : Statement {
  std::string object_type;   ///< "table", "column", "index", "extension", ...
  QualifiedName name;
  std::optional<std::string> comment;
  CommentStatement() : Statement(StatementKind::Comment) {}
};
struct CheckpointStatement : Statement { CheckpointStatement() : Statement(StatementKind::Checkpoint) {} };
struct ReindexStatement : Statement {
  std::string object_type;  ///< "index", "table", ...
  QualifiedName name;
  bool concurrently = false;
  ReindexStatement() : Statement(StatementKind::Reindex) {}
};
struct ConstraintsStatement : Statement { bool deferred = false; ConstraintsStatement() : Statement(StatementKind::Constraints) {} };

}  // namespace omen::sql::ast
