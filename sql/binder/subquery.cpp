#include <fmt/format.h>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {

/// In a SELECT or VALUES the expressions themselves; in a set operation those of every arm.
void StatementBinder::coerce_column(BoundQuery& query, std::size_t column,
                                    const CoercionRequest& request) {
  BoundTarget& target = query.targets[column];
  CoercionRequest here = request;
  if (here.location < 0) {
    here.location = target.expression->location;
  }
  if (query.kind == QueryKind::Select) {
    target.expression = coerce(state_, target.expression, here);
    return;
  }
  if (query.kind == QueryKind::Values) {
    for (ExpressionList& row : query.values) {
      row[column] = coerce(state_, row[column], here);
    }
  } else if (query.kind == QueryKind::SetOperation) {
    coerce_column(*query.left, column, request);
    coerce_column(*query.right, column, request);
  } else {
    internal_error("coercing a column of a query that changes rows");
  }
  auto* expression = state_.make<ColumnExpression>(request.target);
  expression->column = static_cast<int>(column);
  target.expression = expression;
}

Expression* StatementBinder::bind_subquery(const ast::Subquery& node) {
  using Kind = ast::Subquery::Kind;
  OuterUse use;
  BoundQuery* query = bind_select(*node.query, {}, &use);
  const std::size_t columns = visible_count(*query);
  Type type{type_oid::kBool, -1};
  if (node.type == Kind::Scalar || node.type == Kind::Array) {
    if (columns != 1) {
      throw SqlError(sqlstate::kSyntaxError, "subquery must return only one column")
          .at(node.location);
    }
    type = query->targets[0].expression->type;
  }
  if (node.type == Kind::Array) {
    const TypeInfo& info = type_info(type.oid);
    const Oid array = info.element_oid != 0 ? info.oid : info.array_oid;
    if (array == 0) {
      throw SqlError(sqlstate::kUndefinedObject,
                     fmt::format("could not find array type for data type {}", type_text(type.oid)))
          .at(node.location);
    }
    type = {array, type.modifier};
  }
  auto* out = state_.make<SubqueryExpression>(type);
  out->subquery_kind = node.type;
  out->query = query;
  out->correlated = use.any;
  out->location = node.location;
  if (node.type == Kind::Any || node.type == Kind::All) {
    compare_with_columns(node, *out);
  }
  return out;
}

void StatementBinder::compare_with_columns(const ast::Subquery& node, SubqueryExpression& out) {
  const ExpressionList left = node.operand->kind == ast::ExprKind::Row
                                  ? bind_all(ast::as<ast::Row>(*node.operand).fields)
                                  : ExpressionList{bind(*node.operand)};
  const std::size_t columns = visible_count(*out.query);
  if (left.size() < columns) {
    throw SqlError(sqlstate::kSyntaxError, "subquery has too many columns").at(node.location);
  }
  if (left.size() > columns) {
    throw SqlError(sqlstate::kSyntaxError, "subquery has too few columns").at(node.location);
  }
  const ast::QualifiedName name =
      node.operator_name.empty() ? ast::QualifiedName{"="} : node.operator_name;
  if (left.size() > 1 && name.back() != "=" && name.back() != "<>") {
    unsupported("an ordering comparison of a row with a sub-select", node.location);
  }
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Oid right = out.query->targets[i].expression->type.oid;
    Candidate found = find_operator(state_, {name, left[i]->type.oid, right, node.location});
    const std::vector<Oid> actual{left[i]->type.oid, right};
    if (resolve_polymorphic(state_, actual, found.arguments, found.operator_def->result_type) !=
        type_oid::kBool) {
      throw SqlError(sqlstate::kDatatypeMismatch,
                     fmt::format("operator {} must return type boolean", name.back()))
          .at(node.location);
    }
    out.left.push_back(coerce(
        state_, left[i], {{found.arguments[0], -1}, CastContext::Implicit, left[i]->location}));
    if (right != found.arguments[1]) {
      coerce_column(*out.query, i,
                    {{found.arguments[1], -1}, CastContext::Implicit, node.location});
    }
    out.operators.push_back(found.operator_def);
  }
}

}  // namespace omen::sql
