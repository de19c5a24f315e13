#include "sql/binder/binder.h"

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {

BoundQuery* StatementBinder::bind_statement(const ast::Statement& statement) {
  BoundQuery* out = nullptr;
  switch (statement.kind) {
    case ast::StatementKind::Select:
      out = bind_select(ast::as<ast::SelectStatement>(statement), {});
      break;
    default:
      out = bind_modifying(statement);
      break;
  }
  state_.check_parameters();
  return out;
}

BoundQuery* StatementBinder::bind_modifying(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::Insert:
      return bind_insert(ast::as<ast::InsertStatement>(statement));
    case ast::StatementKind::Update:
      return bind_update(ast::as<ast::UpdateStatement>(statement));
    case ast::StatementKind::Delete:
      return bind_delete(ast::as<ast::DeleteStatement>(statement));
    default:
      internal_error("only queries can be bound");
  }
}

Expression* StatementBinder::bind_standalone(const ast::Expr& expression,
                                             const engine::Table* table, Type target,
                                             std::string_view target_name) {
  BoundQuery holder;  // gives the table's columns a relation to belong to
  Scope scope;
  scope.barrier = true;
  scope.place = table == nullptr ? Place::Default : Place::Check;
  scope.query = &holder;
  scope_ = &scope;
  if (table != nullptr) {
    ast::FromTable no_alias;
    FromResult result = add_relation(table_relation(*table), no_alias, {});
    scope.items.push_back(std::move(result.items[0]));
  }
  Expression* out = bind(expression);
  if (target.oid == 0) {
    out = resolve_unknown(state_, out);
  } else {
    out = target_name == "CHECK" ? to_boolean(out, target_name)
                                 : coerce_for_assignment(state_, out, target, target_name);
  }
  state_.check_parameters();
  scope_ = nullptr;
  return out;
}

BoundQuery* bind_query(BindContext& context, const ast::Statement& statement) {
  return StatementBinder(context).bind_statement(statement);
}

Expression* bind_expression(BindContext& context, const ast::Expr& expression,
                            const engine::Table* table, Type target, std::string_view target_name) {
  return StatementBinder(context).bind_standalone(expression, table, target, target_name);
}

}  // namespace omen::sql
