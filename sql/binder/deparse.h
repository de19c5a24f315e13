#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sql/binder/bound.h"

namespace omen::sql {

/// PostgreSQL's text of a bound expression (ruleutils.c): fully parenthesised operators, literals
/// with casts: `(a + 1)`, `'x'::text`, `nextval('s'::regclass)`. Used for stored defaults and
/// checks
/// (pg_get_expr) and by EXPLAIN. `column_name` names a column (qualified or not, as the place
/// wants).
/// `parentheses`: around everything, or only where a reader needs them (PostgreSQL's "pretty").
enum class Parentheses : std::uint8_t { All, Needed };
std::string deparse(const Expression& expression, const EvalContext& context,
                    const std::function<std::string(const ColumnExpression&)>& column_name,
                    Parentheses parentheses = Parentheses::All);
/// A quoted identifier if it needs quotes.
std::string quote_identifier(std::string_view name);
std::string quote_literal(std::string_view text);

}  // namespace omen::sql
