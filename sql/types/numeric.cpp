#include "sql/types/numeric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/types/floats.h"

namespace omen::sql {
namespace {

using Kind = Numeric::Kind;

constexpr int kDigitsPerGroup = 4;

int floor_divide(int a, int b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

Numeric infinity(int sign) {
  return Numeric(sign < 0 ? Kind::NegativeInfinity : Kind::Infinity);
}

/// Keeps `scale` digits of coefficient / 10^(`from` - scale), half away from zero if `round`.
BigInteger drop_digits(const BigInteger& coefficient, int count, bool round) {
  const BigInteger divisor = power_of_ten(count);
  BigInteger quotient;
  BigInteger remainder;
  boost::multiprecision::divide_qr(coefficient, divisor, quotient, remainder);
  if (round && boost::multiprecision::abs(remainder) * 2 >= divisor) {
    quotient += coefficient < 0 ? -1 : 1;
  }
  return quotient;
}

Numeric limit_scale(BigInteger coefficient, int scale) {
  if (scale > kNumericScaleMax) {
    return Numeric(drop_digits(coefficient, scale - kNumericScaleMax, true), kNumericScaleMax);
  }
  return Numeric(std::move(coefficient), scale);
}

/// Leading base-10000 digit and its weight.
struct Leading {
  int weight = 0;
  int digit = 0;
};

Leading leading_digit(const Numeric& a) {
  if (a.coefficient() == 0) {
    return {};
  }
  const BigInteger magnitude = boost::multiprecision::abs(a.coefficient());
  // The first decimal digit stands for 10^exponent.
  const int exponent = count_decimal_digits(magnitude) - 1 - a.scale();
  const int weight = floor_divide(exponent, kDigitsPerGroup);
  const int below = a.scale() + weight * kDigitsPerGroup;  // digits after the group
  const BigInteger group = below >= 0 ? BigInteger(magnitude / power_of_ten(below))
                                      : BigInteger(magnitude * power_of_ten(-below));
  return {weight, static_cast<int>(group)};
}

Numeric divide_special(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) {
    return Numeric(Kind::NaN);
  }
  if (a.is_finite()) {
    return Numeric();
  }
  if (!b.is_finite()) {
    return Numeric(Kind::NaN);
  }
  if (b.sign() == 0) {
    throw SqlError(sqlstate::kDivisionByZero, "division by zero");
  }
  return infinity(a.sign() * b.sign());
}

}  // namespace

int Numeric::sign() const {
  switch (kind_) {
    case Kind::NegativeInfinity:
      return -1;
    case Kind::NaN:
    case Kind::Infinity:
      return 1;
    case Kind::Finite:
      break;
  }
  return coefficient_.sign();
}

BigInteger Numeric::coefficient_at(int scale) const {
  return scale == scale_ ? coefficient_ : BigInteger(coefficient_ * power_of_ten(scale - scale_));
}

int compare_numeric(const Numeric& a, const Numeric& b) {
  if (a.is_finite() && b.is_finite()) {
    const int scale = std::max(a.scale(), b.scale());
    const int order = a.coefficient_at(scale).compare(b.coefficient_at(scale));
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
  }
  const auto rank = [](const Numeric& x) {
    switch (x.kind()) {
      case Kind::NegativeInfinity:
        return -1;
      case Kind::Finite:
        return 0;
      case Kind::Infinity:
        return 1;
      case Kind::NaN:
        return 2;
    }
    return 0;
  };
  return rank(a) < rank(b) ? -1 : (rank(a) > rank(b) ? 1 : 0);
}

Numeric add(const Numeric& a, const Numeric& b) {
  if (a.is_finite() && b.is_finite()) {
    const int scale = std::max(a.scale(), b.scale());
    return Numeric(a.coefficient_at(scale) + b.coefficient_at(scale), scale);
  }
  const bool opposite = !a.is_finite() && !b.is_finite() && a.sign() != b.sign();
  if (a.is_nan() || b.is_nan() || opposite) {
    return Numeric(Kind::NaN);
  }
  return a.is_finite() ? b : a;
}

Numeric subtract(const Numeric& a, const Numeric& b) {
  return add(a, negate(b));
}

Numeric multiply(const Numeric& a, const Numeric& b) {
  if (a.is_finite() && b.is_finite()) {
    return limit_scale(a.coefficient() * b.coefficient(), a.scale() + b.scale());
  }
  const int sign = a.sign() * b.sign();
  if (a.is_nan() || b.is_nan() || sign == 0) {
    return Numeric(Kind::NaN);
  }
  return infinity(sign);
}

int numeric_weight(const Numeric& a) {
  return leading_digit(a).weight;
}

int quotient_scale(const Numeric& a, const Numeric& b) {
  const Leading left = leading_digit(a);
  const Leading right = leading_digit(b);
  const int weight = left.weight - right.weight - (left.digit <= right.digit ? 1 : 0);
  const int scale = kNumericSignificantDigitsMin - weight * kDigitsPerGroup;
  return std::min(std::max({scale, a.scale(), b.scale(), 0}), kNumericResultScaleMax);
}

Numeric divide_to_scale(const Numeric& a, const Numeric& b, int scale, bool round) {
  if (b.coefficient() == 0) {
    throw SqlError(sqlstate::kDivisionByZero, "division by zero");
  }
  // a / b at one digit more than asked for would round twice: compare the remainder instead.
  const int shift = scale + b.scale() - a.scale();
  BigInteger dividend = a.coefficient();
  BigInteger divisor = b.coefficient();
  if (shift >= 0) {
    dividend *= power_of_ten(shift);
  } else {
    divisor *= power_of_ten(-shift);
  }
  BigInteger quotient;
  BigInteger remainder;
  boost::multiprecision::divide_qr(dividend, divisor, quotient, remainder);
  if (round && boost::multiprecision::abs(remainder) * 2 >= boost::multiprecision::abs(divisor)) {
    quotient += dividend.sign() * divisor.sign();
  }
  return Numeric(std::move(quotient), scale);
}

Numeric divide(const Numeric& a, const Numeric& b) {
  if (!a.is_finite() || !b.is_finite()) {
    return divide_special(a, b);
  }
  return divide_to_scale(a, b, quotient_scale(a, b), true);
}

Numeric modulo(const Numeric& a, const Numeric& b) {
  if (a.is_nan() || b.is_nan()) {
    return Numeric(Kind::NaN);
  }
  if (b.is_finite() && b.coefficient() == 0) {
    throw SqlError(sqlstate::kDivisionByZero, "division by zero");
  }
  if (!a.is_finite()) {
    return Numeric(Kind::NaN);
  }
  if (!b.is_finite()) {
    return a;
  }
  const int scale = std::max(a.scale(), b.scale());
  return Numeric(a.coefficient_at(scale) % b.coefficient_at(scale), scale);
}

Numeric negate(const Numeric& a) {
  if (a.is_nan()) {
    return a;
  }
  return a.is_finite() ? Numeric(-a.coefficient(), a.scale()) : infinity(-a.sign());
}

Numeric absolute(const Numeric& a) {
  return a.sign() < 0 ? negate(a) : a;
}

Numeric round(const Numeric& a, int scale) {
  if (!a.is_finite()) {
    return a;
  }
  const int kept = std::clamp(scale, -kNumericDigitsMax, kNumericScaleMax);
  if (kept >= a.scale()) {
    return Numeric(a.coefficient_at(kept), kept);
  }
  BigInteger coefficient = drop_digits(a.coefficient(), a.scale() - kept, true);
  return kept >= 0 ? Numeric(std::move(coefficient), kept)
                   : Numeric(coefficient * power_of_ten(-kept), 0);
}

Numeric truncate(const Numeric& a, int scale) {
  if (!a.is_finite()) {
    return a;
  }
  const int kept = std::clamp(scale, -kNumericDigitsMax, kNumericScaleMax);
  if (kept >= a.scale()) {
    return Numeric(a.coefficient_at(kept), kept);
  }
  BigInteger coefficient = drop_digits(a.coefficient(), a.scale() - kept, false);
  return kept >= 0 ? Numeric(std::move(coefficient), kept)
                   : Numeric(coefficient * power_of_ten(-kept), 0);
}

Numeric ceiling(const Numeric& a) {
  const Numeric whole = truncate(a, 0);
  return a.is_finite() && compare_numeric(whole, a) < 0 ? Numeric(whole.coefficient() + 1) : whole;
}

Numeric floor(const Numeric& a) {
  const Numeric whole = truncate(a, 0);
  return a.is_finite() && compare_numeric(whole, a) > 0 ? Numeric(whole.coefficient() - 1) : whole;
}

Numeric numeric_from_float8(double value, int significant_digits) {
  if (std::isnan(value)) {
    return Numeric(Kind::NaN);
  }
  if (std::isinf(value)) {
    return infinity(value < 0 ? -1 : 1);
  }
  return Numeric::parse(fmt::format("{:.{}g}", value, significant_digits));
}

double numeric_to_float8(const Numeric& value) {
  return parse_float8(value.to_string());
}

std::int64_t numeric_to_integer(const Numeric& value, std::string_view type_name, std::int64_t min,
                                std::int64_t max) {
  if (!value.is_finite()) {
    throw SqlError(
        sqlstate::kFeatureNotSupported,
        fmt::format("cannot convert {} to {}", value.is_nan() ? "NaN" : "infinity", type_name));
  }
  const BigInteger whole = round(value, 0).coefficient();
  if (whole < min || whole > max) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, fmt::format("{} out of range", type_name));
  }
  return static_cast<std::int64_t>(whole);
}

Numeric apply_numeric_modifier(const Numeric& value, std::int32_t modifier) {
  if (modifier < 4 || value.is_nan()) {
    return value;
  }
  const int precision = (modifier - 4) >> 16;
  const int scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  const auto overflow = [&](std::string what) {
    return SqlError(sqlstate::kNumericValueOutOfRange, "numeric field overflow")
        .detail(fmt::format("A field with precision {}, scale {} {}", precision, scale, what));
  };
  if (!value.is_finite()) {
    throw overflow("cannot hold an infinite value.");
  }
  Numeric rounded = round(value, scale);
  const int digits_max = precision - scale;
  const bool fits = digits_max >= 0 ? boost::multiprecision::abs(rounded.coefficient()) <
                                          power_of_ten(digits_max + rounded.scale())
                                    : boost::multiprecision::abs(rounded.coefficient()) <
                                          power_of_ten(std::max(rounded.scale() + digits_max, 0));
  if (!fits) {
    throw overflow(fmt::format("must round to an absolute value less than {}.",
                               digits_max == 0 ? "1" : fmt::format("10^{}", digits_max)));
  }
  return rounded;
}

}  // namespace omen::sql
