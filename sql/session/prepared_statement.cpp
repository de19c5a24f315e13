#include "sql/session/prepared_statement.h"

#include <algorithm>

#include "sql/types/type_io.h"

namespace omen::sql {

bool PreparedStatement::allowed_in_failed_block() const {
  if (content_.statement == nullptr) {
    return true;
  }
  if (content_.statement->kind != ast::StatementKind::Transaction) {
    return false;
  }
  switch (ast::as<ast::TransactionStatement>(*content_.statement).command) {
    case ast::TransactionCommand::Commit:
    case ast::TransactionCommand::Rollback:
    case ast::TransactionCommand::RollbackTo:
    case ast::TransactionCommand::PrepareTransaction:
      return true;
    default:
      return false;
  }
}

std::vector<ResultColumn> result_columns(const Plan& plan) {
  std::vector<ResultColumn> columns;
  if (!plan.returns_rows) {
    return columns;
  }
  columns.reserve(plan.output.size());
  for (const BoundTarget& target : plan.output) {
    const Type& type = target.expression->type;
    columns.push_back({.name = target.name,
                       .table_oid = target.table_oid,
                       .column_number = target.column_number,
                       .type_oid = type.oid,
                       .type_length = type_info(type.oid).length,
                       .type_modifier = type.modifier});
  }
  return columns;
}

bool same_columns(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const ResultColumn& x, const ResultColumn& y) {
        return x.name == y.name && x.type_oid == y.type_oid && x.type_modifier == y.type_modifier;
      });
}

ResultColumn text_column(std::string name) {
  return {.name = std::move(name), .type_oid = type_oid::kText};
}

}  // namespace omen::sql
