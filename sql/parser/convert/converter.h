#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/arena.h"
#include "sql/parser/ast.h"

namespace omen::sql {

using GrammarNode = PgQuery__Node;
using GrammarList = std::span<GrammarNode* const>;

/// Turns libpg_query's tree into our AST. One per parsed text; members by topic in convert/*.cpp.
///
/// Whatever the grammar accepts and the AST has no place for throws 0A000 naming it. Nesting deeper
/// than kParseDepthMax throws 54001, so that everyone who walks the AST may recurse.
class Converter {
 public:
  explicit Converter(engine::Arena& arena) : arena_(arena) {}

  /// One statement of the text; `length` 0 means up to its end.
  ast::Statement* raw_statement(const PgQuery__RawStmt& raw);

 private:
  // --- statement.cpp: dispatch ---
  ast::Statement* statement(const GrammarNode& node);

  // --- expression.cpp ---
  ast::Expr* expression(const GrammarNode* node);  ///< nullptr for nullptr
  std::vector<ast::Expr*> expressions(GrammarList list);
  ast::Expr* constant(const PgQuery__AConst& node);
  ast::Expr* column_reference(const PgQuery__ColumnRef& node);
  ast::Expr* operator_expression(const PgQuery__AExpr& node);
  ast::Expr* between(const PgQuery__AExpr& node);
  ast::Expr* in_list(const PgQuery__AExpr& node);
  ast::Expr* like(const PgQuery__AExpr& node);
  ast::Expr* boolean(const PgQuery__BoolExpr& node);
  ast::Expr* null_test(const PgQuery__NullTest& node);
  ast::Expr* boolean_test(const PgQuery__BooleanTest& node);
  ast::Expr* function_call(const PgQuery__FuncCall& node);
  ast::Expr* case_expression(const PgQuery__CaseExpr& node);
  ast::Expr* indirection(const PgQuery__AIndirection& node);
  ast::Expr* sublink(const PgQuery__SubLink& node);
  ast::Expr* value_function(const PgQuery__SQLValueFunction& node);
  ast::Expr* cast(const PgQuery__TypeCast& node);
  ast::TypeName* type_name(const PgQuery__TypeName* node);

  // --- query.cpp ---
  ast::Statement* top_level_select(const PgQuery__SelectStmt& node);
  ast::SelectStatement* select(const PgQuery__SelectStmt& node);
  void plain_select(const PgQuery__SelectStmt& node, ast::SelectStatement& out);
  std::vector<ast::Target*> targets(GrammarList list);
  std::vector<ast::SortBy*> sort_list(GrammarList list);
  std::vector<ast::FromItem*> from_list(GrammarList list);
  ast::FromItem* from_item(const GrammarNode& node);
  ast::FromItem* join(const PgQuery__JoinExpr& node);
  ast::FromItem* from_function(const PgQuery__RangeFunction& node);
  ast::FromTable* table(const PgQuery__RangeVar* node);
  std::vector<ast::FromTable*> tables(GrammarList list);
  ast::With* with(const PgQuery__WithClause* node);
  ast::LockingClause locking(const PgQuery__LockingClause& node);

  // --- modify.cpp ---
  ast::Statement* insert(const PgQuery__InsertStmt& node);
  ast::Statement* update(const PgQuery__UpdateStmt& node);
  ast::Statement* remove(const PgQuery__DeleteStmt& node);
  ast::OnConflict* on_conflict(const PgQuery__OnConflictClause* node);
  std::vector<ast::Assignment*> assignments(GrammarList list);

  // --- define.cpp: CREATE, DROP, TRUNCATE ---
  ast::Statement* create_table(const PgQuery__CreateStmt& node);
  ast::Statement* create_table_as(const PgQuery__CreateTableAsStmt& node);
  ast::CreateTableAsStatement* into(const PgQuery__IntoClause& node);
  ast::ColumnDefinition* column_definition(const PgQuery__ColumnDef& node);
  ast::Constraint* constraint(const PgQuery__Constraint& node);
  /// Appends the constraints of a list; DEFERRABLE and the like change the one before them.
  void constraints(GrammarList list, std::vector<ast::Constraint*>& out);
  ast::Statement* create_index(const PgQuery__IndexStmt& node);
  ast::IndexElement* index_element(const PgQuery__IndexElem& node);
  ast::Statement* drop(const PgQuery__DropStmt& node);
  ast::Statement* truncate(const PgQuery__TruncateStmt& node);
  ast::Statement* create_schema(const PgQuery__CreateSchemaStmt& node);
  ast::Statement* create_sequence(const PgQuery__CreateSeqStmt& node);
  ast::Statement* alter_sequence(const PgQuery__AlterSeqStmt& node);
  ast::Statement* create_extension(const PgQuery__CreateExtensionStmt& node);
  ast::Statement* alter_extension(const PgQuery__AlterExtensionStmt& node);
  ast::Statement* create_role(const PgQuery__CreateRoleStmt& node);
  ast::Statement* drop_role(const PgQuery__DropRoleStmt& node);
  ast::Statement* alter_role(const PgQuery__AlterRoleStmt& node);

  // --- alter.cpp ---
  ast::Statement* alter_table(const PgQuery__AlterTableStmt& node);
  ast::AlterCommand* alter_command(const PgQuery__AlterTableCmd& node);
  ast::Statement* rename(const PgQuery__RenameStmt& node);
  ast::Statement* set_schema(const PgQuery__AlterObjectSchemaStmt& node);
  ast::Statement* set_owner(const PgQuery__AlterOwnerStmt& node);

  // --- utility.cpp ---
  ast::Statement* transaction(const PgQuery__TransactionStmt& node);
  ast::TransactionModes transaction_modes(GrammarList options);
  ast::Statement* set_variable(const PgQuery__VariableSetStmt& node);
  ast::Statement* explain(const PgQuery__ExplainStmt& node);
  ast::Statement* vacuum(const PgQuery__VacuumStmt& node);
  ast::Statement* copy(const PgQuery__CopyStmt& node);
  ast::Statement* prepare(const PgQuery__PrepareStmt& node);
  ast::Statement* execute(const PgQuery__ExecuteStmt& node);
  ast::Statement* discard(const PgQuery__DiscardStmt& node);
  ast::Statement* lock_table(const PgQuery__LockStmt& node);
  ast::Statement* comment(const PgQuery__CommentStmt& node);
  ast::Statement* reindex(const PgQuery__ReindexStmt& node);

  // --- option.cpp ---
  std::vector<ast::Option> options(GrammarList list);
  ast::Option option(const PgQuery__DefElem& node);
  static ast::DropKind object_kind(PgQuery__ObjectType type);

  /// Counts nesting while a recursive member runs.
  class DepthGuard;

  engine::Arena& arena_;
  std::size_t depth_ = 0;
};

class Converter::DepthGuard {
 public:
  explicit DepthGuard(Converter& converter);
  ~DepthGuard() { --converter_.depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  Converter& converter_;
};

/// The 54001 of every depth limit of the parser.
[[noreturn]] void stack_depth_exceeded();

// --- small readers of grammar nodes, option.cpp ---
inline std::string text_of(const char* text) {
  return text == nullptr ? std::string() : text;
}
inline bool is_set(const GrammarNode* node) {
  return node != nullptr && node->node_case != PG_QUERY__NODE__NODE__NOT_SET;
}
inline bool has_text(const char* text) {
  return text != nullptr && *text != '\0';
}
/// A String node's text; XX000 for another node.
std::string string_of(const GrammarNode& node);
std::vector<std::string> strings_of(GrammarList list);
/// The grammar's name of a role; CURRENT_USER and the like in lower case.
std::string role_name(const PgQuery__RoleSpec* role);

}  // namespace omen::sql
