#include "sql/binder/coercion.h"

#include <fmt/format.h>

#include "sql/binder/expression_tree.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

enum class Path : std::uint8_t { None, Relabel, Function, InputOutput, Array };

struct Pathway {
  Path path = Path::None;
  const CastDef* cast = nullptr;
};

bool context_allows(CastContext asked, CastContext needed) {
  const auto rank = [](CastContext context) {
    return context == CastContext::Implicit ? 0 : context == CastContext::Assignment ? 1 : 2;
  };
  return rank(asked) >= rank(needed);
}

Oid element_of(Oid type) {
  const TypeInfo* info = find_type(type);
  return info == nullptr ? 0 : info->element_oid;
}

Pathway find_pathway(const BindState& state, Oid source, Oid target, CastContext context) {
  if (source == target) {
    return {Path::Relabel, nullptr};
  }
  if (const CastDef* cast = find_cast(source, target);
      cast != nullptr && (!cast->extension_vector || state.vector_exists())) {
    if (!context_allows(context, cast->context)) {
      return {};
    }
    switch (cast->method) {
      case CastMethod::Function:
        return {Path::Function, cast};
      case CastMethod::Binary:
        return {Path::Relabel, cast};
      case CastMethod::InputOutput:
        return {Path::InputOutput, cast};
    }
  }
  // no array becomes an int2vector or oidvector: they would catch what is meant for real arrays
  const bool is_legacy = target == type_oid::kInt2Vector || target == type_oid::kOidVector;
  const Oid source_element = is_legacy ? 0 : element_of(source);
  const Oid target_element = element_of(target);
  if (source_element != 0 && target_element != 0 &&
      find_pathway(state, source_element, target_element, context).path != Path::None) {
    return {Path::Array, nullptr};
  }
  if (context_allows(context, CastContext::Assignment) && type_category(target) == 'S') {
    return {Path::InputOutput, nullptr};
  }
  if (context == CastContext::Explicit && type_category(source) == 'S') {
    return {Path::InputOutput, nullptr};
  }
  return {};
}

CallExpression* cast_call(BindState& state, const FunctionDef& function, Expression* operand,
                          Type result, const CoercionRequest& request) {
  auto* call = state.make<CallExpression>(result);
  call->function = &function;
  call->form = request.context == CastContext::Explicit ? CallExpression::Form::ExplicitCast
                                                        : CallExpression::Form::ImplicitCast;
  call->location = request.location;
  call->arguments.push_back(operand);
  call->argument_types.push_back(operand->type);
  if (function.argument_types.size() > 1) {
    call->arguments.push_back(integer_constant(state, result.modifier));
    call->argument_types.push_back({type_oid::kInt4, -1});
  }
  if (function.argument_types.size() > 2) {
    call->arguments.push_back(boolean_constant(state, request.context == CastContext::Explicit));
    call->argument_types.push_back({type_oid::kBool, -1});
  }
  return call;
}

Expression* coerce_type(BindState& state, Expression* expression, const CoercionRequest& request);
Expression* coerce_modifier(BindState& state, Expression* expression,
                            const CoercionRequest& request);

/// An array cast: the cast of one element, over a column that stands for it.
Expression* array_cast(BindState& state, Expression* operand, Type result,
                       const CoercionRequest& request) {
  auto* element =
      state.make<ColumnExpression>(Type{element_of(operand->type.oid), operand->type.modifier});
  element->relation = -1;
  CoercionRequest element_request = request;
  element_request.target = {element_of(result.oid), result.modifier};
  Expression* cast = coerce_type(
      state, element, {{element_request.target.oid, -1}, request.context, request.location});
  if (cast == nullptr) {
    return nullptr;
  }
  auto* out = state.make<ArrayCastExpression>(result);
  out->operand = operand;
  out->element_cast = coerce_modifier(state, cast, element_request);
  out->is_explicit = request.context == CastContext::Explicit;
  out->location = request.location;
  return out;
}

/// A literal becomes a value of the target type at once; its input function reports at its place.
Expression* coerce_literal(BindState& state, const ConstantExpression& literal, Oid target) {
  auto* out = state.make<ConstantExpression>(Type{target, -1});
  out->location = literal.location;
  if (engine::is_null(literal.value)) {
    return out;
  }
  try {
    out->value =
        text_to_value({target, -1}, std::get<std::string>(literal.value), state.context().eval);
  } catch (SqlError& error) {
    if (error.location() < 0) {
      error.set_location(literal.location);
    }
    throw;
  }
  return out;
}

Expression* coerce_unknown(BindState& state, Expression* expression, Oid target) {
  if (expression->kind == ExpressionKind::Constant) {
    return coerce_literal(state, static_cast<ConstantExpression&>(*expression), target);
  }
  if (expression->kind == ExpressionKind::Parameter) {
    state.deduce(static_cast<ParameterExpression&>(*expression), target);
    return expression;
  }
  auto* cast = state.make<InputOutputCastExpression>(Type{target, -1});
  cast->operand = expression;
  cast->location = expression->location;
  return cast;
}

/// int4 and oid have the same bits in PostgreSQL but not here (oids are held in 64): the cast goes
/// through int8, which both have functions for. Negative numbers are out of an oid's range then.
Expression* cast_through_int8(BindState& state, Expression* expression,
                              const CoercionRequest& request) {
  const CastDef* widen = find_cast(expression->type.oid, type_oid::kInt8);
  const CastDef* narrow = find_cast(type_oid::kInt8, request.target.oid);
  if (widen == nullptr || widen->function == nullptr || narrow == nullptr ||
      narrow->function == nullptr) {
    internal_error(fmt::format("no way from type {} to type {}", type_text(expression->type.oid),
                               type_text(request.target.oid)));
  }
  Expression* wide = cast_call(state, *widen->function, expression, {type_oid::kInt8, -1}, request);
  return cast_call(state, *narrow->function, wide, {request.target.oid, -1}, request);
}

/// To the target type, its modifier left aside. nullptr if impossible.
Expression* coerce_type(BindState& state, Expression* expression, const CoercionRequest& request) {
  const Oid source = expression->type.oid;
  const Oid target = request.target.oid;
  if (source == target || target == type_oid::kAny) {
    return expression;
  }
  if (source == type_oid::kUnknown) {
    return coerce_unknown(state, expression, target);
  }
  const Pathway pathway = find_pathway(state, source, target, request.context);
  switch (pathway.path) {
    case Path::None:
      return nullptr;
    case Path::Relabel: {
      if (type_info(source).physical != type_info(target).physical) {
        return cast_through_int8(state, expression, request);
      }
      auto* out = state.make<RelabelExpression>(Type{target, -1});
      out->operand = expression;
      out->is_explicit = request.context == CastContext::Explicit;
      out->location = request.location;
      return out;
    }
    case Path::Function: {
      // A cast function of one argument knows no modifier: the length cast after it applies it.
      const FunctionDef& function = *pathway.cast->function;
      const bool takes_modifier = function.argument_types.size() > 1;
      return cast_call(state, function, expression,
                       {target, takes_modifier ? request.target.modifier : -1}, request);
    }
    case Path::InputOutput: {
      auto* out = state.make<InputOutputCastExpression>(Type{target, -1});
      out->operand = expression;
      out->is_explicit = request.context == CastContext::Explicit;
      out->location = request.location;
      return out;
    }
    case Path::Array:
      return array_cast(state, expression, request.target, request);
  }
  return nullptr;
}

/// Applies the target's modifier by the type's length cast, if it has one.
Expression* coerce_modifier(BindState& state, Expression* expression,
                            const CoercionRequest& request) {
  const Type target = request.target;
  if (target.modifier < 0 || expression->type.modifier == target.modifier) {
    return expression;
  }
  if (const CastDef* cast = find_cast(target.oid, target.oid);
      cast != nullptr && cast->function != nullptr) {
    return cast_call(state, *cast->function, expression, target, request);
  }
  const Oid element = element_of(target.oid);
  if (element != 0) {
    if (const CastDef* cast = find_cast(element, element);
        cast != nullptr && cast->function != nullptr) {
      return array_cast(state, expression, target, request);
    }
  }
  auto* out = state.make<RelabelExpression>(target);
  out->operand = expression;
  out->is_explicit = request.context == CastContext::Explicit;
  out->location = request.location;
  return out;
}

}  // namespace

bool is_polymorphic(Oid type) {
  switch (type) {
    case type_oid::kAnyElement:
    case type_oid::kAnyArray:
    case type_oid::kAnyNonArray:
    case type_oid::kAnyCompatible:
    case type_oid::kAnyCompatibleArray:
    case type_oid::kAnyCompatibleNonArray:
      return true;
    default:
      return false;
  }
}

char type_category(Oid type) {
  const TypeInfo* info = find_type(type);
  return info == nullptr ? 'X' : info->category;
}

bool is_preferred(Oid type) {
  const TypeInfo* info = find_type(type);
  return info != nullptr && info->preferred;
}

std::string type_text(Oid type) {
  return type == type_oid::kUnknown ? "unknown" : format_type({type, -1});
}

bool can_coerce(const BindState& state, std::span<const Oid> sources, std::span<const Oid> targets,
                CastContext context) {
  constexpr Oid kInternal = 2281;  // no literal is of it
  bool polymorphic = false;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    polymorphic = polymorphic || is_polymorphic(targets[i]);
    const Oid source = sources[i];
    const Oid target = targets[i];
    if (target == kInternal) {
      return false;
    }
    if (source == target || target == type_oid::kAny || is_polymorphic(target) ||
        source == type_oid::kUnknown) {
      if ((target == type_oid::kAnyArray || target == type_oid::kAnyCompatibleArray) &&
          source != type_oid::kUnknown && source != target && element_of(source) == 0) {
        return false;
      }
      if ((target == type_oid::kAnyNonArray || target == type_oid::kAnyCompatibleNonArray) &&
          element_of(source) != 0) {
        return false;
      }
      continue;
    }
    if (find_pathway(state, source, target, context).path == Path::None) {
      return false;
    }
  }
  return !polymorphic || polymorphic_consistent(state, sources, targets);
}

Expression* try_coerce(BindState& state, Expression* expression, const CoercionRequest& request) {
  Expression* converted = coerce_type(state, expression, request);
  return converted == nullptr ? nullptr : coerce_modifier(state, converted, request);
}

Expression* coerce(BindState& state, Expression* expression, const CoercionRequest& request) {
  const Oid source = expression->type.oid;
  Expression* out = try_coerce(state, expression, request);
  if (out == nullptr) {
    throw SqlError(
        sqlstate::kCannotCoerce,
        fmt::format("cannot cast type {} to {}", type_text(source), type_text(request.target.oid)))
        .at(request.location);
  }
  return out;
}

Expression* coerce_for_assignment(BindState& state, Expression* expression, Type target,
                                  std::string_view column) {
  const Oid source = expression->type.oid;
  Expression* out =
      try_coerce(state, expression, {target, CastContext::Assignment, expression->location});
  if (out == nullptr) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("column \"{}\" is of type {} but expression is of type {}", column,
                               type_text(target.oid), type_text(source)))
        .hint("You will need to rewrite or cast the expression.")
        .at(start_of(*expression));
  }
  return out;
}

Expression* coerce_to_boolean(BindState& state, Expression* expression, std::string_view clause) {
  const Oid source = expression->type.oid;
  Expression* out = try_coerce(
      state, expression, {{type_oid::kBool, -1}, CastContext::Assignment, expression->location});
  if (out == nullptr) {
    throw SqlError(
        sqlstate::kDatatypeMismatch,
        fmt::format("argument of {} must be type boolean, not type {}", clause, type_text(source)))
        .at(start_of(*expression));
  }
  return out;
}

Expression* resolve_unknown(BindState& state, Expression* expression) {
  return is_unknown(*expression) ? coerce_unknown(state, expression, type_oid::kText) : expression;
}

}  // namespace omen::sql
