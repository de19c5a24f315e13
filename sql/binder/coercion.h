#pragma once

#include <span>
#include <string_view>

#include "sql/binder/bind_state.h"

/// Type conversion: what may be converted where, and the expressions that do it. After chapter 10
/// of PostgreSQL's manual.
namespace omen::sql {

/// Whether a cast was written (or is one of assignment), or came in by itself.
struct CoercionRequest {
  Type target;
  CastContext context = CastContext::Implicit;
  int location = -1;
};

bool is_polymorphic(Oid type);
char type_category(Oid type);
bool is_preferred(Oid type);
/// integer, text[], "unknown"...
std::string type_text(Oid type);

/// Whether values of `source` types can become `target` types, one by one. Polymorphic targets take
/// anything here; their consistency is checked by resolve_polymorphic.
bool can_coerce(const BindState& state, std::span<const Oid> sources, std::span<const Oid> targets,
                CastContext context);
/// Converts, modifier included; nullptr if there is no such cast.
Expression* try_coerce(BindState& state, Expression* expression, const CoercionRequest& request);
/// As try_coerce; 42846 "cannot cast type x to y" if there is none.
Expression* coerce(BindState& state, Expression* expression, const CoercionRequest& request);
/// For a column of a table: by assignment; 42804 naming the column.
Expression* coerce_for_assignment(BindState& state, Expression* expression, Type target,
                                  std::string_view column);
/// `clause` names the place: WHERE, AND, JOIN/ON, CASE/WHEN... 42804.
Expression* coerce_to_boolean(BindState& state, Expression* expression, std::string_view clause);
/// Text if still unknown; otherwise itself.
Expression* resolve_unknown(BindState& state, Expression* expression);

/// The type CASE, UNION, ARRAY, VALUES... agree on. 42804 "CASE types x and y cannot be matched".
Oid common_type(const BindState& state, std::span<Expression* const> expressions,
                std::string_view clause);
/// 0 instead of an error.
Oid try_common_type(const BindState& state, std::span<Expression* const> expressions);
/// The modifier all expressions of the common type share, or -1.
std::int32_t common_modifier(std::span<Expression* const> expressions, Oid type);
/// Converts to what common_type said. 42846 if that is impossible.
Expression* coerce_to_common(BindState& state, Expression* expression, Type type,
                             std::string_view clause);

/// Whether the arguments' types agree with each other as a signature's polymorphic types demand;
/// unknown ones agree with anything.
bool polymorphic_consistent(const BindState& state, std::span<const Oid> actual,
                            std::span<const Oid> declared);
/// Replaces the polymorphic types of a signature by what the arguments' types (`actual`) make of
/// them, and returns the result type. 42804 / 42883 if they contradict each other.
Oid resolve_polymorphic(const BindState& state, std::span<const Oid> actual,
                        std::span<Oid> declared, Oid result);

}  // namespace omen::sql
