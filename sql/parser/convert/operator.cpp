#include "sql/error/sql_error.h"
#include "sql/parser/convert/converter.h"

namespace omen::sql {

ast::Expr* Converter::operator_expression(const PgQuery__AExpr& node) {
  switch (node.kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP: {
      auto* out = arena_.make<ast::Operator>();
      out->name = strings_of({node.name, node.n_name});
      out->left = expression(node.lexpr);
      out->right = expression(node.rexpr);
      out->location = node.location;
      return out;
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL: {
      auto* out = arena_.make<ast::AnyAll>();
      out->name = strings_of({node.name, node.n_name});
      out->all = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL;
      out->left = expression(node.lexpr);
      out->right = expression(node.rexpr);
      out->location = node.location;
      return out;
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT: {
      auto* out = arena_.make<ast::DistinctTest>();
      out->negated = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT;
      out->left = expression(node.lexpr);
      out->right = expression(node.rexpr);
      out->location = node.location;
      return out;
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF: {
      auto* out = arena_.make<ast::NullIf>();
      out->left = expression(node.lexpr);
      out->right = expression(node.rexpr);
      out->location = node.location;
      return out;
    }
    case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
      return in_list(node);
    case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
    case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
      return like(node);
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
      return between(node);
    default:
      internal_error("unknown kind of operator expression");
  }
}

ast::Expr* Converter::in_list(const PgQuery__AExpr& node) {
  auto* out = arena_.make<ast::In>();
  const GrammarList name{node.name, node.n_name};
  out->negated = string_of(*name.back()) == "<>";
  out->operand = expression(node.lexpr);
  out->list = expressions({node.rexpr->list->items, node.rexpr->list->n_items});
  out->location = node.location;
  return out;
}

ast::Expr* Converter::like(const PgQuery__AExpr& node) {
  auto* out = arena_.make<ast::Like>();
  const GrammarList name{node.name, node.n_name};
  out->name = string_of(*name.back());
  out->similar = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR;
  out->left = expression(node.lexpr);
  out->right = expression(node.rexpr);
  out->location = node.location;
  return out;
}

ast::Expr* Converter::between(const PgQuery__AExpr& node) {
  auto* out = arena_.make<ast::Between>();
  out->negated = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN ||
                 node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
  out->symmetric = node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM ||
                   node.kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM;
  const GrammarList bounds{node.rexpr->list->items, node.rexpr->list->n_items};
  out->operand = expression(node.lexpr);
  out->low = expression(bounds[0]);
  out->high = expression(bounds[1]);
  out->location = node.location;
  return out;
}

}  // namespace omen::sql
