#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {

Expression* StatementBinder::bind(const ast::Expr& expression) {
  switch (expression.kind) {
    case ast::ExprKind::Constant:
      return bind_constant(ast::as<ast::Constant>(expression));
    case ast::ExprKind::Parameter:
      return state_.parameter(ast::as<ast::Parameter>(expression).number, expression.location);
    case ast::ExprKind::ColumnRef:
      return bind_column(ast::as<ast::ColumnRef>(expression));
    case ast::ExprKind::FunctionCall:
      return bind_call(ast::as<ast::FunctionCall>(expression));
    case ast::ExprKind::Operator:
      return bind_operator(ast::as<ast::Operator>(expression));
    case ast::ExprKind::AnyAll:
      return bind_any_all(ast::as<ast::AnyAll>(expression));
    case ast::ExprKind::Between:
      return bind_between(ast::as<ast::Between>(expression));
    case ast::ExprKind::Like:
      return bind_like(ast::as<ast::Like>(expression));
    case ast::ExprKind::In:
      return bind_in(ast::as<ast::In>(expression));
    case ast::ExprKind::Boolean:
      return bind_boolean(ast::as<ast::Boolean>(expression));
    case ast::ExprKind::NullTest:
      return bind_null_test(ast::as<ast::NullTest>(expression));
    case ast::ExprKind::BooleanTest:
      return bind_boolean_test(ast::as<ast::BooleanTest>(expression));
    case ast::ExprKind::DistinctTest:
      return bind_distinct(ast::as<ast::DistinctTest>(expression));
    case ast::ExprKind::NullIf:
      return bind_null_if(ast::as<ast::NullIf>(expression));
    case ast::ExprKind::Case:
      return bind_case(ast::as<ast::Case>(expression));
    case ast::ExprKind::Coalesce:
      return bind_coalesce(ast::as<ast::Coalesce>(expression));
    case ast::ExprKind::MinMax:
      return bind_min_max(ast::as<ast::MinMax>(expression));
    case ast::ExprKind::Cast:
      return bind_cast(ast::as<ast::Cast>(expression));
    case ast::ExprKind::Collate:
      return bind_collate(ast::as<ast::Collate>(expression));
    case ast::ExprKind::Array:
      return bind_array(ast::as<ast::Array>(expression), {});
    case ast::ExprKind::Subscript:
      return bind_subscript(ast::as<ast::Subscript>(expression));
    case ast::ExprKind::FieldSelect:
      return bind_field_select(ast::as<ast::FieldSelect>(expression));
    case ast::ExprKind::Row:
      return bind_row(ast::as<ast::Row>(expression));
    case ast::ExprKind::Subquery:
      return bind_subquery(ast::as<ast::Subquery>(expression));
    case ast::ExprKind::ValueFunction:
      return bind_value_function(ast::as<ast::ValueFunction>(expression));
    case ast::ExprKind::Default:
      throw SqlError(sqlstate::kSyntaxError, "DEFAULT is not allowed in this context")
          .at(expression.location);
    case ast::ExprKind::Star:
      break;
  }
  internal_error("unknown kind of expression");
}

ExpressionList StatementBinder::bind_all(const std::vector<ast::Expr*>& list) {
  ExpressionList out;
  out.reserve(list.size());
  for (const ast::Expr* item : list) {
    out.push_back(bind(*item));
  }
  return out;
}

Expression* StatementBinder::bind_constant(const ast::Constant& node) {
  const auto make = [&](Oid type, engine::Value value) {
    auto* out = state_.make<ConstantExpression>(Type{type, -1});
    out->value = std::move(value);
    out->location = node.location;
    return out;
  };
  switch (node.type) {
    case ast::Constant::Kind::Null:
      return make(type_oid::kUnknown, {});
    case ast::Constant::Kind::Boolean:
      return make(type_oid::kBool, node.boolean);
    case ast::Constant::Kind::String:
      return make(type_oid::kUnknown, node.text);
    case ast::Constant::Kind::BitString:
      try {
        return make(type_oid::kBit,
                    text_to_value({type_oid::kBit, -1}, node.text, state_.context().eval));
      } catch (SqlError& error) {
        error.set_location(node.location);
        throw;
      }
    case ast::Constant::Kind::Integer:
      if (node.integer == static_cast<std::int32_t>(node.integer)) {
        return make(type_oid::kInt4, static_cast<std::int32_t>(node.integer));
      }
      return make(type_oid::kInt8, node.integer);
    case ast::Constant::Kind::Float:
      break;
  }
  std::int64_t integer = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, integer);
  if (error == std::errc() && stop == end) {
    if (integer == static_cast<std::int32_t>(integer)) {  // -2147483648 is written as a float
      return make(type_oid::kInt4, static_cast<std::int32_t>(integer));
    }
    return make(type_oid::kInt8, integer);
  }
  return make(type_oid::kNumeric,
              text_to_value({type_oid::kNumeric, -1}, node.text, state_.context().eval));
}

Expression* StatementBinder::to_boolean(Expression* expression, std::string_view clause) {
  return coerce_to_boolean(state_, expression, clause);
}

Expression* StatementBinder::make_boolean(ExpressionKind kind, ExpressionList arguments,
                                          int location) {
  auto* out = state_.make<BooleanExpression>(kind);
  out->arguments = std::move(arguments);
  out->location = location;
  return out;
}

Expression* StatementBinder::make_not(Expression* operand, int location) {
  return make_boolean(ExpressionKind::Not, {operand}, location);
}

Expression* StatementBinder::bind_boolean(const ast::Boolean& node) {
  const ExpressionKind kind = node.op == ast::Boolean::Op::And  ? ExpressionKind::And
                              : node.op == ast::Boolean::Op::Or ? ExpressionKind::Or
                                                                : ExpressionKind::Not;
  const std::string_view clause = node.op == ast::Boolean::Op::And  ? "AND"
                                  : node.op == ast::Boolean::Op::Or ? "OR"
                                                                    : "NOT";
  ExpressionList arguments;
  arguments.reserve(node.arguments.size());
  for (const ast::Expr* argument : node.arguments) {
    arguments.push_back(to_boolean(bind(*argument), clause));
  }
  return make_boolean(kind, std::move(arguments), node.location);
}

Expression* StatementBinder::null_test(Expression* operand, bool negated, int location) {
  if (operand->kind == ExpressionKind::Row) {
    // a row is null if all its fields are, and not null if none is
    ExpressionList tests;
    for (Expression* field : static_cast<RowExpression&>(*operand).fields) {
      auto* test = state_.make<IsNullExpression>();
      test->operand = field;
      test->negated = negated;
      test->location = location;
      tests.push_back(test);
    }
    if (tests.empty()) {
      return boolean_constant(state_, true);
    }
    return tests.size() == 1 ? tests[0]
                             : make_boolean(ExpressionKind::And, std::move(tests), location);
  }
  auto* out = state_.make<IsNullExpression>();
  out->operand = operand;
  out->negated = negated;
  out->location = location;
  return out;
}

Expression* StatementBinder::bind_null_test(const ast::NullTest& node) {
  Expression* operand = bind(*node.operand);
  if (operand->kind == ExpressionKind::Constant) {
    operand = resolve_unknown(state_, operand);
  }
  return null_test(operand, node.negated, node.location);
}

Expression* StatementBinder::bind_boolean_test(const ast::BooleanTest& node) {
  using Test = ast::BooleanTest::Test;
  const auto clause = [&]() -> std::string_view {
    switch (node.test) {
      case Test::True:
        return "IS TRUE";
      case Test::NotTrue:
        return "IS NOT TRUE";
      case Test::False:
        return "IS FALSE";
      case Test::NotFalse:
        return "IS NOT FALSE";
      case Test::Unknown:
        return "IS UNKNOWN";
      case Test::NotUnknown:
        return "IS NOT UNKNOWN";
    }
    return "";
  };
  auto* out = state_.make<BooleanTestExpression>();
  out->operand = to_boolean(bind(*node.operand), clause());
  out->test = node.test;
  out->location = node.location;
  return out;
}

Expression* StatementBinder::bind_cast(const ast::Cast& node) {
  const Type target = resolve_type(state_, *node.type);
  Expression* operand = nullptr;
  if (node.operand->kind == ast::ExprKind::Array) {
    const TypeInfo* info = find_type(target.oid);
    const bool is_array = info != nullptr && info->element_oid != 0;
    operand =
        bind_array(ast::as<ast::Array>(*node.operand), is_array ? Type{target.oid, -1} : Type{});
  } else {
    operand = bind(*node.operand);
  }
  const int location = node.location >= 0 ? node.location : node.type->location;
  if (operand->type.oid == type_oid::kRecord && target.oid != type_oid::kRecord &&
      type_category(target.oid) != 'S') {
    throw SqlError(sqlstate::kCannotCoerce,
                   fmt::format("cannot cast type record to {}", type_text(target.oid)))
        .at(location);
  }
  return coerce(state_, operand, {target, CastContext::Explicit, location});
}

Expression* StatementBinder::bind_collate(const ast::Collate& node) {
  const std::string& name = node.collation.back();
  const std::string schema =
      node.collation.size() > 1 ? node.collation[node.collation.size() - 2] : "";
  if (schema.empty() || schema == "pg_catalog") {
    if (name == "default" || name == "C" || name == "POSIX" || name == "ucs_basic") {
      Expression* operand = bind(*node.operand);
      if (is_unknown(*operand)) {
        return operand;
      }
      const TypeInfo& info = type_info(operand->type.oid);
      const Oid element = info.element_oid != 0 ? info.element_oid : info.oid;
      if (type_category(element) != 'S' && element != type_oid::kChar) {
        throw SqlError(sqlstate::kDatatypeMismatch,
                       fmt::format("collations are not supported by type {}", type_text(info.oid)))
            .at(node.location);
      }
      return operand;
    }
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist", name))
      .at(node.location);
}

Expression* StatementBinder::bind_value_function(const ast::ValueFunction& node) {
  const auto now_as = [&](Oid type) {
    Expression* now = call_named("now", {}, node.location);
    return coerce(state_, now, {{type, node.precision}, CastContext::Explicit, node.location});
  };
  if (node.name == "current_date") {
    return now_as(type_oid::kDate);
  }
  if (node.name == "current_timestamp") {
    return now_as(type_oid::kTimestamptz);
  }
  if (node.name == "localtimestamp") {
    return now_as(type_oid::kTimestamp);
  }
  if (node.name == "localtime") {
    return now_as(type_oid::kTime);
  }
  if (node.name == "current_time") {
    unsupported("type time with time zone", node.location);
  }
  if (node.name == "current_role" || node.name == "user" || node.name == "current_user") {
    return call_named("current_user", {}, node.location);
  }
  if (node.name == "current_catalog") {
    return call_named("current_database", {}, node.location);
  }
  return call_named(node.name, {}, node.location);
}

Expression* StatementBinder::bind_field_select(const ast::FieldSelect& node) {
  if (node.operand->kind == ast::ExprKind::ColumnRef && !node.field.empty()) {
    const auto& reference = ast::as<ast::ColumnRef>(*node.operand);
    Scope* owner = nullptr;
    int levels = 0;
    if (!reference.star && find_item(reference.names, &owner, &levels) != nullptr) {
      ast::QualifiedName name = reference.names;
      name.push_back(node.field);
      return find_qualified(name, node.location);
    }
  }
  Expression* operand = bind(*node.operand);
  if (operand->type.oid != type_oid::kRecord) {
    throw SqlError(
        sqlstate::kWrongObjectType,
        fmt::format("column notation .{} applied to type {}, which is not a composite type",
                    node.field.empty() ? "*" : node.field, type_text(operand->type.oid)))
        .at(node.location);
  }
  unsupported("selecting a field of a record", node.location);
}

Expression* StatementBinder::bind_subscript(const ast::Subscript& node) {
  Expression* array = bind(*node.operand);
  const TypeInfo* info = find_type(array->type.oid);
  Oid element = info == nullptr ? 0 : info->element_oid;
  if (array->type.oid == type_oid::kInt2Vector) {
    element = type_oid::kInt2;
  } else if (array->type.oid == type_oid::kOidVector) {
    element = type_oid::kOid;
  }
  if (element == 0) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("cannot subscript type {} because it does not support subscripting",
                               type_text(array->type.oid)))
        .at(array->location);
  }
  bool any_slice = false;
  for (const ast::Subscript::Index& index : node.indexes) {
    any_slice = any_slice || index.slice;
  }
  const Type result = any_slice ? array->type : Type{element, array->type.modifier};
  auto* out = state_.make<ArraySubscriptExpression>(result);
  out->array = array;
  out->location = node.location;
  const auto bound_of = [&](const ast::Expr* bound) -> Expression* {
    if (bound == nullptr) {
      return nullptr;
    }
    Expression* value = bind(*bound);
    Expression* converted = try_coerce(
        state_, value, {{type_oid::kInt4, -1}, CastContext::Assignment, value->location});
    if (converted == nullptr) {
      throw SqlError(sqlstate::kDatatypeMismatch, "array subscript must have type integer")
          .at(bound->location);
    }
    return converted;
  };
  for (const ast::Subscript::Index& index : node.indexes) {
    Expression* lower = bound_of(index.lower);
    out->indexes.push_back({index.slice, lower, bound_of(index.upper)});
  }
  return out;
}

Expression* StatementBinder::bind_row(const ast::Row& node) {
  auto* out = state_.make<RowExpression>();
  out->fields = bind_all(node.fields);
  for (Expression*& field : out->fields) {
    field = resolve_unknown(state_, field);
  }
  out->location = node.location;
  return out;
}

}  // namespace omen::sql
