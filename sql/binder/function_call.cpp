#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

std::string name_text(const ast::FunctionCall& node) {
  return fmt::format("{}", fmt::join(node.name, "."));
}

std::string signature(const ast::FunctionCall& node, const ExpressionList& arguments) {
  std::vector<std::string> types;
  for (const Expression* argument : arguments) {
    types.push_back(type_text(argument->type.oid));
  }
  return fmt::format("{}({})", name_text(node), fmt::join(types, ", "));
}

[[noreturn]] void undefined_function(const ast::FunctionCall& node,
                                     const ExpressionList& arguments) {
  throw SqlError(sqlstate::kUndefinedFunction,
                 fmt::format("function {} does not exist", signature(node, arguments)))
      .hint(
          "No function matches the given name and argument types. You might need to add explicit "
          "type casts.")
      .at(node.location);
}

/// The argument types of a function for a call with `count` arguments; false if they cannot match.
bool fit_arguments(const FunctionDef& function, std::size_t count, bool variadic_written,
                   Candidate& candidate) {
  const std::size_t declared = function.argument_types.size();
  candidate.arguments = function.argument_types;
  if (function.variadic_element != 0 && !variadic_written) {
    if (count + 1 < declared || count + 1 == declared) {
      return false;  // at least one variadic argument
    }
    candidate.arguments.pop_back();
    candidate.arguments.resize(count, function.variadic_element);
    candidate.variadic_expanded = true;
    return true;
  }
  if (variadic_written && function.variadic_element == 0) {
    return false;
  }
  if (count > declared || count + function.default_count < declared) {
    return false;
  }
  candidate.arguments.resize(count);
  return true;
}

bool takes_any_after_variadic(const ast::FunctionCall& node) {
  const std::span<const FunctionDef> named = functions_named(node.name.back());
  return std::any_of(named.begin(), named.end(), [&](const FunctionDef& function) {
    return function.variadic_element == type_oid::kAny &&
           function.argument_types.size() == node.arguments.size();
  });
}

}  // namespace

std::string_view place_name(Place place) {
  switch (place) {
    case Place::Target:
      return "SELECT";
    case Place::Where:
      return "WHERE";
    case Place::Join:
      return "JOIN conditions";
    case Place::FromFunction:
      return "functions in FROM";
    case Place::GroupBy:
      return "GROUP BY";
    case Place::Having:
      return "HAVING";
    case Place::OrderBy:
      return "ORDER BY";
    case Place::DistinctOn:
      return "DISTINCT ON";
    case Place::Limit:
      return "LIMIT";
    case Place::Offset:
      return "OFFSET";
    case Place::Values:
      return "VALUES";
    case Place::Update:
      return "UPDATE";
    case Place::Returning:
      return "RETURNING";
    case Place::Check:
      return "check constraints";
    case Place::Default:
      return "DEFAULT expressions";
    case Place::Filter:
      return "FILTER";
    case Place::Parameter:
      return "EXECUTE parameters";
  }
  return "";
}

void StatementBinder::refuse_aggregate(int location) const {
  if (scope_->in_aggregate) {
    throw SqlError(sqlstate::kGroupingError, "aggregate function calls cannot be nested")
        .at(location);
  }
  switch (scope_->place) {
    case Place::Target:
    case Place::Having:
    case Place::OrderBy:
    case Place::DistinctOn:
      if (scope_->query != nullptr) {
        return;
      }
      break;
    default:
      break;
  }
  throw SqlError(sqlstate::kGroupingError, fmt::format("aggregate functions are not allowed in {}",
                                                       place_name(scope_->place)))
      .at(location);
}

void StatementBinder::refuse_set_call(int location) const {
  if (scope_->in_aggregate) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "aggregate function calls cannot contain set-returning function calls")
        .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
        .at(location);
  }
  if (scope_->conditional) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "set-returning functions are not allowed in CASE")
        .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
        .at(location);
  }
  switch (scope_->place) {
    case Place::Target:
    case Place::GroupBy:
    case Place::OrderBy:
    case Place::DistinctOn:
    case Place::FromFunction:
      if (scope_->query != nullptr) {
        return;
      }
      break;
    default:
      break;
  }
  throw SqlError(
      sqlstate::kFeatureNotSupported,
      fmt::format("set-returning functions are not allowed in {}", place_name(scope_->place)))
      .at(location);
}

std::vector<Candidate> StatementBinder::function_candidates(const ast::FunctionCall& node,
                                                            std::size_t count) {
  const std::string_view schema =
      node.name.size() > 1 ? std::string_view(node.name[node.name.size() - 2]) : std::string_view();
  std::vector<Candidate> out;
  for (const FunctionDef& function : functions_named(node.name.back())) {
    Candidate candidate;
    candidate.function = &function;
    if (state_.object_visible(function.extension_vector, schema) &&
        fit_arguments(function, count, node.variadic, candidate)) {
      out.push_back(std::move(candidate));
    }
  }
  for (const AggregateDef& aggregate : aggregates_named(node.name.back())) {
    if (state_.object_visible(aggregate.extension_vector, schema) && !node.variadic &&
        aggregate.argument_types.size() == count) {
      Candidate candidate;
      candidate.aggregate = &aggregate;
      candidate.arguments = aggregate.argument_types;
      out.push_back(std::move(candidate));
    }
  }
  // an expanded variadic function yields to a plain one with the same arguments
  std::erase_if(out, [&](const Candidate& candidate) {
    return candidate.variadic_expanded &&
           std::any_of(out.begin(), out.end(), [&](const Candidate& other) {
             return !other.variadic_expanded && other.arguments == candidate.arguments;
           });
  });
  return out;
}

/// `text(x)`: a call by the name of a type is a cast, where that needs no function of its own.
Expression* StatementBinder::call_as_cast(const ast::FunctionCall& node,
                                          ExpressionList& arguments) {
  if (arguments.size() != 1 || node.distinct || node.star || !node.order_by.empty()) {
    return nullptr;
  }
  const TypeInfo* target = find_visible_type(state_, node.name);
  if (target == nullptr || target->kind == 'p') {
    return nullptr;
  }
  const Oid source = arguments[0]->type.oid;
  const CastDef* cast = find_cast(source, target->oid);
  const bool free_of_charge =
      source == type_oid::kUnknown || source == target->oid ||
      (cast != nullptr ? cast->method != CastMethod::Function
                       : (target->category == 'S' || type_category(source) == 'S'));
  if (!free_of_charge || (source == type_oid::kRecord && target->category == 'S')) {
    return nullptr;
  }
  return try_coerce(state_, arguments[0],
                    {{target->oid, -1}, CastContext::Explicit, node.location});
}

Expression* StatementBinder::bind_call(const ast::FunctionCall& node) {
  if (node.has_over) {
    unsupported("OVER (window functions)", node.location);
  }
  for (const std::string& name : node.argument_names) {
    if (!name.empty()) {
      unsupported("named argument notation", node.location);
    }
  }
  const bool may_aggregate = !aggregates_named(node.name.back()).empty();
  ExpressionList arguments;
  {
    const bool outer = scope_->in_aggregate;
    if (may_aggregate) {
      refuse_aggregate(node.location);
    }
    scope_->in_aggregate = outer || may_aggregate;
    arguments = bind_all(node.arguments);
    scope_->in_aggregate = outer;
  }
  if (node.variadic && takes_any_after_variadic(node)) {
    return bind_spread_call(node, std::move(arguments));
  }
  std::vector<Oid> types;
  for (const Expression* argument : arguments) {
    types.push_back(argument->type.oid);
  }
  std::vector<Candidate> candidates = function_candidates(node, arguments.size());
  for (Candidate& candidate : candidates) {
    if (candidate.arguments == types) {
      return finish_call(node, std::move(candidate), std::move(arguments));
    }
  }
  if (Expression* cast = call_as_cast(node, arguments); cast != nullptr) {
    return cast;
  }
  switch (choose(state_, types, candidates)) {
    case Match::One:
      return finish_call(node, std::move(candidates.front()), std::move(arguments));
    case Match::Ambiguous:
      throw SqlError(sqlstate::kAmbiguousFunction,
                     fmt::format("function {} is not unique", signature(node, arguments)))
          .hint(
              "Could not choose a best candidate function. You might need to add explicit type "
              "casts.")
          .at(node.location);
    case Match::None:
      break;
  }
  if (node.star && may_aggregate) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("{}(*) must be used to call a parameterless aggregate function",
                               name_text(node)))
        .at(node.location);
  }
  if (node.name.size() > 1) {
    const std::string& schema = node.name[node.name.size() - 2];
    if (schema != "pg_catalog" && schema != "information_schema" &&
        state_.catalog().find_schema(schema) == nullptr) {
      throw SqlError(sqlstate::kInvalidSchemaName,
                     fmt::format("schema \"{}\" does not exist", schema))
          .at(node.location);
    }
  }
  undefined_function(node, arguments);
}

/// f(x, VARIADIC array) of a function of VARIADIC "any": another body takes the array apart.
Expression* StatementBinder::bind_spread_call(const ast::FunctionCall& node,
                                              ExpressionList arguments) {
  Expression*& last = arguments.back();
  if (is_unknown(*last)) {
    last =
        coerce(state_, last,
               {{type_info(type_oid::kText).array_oid, -1}, CastContext::Implicit, last->location});
  }
  if (type_info(last->type.oid).category != 'A') {
    throw SqlError(sqlstate::kDatatypeMismatch, "VARIADIC argument must be an array")
        .at(last->location);
  }
  return call_named(node.name.back() + "(variadic)", std::move(arguments), node.location);
}

Expression* StatementBinder::finish_call(const ast::FunctionCall& node, Candidate candidate,
                                         ExpressionList arguments) {
  std::vector<Oid> actual;
  for (const Expression* argument : arguments) {
    actual.push_back(argument->type.oid);
  }
  if (candidate.aggregate == nullptr) {
    if (node.star || node.distinct || node.filter != nullptr || !node.order_by.empty()) {
      const char* what = node.star                ? "(*)"
                         : node.distinct          ? "DISTINCT"
                         : node.filter != nullptr ? "FILTER"
                                                  : "ORDER BY";
      throw SqlError(
          sqlstate::kWrongObjectType,
          fmt::format("{} specified, but {} is not an aggregate function", what, name_text(node)))
          .at(node.location);
    }
  }
  const Oid declared_result = candidate.aggregate != nullptr ? candidate.aggregate->result_type
                                                             : candidate.function->result_type;
  Oid result = 0;
  try {
    result = resolve_polymorphic(state_, actual, candidate.arguments, declared_result);
  } catch (SqlError& error) {
    error.set_location(node.location);
    throw;
  }
  std::vector<Type> types;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    Oid target = candidate.arguments[i];
    if (target == type_oid::kAny && is_unknown(*arguments[i])) {
      if (candidate.function != nullptr && candidate.function->name == "pg_typeof" &&
          arguments[i]->kind == ExpressionKind::Constant) {
        auto* type = state_.make<ConstantExpression>(Type{type_oid::kRegtype, -1});
        type->value = static_cast<std::int64_t>(type_oid::kUnknown);
        return type;
      }
      target = type_oid::kText;
    }
    arguments[i] =
        coerce(state_, arguments[i], {{target, -1}, CastContext::Implicit, arguments[i]->location});
  }
  if (candidate.variadic_expanded && candidate.function->variadic_element != type_oid::kAny) {
    const std::size_t fixed = candidate.function->argument_types.size() - 1;
    const Oid element = candidate.arguments[fixed];
    auto* array = state_.make<ArrayConstructExpression>(Type{type_info(element).array_oid, -1});
    array->element_type = {element, -1};
    array->elements.assign(arguments.begin() + static_cast<std::ptrdiff_t>(fixed), arguments.end());
    array->location = node.location;
    arguments.resize(fixed);
    arguments.push_back(array);
  }
  if (candidate.aggregate != nullptr) {
    Candidate resolved = candidate;
    AggregateExpression* out =
        static_cast<AggregateExpression*>(finish_aggregate(node, resolved, std::move(arguments)));
    out->type = {result, -1};
    return out;
  }
  for (const Expression* argument : arguments) {
    types.push_back(argument->type);
  }
  if (candidate.function->set_body != nullptr) {
    refuse_set_call(node.location);
    scope_->has_set_calls = true;
    auto* out = state_.make<SetCallExpression>(Type{result, -1});
    out->function = candidate.function;
    out->arguments = std::move(arguments);
    out->argument_types = std::move(types);
    out->location = node.location;
    return out;
  }
  auto* out = state_.make<CallExpression>(Type{result, -1});
  out->function = candidate.function;
  out->arguments = std::move(arguments);
  out->argument_types = std::move(types);
  out->location = node.location;
  return out;
}

Expression* StatementBinder::finish_aggregate(const ast::FunctionCall& node,
                                              const Candidate& candidate,
                                              ExpressionList arguments) {
  refuse_aggregate(node.location);
  if (arguments.empty() && !node.star) {
    throw SqlError(sqlstate::kWrongObjectType,
                   fmt::format("{}(*) must be used to call a parameterless aggregate function",
                               name_text(node)))
        .at(node.location);
  }
  auto* out = state_.make<AggregateExpression>(Type{candidate.aggregate->result_type, -1});
  out->aggregate = candidate.aggregate;
  out->location = node.location;
  out->star = node.star;
  out->distinct = node.distinct;
  scope_->in_aggregate = true;
  for (const ast::SortBy* sort : node.order_by) {
    Expression* key = resolve_unknown(state_, bind(*sort->expression));
    const BoundQuery::OrderBy direction = sort_direction(*sort, key->type.oid);
    out->order_by.push_back({key, direction.descending, direction.nulls_first});
  }
  if (node.filter != nullptr) {
    const PlaceGuard place(*this, Place::Filter);
    out->filter = to_boolean(bind(*node.filter), "FILTER");
  }
  scope_->in_aggregate = false;
  for (const SortKey& key : out->order_by) {
    const bool in_arguments =
        std::any_of(arguments.begin(), arguments.end(),
                    [&](const Expression* argument) { return equal(*argument, *key.expression); });
    if (node.distinct && !in_arguments) {
      throw SqlError(
          sqlstate::kInvalidColumnReference,
          "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
          .at(key.expression->location);
    }
  }
  if (node.distinct) {
    for (const Expression* argument : arguments) {
      if (!is_orderable(argument->type.oid)) {
        throw SqlError(sqlstate::kUndefinedFunction,
                       fmt::format("could not identify an equality operator for type {}",
                                   type_text(argument->type.oid)))
            .detail("Aggregates with DISTINCT must be able to sort their inputs.")
            .at(node.location);
      }
    }
  }
  int lowest = 1000000;
  const std::function<void(const Expression&)> lowest_level = [&](const Expression& expression) {
    if (expression.kind == ExpressionKind::Column) {
      lowest = std::min(lowest, static_cast<const ColumnExpression&>(expression).levels_up);
    } else if (expression.kind == ExpressionKind::Subquery) {
      lowest = 0;
    }
    for_each_operand(expression, lowest_level);
  };
  for (const Expression* argument : arguments) {
    lowest_level(*argument);
  }
  if (lowest > 0 && lowest < 1000000) {
    unsupported("an aggregate of an outer query's columns", node.location);
  }
  for (const Expression* argument : arguments) {
    out->argument_types.push_back(argument->type);
  }
  out->arguments = std::move(arguments);
  scope_->has_aggregates = true;
  return out;
}

Expression* StatementBinder::call_named(std::string_view name, ExpressionList arguments,
                                        int location) {
  ast::FunctionCall node;
  node.name = {"pg_catalog", std::string(name)};
  node.location = location;
  std::vector<Oid> types;
  for (const Expression* argument : arguments) {
    types.push_back(argument->type.oid);
  }
  std::vector<Candidate> candidates = function_candidates(node, arguments.size());
  if (choose(state_, types, candidates) != Match::One) {
    undefined_function(node, arguments);
  }
  return finish_call(node, std::move(candidates.front()), std::move(arguments));
}

}  // namespace omen::sql
