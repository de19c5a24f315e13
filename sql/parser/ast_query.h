#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sql/parser/ast_expression.h"

/// FROM, WITH, SELECT, INSERT, UPDATE and DELETE of the raw parse tree; see ast.h.
namespace omen::sql::ast {

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
struct FromTable : FromItem {
  QualifiedName name;
  bool only = false;
  FromTable() : FromItem(FromKind::Table) {}
};
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

enum class StatementKind : std::uint8_t {
  Select,
  Insert,
  Update,
  Delete,
  CreateTable,
  Drop,
  Truncate,
  CreateIndex,
  AlterTable,
  CreateSchema,
  CreateSequence,
  AlterSequence,
  CreateExtension,
  CreateTableAs,
  Transaction,
  Set,
  Show,
  Explain,
  Vacuum,
  Copy,
  Prepare,
  Execute,
  Deallocate,
  Discard,
  LockTable,
  Comment,
  CreateRole,
  Checkpoint,
  Reindex,
  Constraints
};

struct Statement {
  StatementKind kind;
  int location = 0;  ///< of the statement in the whole text, and its length (0: to the end)
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
  std::vector<Expr*> target_columns;  ///< inference: column references
  Expr* target_where = nullptr;
  std::string constraint;  ///< ON CONSTRAINT
  std::vector<Assignment*> assignments;
  Expr* where = nullptr;
  int location = -1;
};
struct InsertStatement : Statement {
  With* with = nullptr;
  FromTable* table = nullptr;
  std::vector<Assignment*> columns;
  SelectStatement* source = nullptr;  ///< null: DEFAULT VALUES
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

}  // namespace omen::sql::ast
