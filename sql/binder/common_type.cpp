#include <fmt/format.h>

#include "sql/binder/coercion.h"
#include "sql/binder/expression_tree.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

bool can_coerce_one(const BindState& state, Oid source, Oid target) {
  return can_coerce(state, {&source, 1}, {&target, 1}, CastContext::Implicit);
}

/// The choice of section 10.5 of the manual; `mismatch` gets the expression that does not fit.
Oid choose_type(const BindState& state, std::span<Expression* const> expressions,
                const Expression** mismatch) {
  const Oid first = expressions[0]->type.oid;
  if (first != type_oid::kUnknown) {
    bool all_same = true;
    for (const Expression* expression : expressions) {
      all_same = all_same && expression->type.oid == first;
    }
    if (all_same) {
      return first;
    }
  }
  Oid chosen = first;
  for (const Expression* expression : expressions.subspan(1)) {
    const Oid type = expression->type.oid;
    if (type == type_oid::kUnknown || type == chosen) {
      continue;
    }
    if (chosen == type_oid::kUnknown) {
      chosen = type;
    } else if (type_category(type) != type_category(chosen)) {
      *mismatch = expression;
      return chosen;
    } else if (!is_preferred(chosen) && can_coerce_one(state, chosen, type) &&
               !can_coerce_one(state, type, chosen)) {
      chosen = type;
    }
  }
  return chosen == type_oid::kUnknown ? type_oid::kText : chosen;
}

}  // namespace

Oid common_type(const BindState& state, std::span<Expression* const> expressions,
                std::string_view clause) {
  const Expression* mismatch = nullptr;
  const Oid chosen = choose_type(state, expressions, &mismatch);
  if (mismatch != nullptr) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   fmt::format("{} types {} and {} cannot be matched", clause, type_text(chosen),
                               type_text(mismatch->type.oid)))
        .at(start_of(*mismatch));
  }
  return chosen;
}

Oid try_common_type(const BindState& state, std::span<Expression* const> expressions) {
  const Expression* mismatch = nullptr;
  const Oid chosen = choose_type(state, expressions, &mismatch);
  return mismatch == nullptr ? chosen : 0;
}

std::int32_t common_modifier(std::span<Expression* const> expressions, Oid type) {
  const std::int32_t modifier = expressions[0]->type.modifier;
  for (const Expression* expression : expressions) {
    if (expression->type.oid != type || expression->type.modifier != modifier) {
      return -1;
    }
  }
  return modifier;
}

Expression* coerce_to_common(BindState& state, Expression* expression, Type type,
                             std::string_view clause) {
  const Oid source = expression->type.oid;
  const int location = expression->location;
  if (source == type.oid) {
    return expression;
  }
  Expression* out =
      try_coerce(state, expression, {{type.oid, -1}, CastContext::Implicit, location});
  if (out == nullptr) {
    throw SqlError(sqlstate::kCannotCoerce,
                   fmt::format("{} could not convert type {} to {}", clause, type_text(source),
                               type_text(type.oid)))
        .at(start_of(*expression));
  }
  return out;
}

}  // namespace omen::sql
