#include <cmath>
#include <limits>
#include <numbers>

#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"

namespace omen::sql {
namespace {

template <typename R, typename A, typename B>
R add(A a, B b) {
  return checked_overflow(static_cast<R>(a) + static_cast<R>(b), a, b);
}
template <typename R, typename A, typename B>
R subtract(A a, B b) {
  return checked_overflow(static_cast<R>(a) - static_cast<R>(b), a, b);
}
template <typename R, typename A, typename B>
R multiply(A a, B b) {
  const R result = checked_overflow(static_cast<R>(a) * static_cast<R>(b), a, b);
  if (result == 0 && a != 0 && b != 0) {
    float_underflow();
  }
  return result;
}
template <typename R, typename A, typename B>
R divide(A a, B b) {
  if (b == 0 && !std::isnan(a)) {
    division_by_zero();
  }
  const R result = checked_overflow(static_cast<R>(a) / static_cast<R>(b), a, b);
  if (result == 0 && a != 0 && !std::isinf(b)) {
    float_underflow();
  }
  return result;
}

template <typename T>
T negate(T a) {
  return -a;
}
template <typename T>
T identity(T a) {
  return a;
}
template <typename T>
T absolute(T a) {
  return std::abs(a);
}

Float8 float4_to_float8(Float4 a) {
  return a;
}
Float4 float8_to_float4(Float8 a) {
  const auto result = checked_overflow(static_cast<Float4>(a), a);
  if (result == 0 && a != 0) {
    float_underflow();
  }
  return result;
}
template <typename R, typename A>
R convert(A a) {
  return static_cast<R>(a);
}

Float8 power(Float8 a, Float8 b) {
  if (std::isnan(a) || std::isnan(b)) {
    return (a == 1 || b == 0) ? 1 : std::numeric_limits<double>::quiet_NaN();
  }
  if (a == 0 && b < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "zero raised to a negative power is undefined");
  }
  if (a < 0 && std::isfinite(b) && std::floor(b) != b) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  const double result = checked_overflow(std::pow(a, b), a, b);
  if (result == 0 && a != 0 && std::isfinite(a) && std::isfinite(b)) {
    float_underflow();
  }
  return result;
}

Float8 square_root(Float8 a) {
  if (a < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "cannot take square root of a negative number");
  }
  return std::sqrt(a);
}
Float8 cube_root(Float8 a) {
  return std::cbrt(a);
}
Float8 exponential(Float8 a) {
  const double result = checked_overflow(std::exp(a), a);
  if (result == 0 && !std::isinf(a)) {
    float_underflow();
  }
  return result;
}

void check_logarithm(Float8 a) {
  if (a == 0) {
    throw SqlError(sqlstate::kInvalidArgumentForLogarithm, "cannot take logarithm of zero");
  }
  if (a < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForLogarithm,
                   "cannot take logarithm of a negative number");
  }
}
Float8 natural_logarithm(Float8 a) {
  check_logarithm(a);
  return std::log(a);
}
Float8 decimal_logarithm(Float8 a) {
  check_logarithm(a);
  return std::log10(a);
}

Float8 round_half_even(Float8 a) {
  return std::nearbyint(a);
}
Float8 ceiling(Float8 a) {
  return std::ceil(a);
}
Float8 floor(Float8 a) {
  return std::floor(a);
}
Float8 truncate(Float8 a) {
  return std::trunc(a);
}
Float8 sign(Float8 a) {
  return a > 0 ? 1 : (a < 0 ? -1 : 0);
}
Float8 pi() {
  return std::numbers::pi;
}
Float8 degrees(Float8 a) {
  return checked_overflow(a * (180 / std::numbers::pi), a);
}
Float8 radians(Float8 a) {
  return a * (std::numbers::pi / 180);
}

[[noreturn]] void input_out_of_range() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "input is out of range");
}
/// sin, cos, tan of a finite angle; NaN passes.
template <double (*kFunction)(double)>
Float8 of_finite(Float8 a) {
  if (std::isinf(a)) {
    input_out_of_range();
  }
  return kFunction(a);
}
/// asin, acos: defined on -1 .. 1.
template <double (*kFunction)(double)>
Float8 of_unit(Float8 a) {
  if (a < -1 || a > 1) {
    input_out_of_range();
  }
  return kFunction(a);
}
double sine(double a) {
  return std::sin(a);
}
double cosine(double a) {
  return std::cos(a);
}
double tangent(double a) {
  return std::tan(a);
}
double arc_sine(double a) {
  return std::asin(a);
}
double arc_cosine(double a) {
  return std::acos(a);
}
Float8 arc_tangent(Float8 a) {
  return std::atan(a);
}
Float8 arc_tangent_2(Float8 a, Float8 b) {
  return std::atan2(a, b);
}
Float8 cotangent(Float8 a) {
  if (std::isinf(a)) {
    input_out_of_range();
  }
  return 1.0 / std::tan(a);
}
Float8 hyperbolic_sine(Float8 a) {
  return std::sinh(a);
}
Float8 hyperbolic_cosine(Float8 a) {
  return std::cosh(a);
}
Float8 hyperbolic_tangent(Float8 a) {
  return std::tanh(a);
}

constexpr FunctionRow kRows[] = {
    scalar<multiply<Float4, Float4, Float4>>(202, "float4mul", "implementation of * operator"),
    scalar<multiply<Float8, Float8, Float8>>(216, "float8mul", "implementation of * operator"),
    scalar<multiply<Float8, Float4, Float8>>(279, "float48mul", "implementation of * operator"),
    scalar<multiply<Float8, Float8, Float4>>(283, "float84mul", "implementation of * operator"),
    scalar<add<Float4, Float4, Float4>>(204, "float4pl", "implementation of + operator"),
    scalar<add<Float8, Float8, Float8>>(218, "float8pl", "implementation of + operator"),
    scalar<add<Float8, Float4, Float8>>(281, "float48pl", "implementation of + operator"),
    scalar<add<Float8, Float8, Float4>>(285, "float84pl", "implementation of + operator"),
    scalar<identity<Float4>>(1913, "float4up", "implementation of + operator"),
    scalar<identity<Float8>>(1914, "float8up", "implementation of + operator"),
    scalar<subtract<Float4, Float4, Float4>>(205, "float4mi", "implementation of - operator"),
    scalar<negate<Float4>>(206, "float4um", "implementation of - operator"),
    scalar<subtract<Float8, Float8, Float8>>(219, "float8mi", "implementation of - operator"),
    scalar<negate<Float8>>(220, "float8um", "implementation of - operator"),
    scalar<subtract<Float8, Float4, Float8>>(282, "float48mi", "implementation of - operator"),
    scalar<subtract<Float8, Float8, Float4>>(286, "float84mi", "implementation of - operator"),
    scalar<divide<Float4, Float4, Float4>>(203, "float4div", "implementation of / operator"),
    scalar<divide<Float8, Float8, Float8>>(217, "float8div", "implementation of / operator"),
    scalar<divide<Float8, Float4, Float8>>(280, "float48div", "implementation of / operator"),
    scalar<divide<Float8, Float8, Float4>>(284, "float84div", "implementation of / operator"),
    scalar<absolute<Float4>>(207, "float4abs", "implementation of @ operator"),
    scalar<absolute<Float8>>(221, "float8abs", "implementation of @ operator"),
    scalar<power>(232, "dpow", "implementation of ^ operator"),
    scalar<square_root>(230, "dsqrt", "implementation of |/ operator"),
    scalar<cube_root>(231, "dcbrt", "implementation of ||/ operator"),
    scalar<float4_to_float8>(311, "float8", "convert float4 to float8"),
    scalar<float8_to_float4>(312, "float4", "convert float8 to float4"),
    scalar<convert<Float4, Int2>>(236, "float4", "convert int2 to float4"),
    scalar<convert<Float4, Int4>>(318, "float4", "convert int4 to float4"),
    scalar<convert<Float4, Int8>>(652, "float4", "convert int8 to float4"),
    scalar<convert<Float8, Int2>>(235, "float8", "convert int2 to float8"),
    scalar<convert<Float8, Int4>>(316, "float8", "convert int4 to float8"),
    scalar<convert<Float8, Int8>>(482, "float8", "convert int8 to float8"),
    scalar<absolute<Float4>>(1394, "abs", "absolute value"),
    scalar<absolute<Float8>>(1395, "abs", "absolute value"),
    scalar<power>(1368, "power", "exponentiation"),
    scalar<power>(1346, "pow", "exponentiation"),
    scalar<square_root>(1344, "sqrt", "square root"),
    scalar<cube_root>(1345, "cbrt", "cube root"),
    scalar<exponential>(1347, "exp", "natural exponential (e^x)"),
    scalar<natural_logarithm>(1341, "ln", "natural logarithm"),
    scalar<decimal_logarithm>(1340, "log", "base 10 logarithm"),
    scalar<decimal_logarithm>(1194, "log10", "base 10 logarithm"),
    scalar<round_half_even>(1342, "round", "round to nearest integer"),
    scalar<ceiling>(2308, "ceil", "nearest integer >= value"),
    scalar<ceiling>(2320, "ceiling", "nearest integer >= value"),
    scalar<floor>(2309, "floor", "nearest integer <= value"),
    scalar<truncate>(1343, "trunc", "truncate to integer"),
    scalar<sign>(2310, "sign", "sign of value"),
    scalar<pi>(1610, "pi", "PI"),
    scalar<degrees>(1608, "degrees", "radians to degrees"),
    scalar<radians>(1609, "radians", "degrees to radians"),
    scalar<of_finite<sine>>(1604, "sin", "sine"),
    scalar<of_finite<cosine>>(1605, "cos", "cosine"),
    scalar<of_finite<tangent>>(1606, "tan", "tangent"),
    scalar<cotangent>(1607, "cot", "cotangent"),
    scalar<of_unit<arc_sine>>(1600, "asin", "arcsine"),
    scalar<of_unit<arc_cosine>>(1601, "acos", "arccosine"),
    scalar<arc_tangent>(1602, "atan", "arctangent"),
    scalar<arc_tangent_2>(1603, "atan2", "arctangent, two arguments"),
    scalar<hyperbolic_sine>(2462, "sinh", "hyperbolic sine"),
    scalar<hyperbolic_cosine>(2463, "cosh", "hyperbolic cosine"),
    scalar<hyperbolic_tangent>(2464, "tanh", "hyperbolic tangent"),
};

}  // namespace

const FunctionTable kFloatFunctions = kRows;

}  // namespace omen::sql
