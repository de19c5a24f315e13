#include "sql/binder/statement_binder.h"

namespace omen::sql {
namespace {

/// A name and how good it is: 0 none, 1 a cast's type, 2 a real one.
struct Name {
  std::string text;
  int strength = 0;
};

Name name_of(const ast::Expr* node);

Name subquery_name(const ast::Subquery& node) {
  switch (node.type) {
    case ast::Subquery::Kind::Exists:
      return {"exists", 2};
    case ast::Subquery::Kind::Array:
      return {"array", 2};
    case ast::Subquery::Kind::Scalar: {
      const ast::SelectStatement* select = node.query;
      while (select->left != nullptr) {
        select = select->left;
      }
      if (!select->values.empty()) {
        return {"column1", 2};
      }
      if (select->targets.empty()) {
        return {};
      }
      const ast::Target& first = *select->targets[0];
      return {first.alias.empty() ? derived_name(*first.expression) : first.alias, 2};
    }
    default:
      return {};
  }
}

Name name_of(const ast::Expr* node) {
  if (node == nullptr) {
    return {};
  }
  switch (node->kind) {
    case ast::ExprKind::ColumnRef: {
      const auto& reference = ast::as<ast::ColumnRef>(*node);
      return reference.names.empty() ? Name{} : Name{reference.names.back(), 2};
    }
    case ast::ExprKind::FunctionCall:
      return {ast::as<ast::FunctionCall>(*node).name.back(), 2};
    case ast::ExprKind::FieldSelect: {
      const auto& field = ast::as<ast::FieldSelect>(*node);
      return field.field.empty() ? name_of(field.operand) : Name{field.field, 2};
    }
    case ast::ExprKind::Subscript:
      return name_of(ast::as<ast::Subscript>(*node).operand);
    case ast::ExprKind::NullIf:
      return {"nullif", 2};
    case ast::ExprKind::Cast: {
      const auto& cast = ast::as<ast::Cast>(*node);
      Name name = name_of(cast.operand);
      return name.strength > 1 ? name : Name{cast.type->names.back(), 1};
    }
    case ast::ExprKind::Collate:
      return name_of(ast::as<ast::Collate>(*node).operand);
    case ast::ExprKind::Subquery:
      return subquery_name(ast::as<ast::Subquery>(*node));
    case ast::ExprKind::Case: {
      Name name = name_of(ast::as<ast::Case>(*node).otherwise);
      return name.strength > 1 ? name : Name{"case", 1};
    }
    case ast::ExprKind::Array:
      return {"array", 2};
    case ast::ExprKind::Row:
      return {"row", 2};
    case ast::ExprKind::Coalesce:
      return {"coalesce", 2};
    case ast::ExprKind::MinMax:
      return {ast::as<ast::MinMax>(*node).greatest ? "greatest" : "least", 2};
    case ast::ExprKind::ValueFunction:
      return {ast::as<ast::ValueFunction>(*node).name, 2};
    default:
      return {};
  }
}

}  // namespace

std::string derived_name(const ast::Expr& expression) {
  Name name = name_of(&expression);
  return name.strength == 0 ? "?column?" : std::move(name.text);
}

}  // namespace omen::sql
