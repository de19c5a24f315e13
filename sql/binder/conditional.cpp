#include <fmt/format.h>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// Set-returning functions are refused while one of these lives.
class Conditional {
 public:
  explicit Conditional(Scope& scope)
      : scope_(scope), before_(std::exchange(scope.conditional, true)) {}
  ~Conditional() { scope_.conditional = before_; }
  Conditional(const Conditional&) = delete;
  Conditional& operator=(const Conditional&) = delete;

 private:
  Scope& scope_;
  bool before_;
};

}  // namespace

Expression* StatementBinder::bind_case(const ast::Case& node) {
  const Conditional conditional(*scope_);
  Expression* operand = node.operand == nullptr ? nullptr : bind(*node.operand);
  if (operand != nullptr) {
    operand = resolve_unknown(state_, operand);
  }
  std::vector<CaseExpression::When> whens;
  ExpressionList results;
  for (const ast::Case::When& when : node.whens) {
    Expression* condition = bind(*when.condition);
    if (operand != nullptr) {
      condition = make_operator({"="}, operand, condition, when.condition->location);
    }
    whens.push_back({to_boolean(condition, "CASE/WHEN"), nullptr});
    results.push_back(bind(*when.result));
  }
  Expression* otherwise = node.otherwise == nullptr
                              ? null_constant(state_, {type_oid::kUnknown, -1}, node.location)
                              : bind(*node.otherwise);
  results.insert(results.begin(), otherwise);  // ELSE comes first when types are matched
  const Oid common = common_type(state_, results, "CASE");
  Type type{common, common_modifier(results, common)};
  for (std::size_t i = 0; i < whens.size(); ++i) {
    whens[i].result = coerce_to_common(state_, results[i + 1], type, "CASE/WHEN");
  }
  auto* out = state_.make<CaseExpression>(type);
  out->whens = std::move(whens);
  out->otherwise = coerce_to_common(state_, otherwise, type, "CASE/ELSE");
  out->location = node.location;
  return out;
}

Expression* StatementBinder::bind_coalesce(const ast::Coalesce& node) {
  const Conditional conditional(*scope_);
  ExpressionList arguments = bind_all(node.arguments);
  const Oid common = common_type(state_, arguments, "COALESCE");
  const Type type{common, common_modifier(arguments, common)};
  for (Expression*& argument : arguments) {
    argument = coerce_to_common(state_, argument, type, "COALESCE");
  }
  auto* out = state_.make<CoalesceExpression>(type);
  out->arguments = std::move(arguments);
  out->location = node.location;
  return out;
}

Expression* StatementBinder::bind_min_max(const ast::MinMax& node) {
  const std::string_view clause = node.greatest ? "GREATEST" : "LEAST";
  ExpressionList arguments = bind_all(node.arguments);
  const Oid common = common_type(state_, arguments, clause);
  const Type type{common, common_modifier(arguments, common)};
  for (Expression*& argument : arguments) {
    argument = coerce_to_common(state_, argument, type, clause);
  }
  if (!is_orderable(common)) {
    throw SqlError(
        sqlstate::kUndefinedFunction,
        fmt::format("could not identify a comparison function for type {}", type_text(common)))
        .at(node.location);
  }
  auto* out = state_.make<MinMaxExpression>(type);
  out->greatest = node.greatest;
  out->arguments = std::move(arguments);
  out->location = node.location;
  return out;
}

Expression* StatementBinder::bind_null_if(const ast::NullIf& node) {
  Expression* left = bind(*node.left);
  Expression* right = bind(*node.right);
  // the operands of = tell the operator and, for a literal, the type
  Expression* comparison = make_operator({"="}, left, right, node.location);
  if (comparison->kind != ExpressionKind::Call || comparison->type.oid != type_oid::kBool) {
    throw SqlError(sqlstate::kDatatypeMismatch, "NULLIF requires = operator to yield boolean")
        .at(node.location);
  }
  const auto& call = static_cast<const CallExpression&>(*comparison);
  const bool left_was_unknown = is_unknown(*left);
  const Type type = left_was_unknown ? call.arguments[0]->type : left->type;
  auto* out = state_.make<NullIfExpression>(type);
  out->equality = call.operator_def;
  out->left = call.arguments[0];
  out->right = call.arguments[1];
  out->location = node.location;
  if (out->left->type.oid != type.oid) {
    // an implicit cast of the left side serves the comparison only; the value keeps its own type
    auto* choice = state_.make<CaseExpression>(left->type);
    choice->whens.push_back({comparison, null_constant(state_, left->type, node.location)});
    choice->otherwise = left;
    choice->location = node.location;
    return choice;
  }
  return out;
}

Expression* StatementBinder::bind_array(const ast::Array& node, Type wanted) {
  bool nested = false;
  ExpressionList elements;
  for (const ast::Expr* item : node.elements) {
    Expression* element = item->kind == ast::ExprKind::Array
                              ? bind_array(ast::as<ast::Array>(*item), wanted)
                              : bind(*item);
    const TypeInfo* info = find_type(element->type.oid);
    nested =
        nested || item->kind == ast::ExprKind::Array || (info != nullptr && info->element_oid != 0);
    elements.push_back(element);
  }
  Type element_type;
  Type array_type = wanted;
  if (wanted.oid != 0) {
    element_type = {nested ? wanted.oid : type_info(wanted.oid).element_oid, -1};
  } else {
    if (elements.empty()) {
      throw SqlError(sqlstate::kIndeterminateDatatype, "cannot determine type of empty array")
          .hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
          .at(node.location);
    }
    element_type = {common_type(state_, elements, "ARRAY"), -1};
    const TypeInfo& info = type_info(element_type.oid);
    array_type = {nested ? element_type.oid : info.array_oid, -1};
    if (array_type.oid == 0) {
      throw SqlError(
          sqlstate::kUndefinedObject,
          fmt::format("could not find array type for data type {}", type_text(element_type.oid)))
          .at(node.location);
    }
  }
  for (Expression*& element : elements) {
    if (wanted.oid != 0) {
      element = coerce(state_, element, {element_type, CastContext::Explicit, element->location});
    } else {
      element = coerce_to_common(state_, element, element_type, "ARRAY");
    }
  }
  auto* out = state_.make<ArrayConstructExpression>(array_type);
  out->element_type = nested ? Type{type_info(array_type.oid).element_oid, -1} : element_type;
  out->nested = nested;
  out->elements = std::move(elements);
  out->location = node.location;
  return out;
}

}  // namespace omen::sql
