#include <fmt/format.h>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {

Expression* StatementBinder::make_operator(const ast::QualifiedName& name, Expression* left,
                                           Expression* right, int location) {
  Candidate found = find_operator(
      state_, {name, left == nullptr ? Oid{0} : left->type.oid, right->type.oid, location});
  ExpressionList arguments;
  if (left != nullptr) {
    arguments.push_back(left);
  }
  arguments.push_back(right);
  std::vector<Oid> actual;
  for (const Expression* argument : arguments) {
    actual.push_back(argument->type.oid);
  }
  Oid result = found.operator_def->result_type;
  try {
    result = resolve_polymorphic(state_, actual, found.arguments, result);
  } catch (SqlError& error) {
    error.set_location(location);
    throw;
  }
  auto* call = state_.make<CallExpression>(Type{result, -1});
  call->function = found.operator_def->function;
  call->operator_def = found.operator_def;
  call->form = CallExpression::Form::Operator;
  call->location = location;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    Expression* argument =
        coerce(state_, arguments[i],
               {{found.arguments[i], -1}, CastContext::Implicit, arguments[i]->location});
    call->arguments.push_back(argument);
    call->argument_types.push_back(argument->type);
  }
  return call;
}

Expression* StatementBinder::bind_operator(const ast::Operator& node) {
  if (node.left != nullptr && node.left->kind == ast::ExprKind::Row &&
      node.right->kind == ast::ExprKind::Row) {
    const ExpressionList left = bind_all(ast::as<ast::Row>(*node.left).fields);
    const ExpressionList right = bind_all(ast::as<ast::Row>(*node.right).fields);
    return make_row_operator(node.name, left, right, node.location);
  }
  if (node.left != nullptr && node.left->kind == ast::ExprKind::Row &&
      node.right->kind == ast::ExprKind::Subquery) {
    unsupported("comparing a row with a sub-select", node.location);
  }
  Expression* left = node.left == nullptr ? nullptr : bind(*node.left);
  Expression* right = bind(*node.right);
  if (left != nullptr && left->kind == ExpressionKind::Row && right->kind == ExpressionKind::Row) {
    return make_row_operator(node.name, static_cast<RowExpression&>(*left).fields,
                             static_cast<RowExpression&>(*right).fields, node.location);
  }
  return make_operator(node.name, left, right, node.location);
}

Expression* StatementBinder::make_row_operator(const ast::QualifiedName& name,
                                               const ExpressionList& left,
                                               const ExpressionList& right, int location) {
  if (left.size() != right.size()) {
    throw SqlError(sqlstate::kSyntaxError, "unequal number of entries in row expressions")
        .at(location);
  }
  if (left.empty()) {
    throw SqlError(sqlstate::kFeatureNotSupported, "cannot compare rows of zero length")
        .at(location);
  }
  const std::string& symbol = name.back();
  if (symbol == "=" || symbol == "<>") {
    ExpressionList parts;
    for (std::size_t i = 0; i < left.size(); ++i) {
      parts.push_back(make_operator(name, left[i], right[i], location));
    }
    return parts.size() == 1
               ? parts[0]
               : make_boolean(symbol == "=" ? ExpressionKind::And : ExpressionKind::Or,
                              std::move(parts), location);
  }
  if (symbol == "<" || symbol == "<=" || symbol == ">" || symbol == ">=") {
    return ordered_row_operator(symbol, left, right, 0, location);
  }
  throw SqlError(
      sqlstate::kFeatureNotSupported,
      fmt::format("could not determine interpretation of row comparison operator {}", symbol))
      .hint("Row comparison operators must be associated with btree operator families.")
      .at(location);
}

/// a < x OR (a = x AND (b, ...) < (y, ...)): decides at the first pair that differs, NULL included.
Expression* StatementBinder::ordered_row_operator(const std::string& name,
                                                  const ExpressionList& left,
                                                  const ExpressionList& right, std::size_t from,
                                                  int location) {
  if (from + 1 == left.size()) {
    return make_operator({name}, left[from], right[from], location);
  }
  const std::string strict = name.substr(0, 1);
  Expression* decided = make_operator({strict}, left[from], right[from], location);
  Expression* same = make_operator({"="}, left[from], right[from], location);
  Expression* rest = ordered_row_operator(name, left, right, from + 1, location);
  return make_boolean(ExpressionKind::Or,
                      {decided, make_boolean(ExpressionKind::And, {same, rest}, location)},
                      location);
}

Expression* StatementBinder::bind_any_all(const ast::AnyAll& node) {
  Expression* left = bind(*node.left);
  return make_any_all(node.name, node.all, left, bind(*node.right), node.location);
}

Expression* StatementBinder::make_any_all(const ast::QualifiedName& name, bool all,
                                          Expression* left, Expression* right, int location) {
  Oid element = type_oid::kUnknown;
  if (!is_unknown(*right)) {
    element = type_info(right->type.oid).element_oid;
    if (right->type.oid == type_oid::kInt2Vector) {
      element = type_oid::kInt2;
    } else if (right->type.oid == type_oid::kOidVector) {
      element = type_oid::kOid;
    }
    if (element == 0) {
      throw SqlError(sqlstate::kWrongObjectType, "op ANY/ALL (array) requires array on right side")
          .at(location);
    }
  }
  Candidate found = find_operator(state_, {name, left->type.oid, element, location});
  const std::vector<Oid> actual{left->type.oid, element};
  if (resolve_polymorphic(state_, actual, found.arguments, found.operator_def->result_type) !=
      type_oid::kBool) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "op ANY/ALL (array) requires operator to yield boolean")
        .at(location);
  }
  const Oid array = type_info(found.arguments[1]).array_oid;
  if (array == 0) {
    throw SqlError(
        sqlstate::kUndefinedObject,
        fmt::format("could not find array type for data type {}", type_text(found.arguments[1])))
        .at(location);
  }
  auto* out = state_.make<AnyAllExpression>();
  out->operator_def = found.operator_def;
  out->all = all;
  out->left =
      coerce(state_, left, {{found.arguments[0], -1}, CastContext::Implicit, left->location});
  const bool is_legacy_vector =
      right->type.oid == type_oid::kInt2Vector || right->type.oid == type_oid::kOidVector;
  out->right = is_legacy_vector
                   ? right
                   : coerce(state_, right, {{array, -1}, CastContext::Implicit, right->location});
  out->location = location;
  return out;
}

Expression* StatementBinder::bind_in(const ast::In& node) {
  const ast::QualifiedName name{node.negated ? "<>" : "="};
  const ExpressionKind join = node.negated ? ExpressionKind::And : ExpressionKind::Or;
  if (node.operand->kind == ast::ExprKind::Row) {
    const ExpressionList left = bind_all(ast::as<ast::Row>(*node.operand).fields);
    ExpressionList parts;
    for (const ast::Expr* item : node.list) {
      if (item->kind != ast::ExprKind::Row) {
        throw SqlError(sqlstate::kSyntaxError, "unequal number of entries in row expressions")
            .at(node.location);
      }
      parts.push_back(
          make_row_operator(name, left, bind_all(ast::as<ast::Row>(*item).fields), node.location));
    }
    return parts.size() == 1 ? parts[0] : make_boolean(join, std::move(parts), node.location);
  }
  Expression* operand = bind(*node.operand);
  ExpressionList with_columns;
  ExpressionList plain;
  for (const ast::Expr* item : node.list) {
    Expression* value = bind(*item);
    (value->kind == ExpressionKind::Column ? with_columns : plain).push_back(value);
  }
  ExpressionList parts;
  if (plain.size() > 1) {
    if (Expression* any = in_array(node, operand, plain); any != nullptr) {
      parts.push_back(any);
      plain.clear();
    }
  }
  for (const ExpressionList* list : {&plain, &with_columns}) {
    for (Expression* value : *list) {
      parts.push_back(to_boolean(make_operator(name, operand, value, node.location), "IN"));
    }
  }
  return parts.size() == 1 ? parts[0] : make_boolean(join, std::move(parts), node.location);
}

/// operand = ANY (ARRAY[items]) if they agree on a type, else nullptr.
Expression* StatementBinder::in_array(const ast::In& node, Expression* operand,
                                      const ExpressionList& items) {
  ExpressionList all{operand};
  all.insert(all.end(), items.begin(), items.end());
  const Oid common = try_common_type(state_, all);
  if (common == 0 || common == type_oid::kRecord || type_info(common).array_oid == 0) {
    return nullptr;
  }
  auto* array = state_.make<ArrayConstructExpression>(Type{type_info(common).array_oid, -1});
  array->element_type = {common, -1};
  array->location = node.location;
  array->elements.reserve(items.size());
  for (Expression* item : items) {
    array->elements.push_back(coerce_to_common(state_, item, {common, -1}, "IN"));
  }
  return make_any_all({node.negated ? "<>" : "="}, node.negated, operand, array, node.location);
}

Expression* StatementBinder::bind_between(const ast::Between& node) {
  Expression* operand = bind(*node.operand);
  Expression* low = bind(*node.low);
  Expression* high = bind(*node.high);
  const auto inside = [&](Expression* from, Expression* to) {
    if (node.negated) {
      Expression* below = make_operator({"<"}, operand, from, node.location);
      return make_boolean(ExpressionKind::Or,
                          {below, make_operator({">"}, operand, to, node.location)}, node.location);
    }
    Expression* above = make_operator({">="}, operand, from, node.location);
    return make_boolean(ExpressionKind::And,
                        {above, make_operator({"<="}, operand, to, node.location)}, node.location);
  };
  if (!node.symmetric) {
    return inside(low, high);
  }
  Expression* forward = inside(low, high);
  return make_boolean(node.negated ? ExpressionKind::And : ExpressionKind::Or,
                      {forward, inside(high, low)}, node.location);
}

Expression* StatementBinder::bind_like(const ast::Like& node) {
  Expression* left = bind(*node.left);
  return make_operator({node.name}, left, bind(*node.right), node.location);
}

Expression* StatementBinder::bind_distinct(const ast::DistinctTest& node) {
  const auto is_null_literal = [](const ast::Expr& expression) {
    return expression.kind == ast::ExprKind::Constant &&
           ast::as<ast::Constant>(expression).type == ast::Constant::Kind::Null;
  };
  if (is_null_literal(*node.right)) {
    return null_test(bind(*node.left), !node.negated, node.location);
  }
  if (is_null_literal(*node.left)) {
    return null_test(bind(*node.right), !node.negated, node.location);
  }
  if (node.left->kind == ast::ExprKind::Row && node.right->kind == ast::ExprKind::Row) {
    const ExpressionList left = bind_all(ast::as<ast::Row>(*node.left).fields);
    const ExpressionList right = bind_all(ast::as<ast::Row>(*node.right).fields);
    if (left.size() != right.size()) {
      throw SqlError(sqlstate::kSyntaxError, "unequal number of entries in row expressions")
          .at(node.location);
    }
    ExpressionList parts;
    for (std::size_t i = 0; i < left.size(); ++i) {
      parts.push_back(make_distinct(left[i], right[i], node.negated, node.location));
    }
    return make_boolean(node.negated ? ExpressionKind::And : ExpressionKind::Or, std::move(parts),
                        node.location);
  }
  Expression* left = bind(*node.left);
  return make_distinct(left, bind(*node.right), node.negated, node.location);
}

Expression* StatementBinder::make_distinct(Expression* left, Expression* right, bool negated,
                                           int location) {
  const Expression* comparison = make_operator({"="}, left, right, location);
  const auto& call = static_cast<const CallExpression&>(*comparison);
  auto* out = state_.make<IsDistinctExpression>();
  out->equality = call.operator_def;
  out->left = call.arguments[0];
  out->right = call.arguments[1];
  out->negated = negated;
  out->location = location;
  return out;
}

}  // namespace omen::sql
