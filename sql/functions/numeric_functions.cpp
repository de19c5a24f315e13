#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/comparison.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/registry.h"

namespace omen::sql {
namespace {

using NumericArgument = const Numeric&;

Numeric add_body(NumericArgument a, NumericArgument b) {
  return add(a, b);
}
Numeric subtract_body(NumericArgument a, NumericArgument b) {
  return subtract(a, b);
}
Numeric multiply_body(NumericArgument a, NumericArgument b) {
  return multiply(a, b);
}
Numeric divide_body(NumericArgument a, NumericArgument b) {
  return divide(a, b);
}
Numeric modulo_body(NumericArgument a, NumericArgument b) {
  return modulo(a, b);
}
Numeric power_body(NumericArgument a, NumericArgument b) {
  return power(a, b);
}
Numeric negate_body(NumericArgument a) {
  return negate(a);
}
Numeric identity_body(NumericArgument a) {
  return a;
}
Numeric absolute_body(NumericArgument a) {
  return absolute(a);
}
Numeric square_root_body(NumericArgument a) {
  return square_root(a);
}
Numeric exponential_body(NumericArgument a) {
  return exponential(a);
}
Numeric natural_logarithm_body(NumericArgument a) {
  return natural_logarithm(a);
}
Numeric decimal_logarithm_body(NumericArgument a) {
  return logarithm(Numeric(10), a);
}
Numeric logarithm_body(NumericArgument base, NumericArgument a) {
  return logarithm(base, a);
}
Numeric ceiling_body(NumericArgument a) {
  return ceiling(a);
}
Numeric floor_body(NumericArgument a) {
  return floor(a);
}

/// round and trunc with a number of digits: at most 2000 either way.
constexpr Int4 kResultDigitsMax = 2000;
Numeric round_body(NumericArgument a, Int4 scale) {
  return round(a, std::clamp(scale, -kResultDigitsMax, kResultDigitsMax));
}
Numeric round_whole(NumericArgument a) {
  return round(a, 0);
}
Numeric truncate_body(NumericArgument a, Int4 scale) {
  return truncate(a, std::clamp(scale, -kResultDigitsMax, kResultDigitsMax));
}
Numeric truncate_whole(NumericArgument a) {
  return truncate(a, 0);
}

Numeric sign_body(NumericArgument a) {
  return a.is_nan() ? a : Numeric(a.sign());
}

/// The quotient, cut to a whole number.
Numeric whole_quotient(NumericArgument a, NumericArgument b) {
  if (!a.is_finite() || !b.is_finite()) {
    return divide(a, b);
  }
  return divide_to_scale(a, b, 0, false);
}

template <typename T>
Numeric from_integer(T a) {
  return Numeric(BigInteger(a));
}
Numeric from_float8(Float8 a) {
  return numeric_from_float8(a);
}
Numeric from_float4(Float4 a) {
  return numeric_from_float8(double{a}, std::numeric_limits<float>::digits10);
}
Int2 to_int2(NumericArgument a) {
  return static_cast<Int2>(numeric_to_integer(a, "smallint", INT16_MIN, INT16_MAX));
}
Int4 to_int4(NumericArgument a) {
  return static_cast<Int4>(numeric_to_integer(a, "integer", INT32_MIN, INT32_MAX));
}
Int8 to_int8(NumericArgument a) {
  return numeric_to_integer(a, "bigint", INT64_MIN, INT64_MAX);
}
Float8 to_float8(NumericArgument a) {
  return numeric_to_float8(a);
}
Float4 to_float4(NumericArgument a) {
  return parse_float4(a.to_string());
}
Numeric apply_modifier(NumericArgument a, Int4 modifier) {
  return apply_numeric_modifier(a, modifier);
}

std::optional<Int4> scale(NumericArgument a) {
  return a.is_finite() ? std::optional(a.scale()) : std::nullopt;
}
/// Digits after the point that are needed.
int significant_scale(NumericArgument a) {
  int scale = a.scale();
  BigInteger coefficient = a.coefficient();
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  return scale;
}
std::optional<Int4> min_scale(NumericArgument a) {
  return a.is_finite() ? std::optional(significant_scale(a)) : std::nullopt;
}
Numeric trim_scale(NumericArgument a) {
  return truncate(a, significant_scale(a));
}

Numeric greatest_common_divisor(NumericArgument a, NumericArgument b) {
  if (!a.is_finite() || !b.is_finite()) {
    return Numeric(Numeric::Kind::NaN);
  }
  const int common = std::max(a.scale(), b.scale());
  return Numeric(boost::multiprecision::gcd(a.coefficient_at(common), b.coefficient_at(common)),
                 common);
}

Numeric least_common_multiple(NumericArgument a, NumericArgument b) {
  if (!a.is_finite() || !b.is_finite()) {
    return Numeric(Numeric::Kind::NaN);
  }
  const int common = std::max(a.scale(), b.scale());
  return Numeric(boost::multiprecision::lcm(a.coefficient_at(common), b.coefficient_at(common)),
                 common);
}

constexpr FunctionRow kRows[] = {
    scalar<compare<Equal, StoredNumeric, StoredNumeric>>(1718, "numeric_eq",
                                                         "implementation of = operator"),
    scalar<compare<NotEqual, StoredNumeric, StoredNumeric>>(1719, "numeric_ne",
                                                            "implementation of <> operator"),
    scalar<compare<Greater, StoredNumeric, StoredNumeric>>(1720, "numeric_gt",
                                                           "implementation of > operator"),
    scalar<compare<GreaterEqual, StoredNumeric, StoredNumeric>>(1721, "numeric_ge",
                                                                "implementation of >= operator"),
    scalar<compare<Less, StoredNumeric, StoredNumeric>>(1722, "numeric_lt",
                                                        "implementation of < operator"),
    scalar<compare<LessEqual, StoredNumeric, StoredNumeric>>(1723, "numeric_le",
                                                             "implementation of <= operator"),
    scalar<order<StoredNumeric, StoredNumeric>>(1769, "numeric_cmp", "less-equal-greater"),
    scalar<add_body>(1724, "numeric_add", "implementation of + operator"),
    scalar<subtract_body>(1725, "numeric_sub", "implementation of - operator"),
    scalar<multiply_body>(1726, "numeric_mul", "implementation of * operator"),
    scalar<divide_body>(1727, "numeric_div", "implementation of / operator"),
    scalar<modulo_body>(1729, "numeric_mod", "implementation of % operator"),
    scalar<modulo_body>(1728, "mod", "modulus"),
    scalar<whole_quotient>(1973, "div", "trunc(x/y)"),
    scalar<power_body>(1739, "numeric_power", "implementation of ^ operator"),
    scalar<power_body>(2169, "power", "exponentiation"),
    scalar<power_body>(1738, "pow", "exponentiation"),
    scalar<negate_body>(1771, "numeric_uminus", "implementation of - operator"),
    scalar<identity_body>(1915, "numeric_uplus", "implementation of + operator"),
    scalar<absolute_body>(1704, "numeric_abs", "implementation of @ operator"),
    scalar<absolute_body>(1705, "abs", "absolute value"),
    scalar<sign_body>(1706, "sign", "sign of value"),
    scalar<square_root_body>(1730, "sqrt", "square root"),
    scalar<square_root_body>(1731, "numeric_sqrt", "square root"),
    scalar<exponential_body>(1732, "exp", "natural exponential (e^x)"),
    scalar<natural_logarithm_body>(1734, "ln", "natural logarithm"),
    scalar<decimal_logarithm_body>(1741, "log", "base 10 logarithm"),
    scalar<decimal_logarithm_body>(1481, "log10", "base 10 logarithm"),
    scalar<logarithm_body>(1736, "log", "logarithm base m of n"),
    scalar<ceiling_body>(1711, "ceil", "nearest integer >= value"),
    scalar<ceiling_body>(2167, "ceiling", "nearest integer >= value"),
    scalar<floor_body>(1712, "floor", "nearest integer <= value"),
    scalar<round_body>(1707, "round", "value rounded to 'scale'"),
    scalar<round_whole>(1708, "round", "value rounded to 'scale' of zero"),
    scalar<truncate_body>(1709, "trunc", "value truncated to 'scale'"),
    scalar<truncate_whole>(1710, "trunc", "value truncated to 'scale' of zero"),
    scalar<from_integer<Int2>>(1782, "numeric", "convert int2 to numeric"),
    scalar<from_integer<Int4>>(1740, "numeric", "convert int4 to numeric"),
    scalar<from_integer<Int8>>(1781, "numeric", "convert int8 to numeric"),
    scalar<from_float4>(1742, "numeric", "convert float4 to numeric"),
    scalar<from_float8>(1743, "numeric", "convert float8 to numeric"),
    scalar<to_int2>(1783, "int2", "convert numeric to int2"),
    scalar<to_int4>(1744, "int4", "convert numeric to int4"),
    scalar<to_int8>(1779, "int8", "convert numeric to int8"),
    scalar<to_float4>(1745, "float4", "convert numeric to float4"),
    scalar<to_float8>(1746, "float8", "convert numeric to float8"),
    scalar<apply_modifier>(1703, "numeric", "adjust numeric to typmod precision/scale"),
    scalar<scale>(3281, "scale", "number of decimal digits in the fractional part"),
    scalar<min_scale>(5042, "min_scale", "minimum scale needed to represent the value"),
    scalar<trim_scale>(5043, "trim_scale",
                       "numeric with minimum scale needed to represent the value"),
    scalar<greatest_common_divisor>(5048, "gcd", "greatest common divisor"),
    scalar<least_common_multiple>(5049, "lcm", "least common multiple"),
};

}  // namespace

const FunctionTable kNumericFunctions = kRows;

}  // namespace omen::sql
