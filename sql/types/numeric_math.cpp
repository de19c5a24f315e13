#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/types/numeric.h"

/// Roots, exponentials and logarithms of numeric: fixed-point arithmetic on big integers, rounded
/// once to the scale that PostgreSQL chooses for the result.
namespace omen::sql {
namespace {

using Kind = Numeric::Kind;
using boost::multiprecision::abs;
using boost::multiprecision::msb;

constexpr int kGuardDigits = 20;
constexpr double kLog10OfE = 0.434294481903252;
constexpr int kDigitsPerGroup = 4;
constexpr double kExponentMax = 6000;  ///< e to a greater power overflows, as in PostgreSQL

int clamp_scale(int scale) {
  return std::clamp(scale, 0, kNumericResultScaleMax);
}

/// log10 of |a|, roughly; a is not zero.
double log10_of(const Numeric& a) {
  return approximate_log10(BigInteger(abs(a.coefficient()))) - a.scale();
}

/// e^(y / unit) * unit, for any y.
BigInteger fixed_exponential(const BigInteger& y, const BigInteger& unit) {
  if (y < 0) {
    return unit * unit / fixed_exponential(-y, unit);
  }
  if (y == 0) {
    return unit;
  }
  // Halve until the argument is far below 1, sum the series, square back: few terms for many bits.
  const auto unit_bits = static_cast<int>(msb(unit)) + 1;
  const int below = 8 + static_cast<int>(std::sqrt(unit_bits)) / 2;
  const int halvings = std::max(static_cast<int>(msb(y)) - unit_bits + 2 + below, 0);
  // Each squaring doubles the error: carry that many bits more.
  const auto bits = static_cast<unsigned>(unit_bits + halvings + 16);
  const BigInteger argument = ((y << bits) / unit) >> static_cast<unsigned>(halvings);
  BigInteger term = BigInteger(1) << bits;
  BigInteger sum = term;
  for (int i = 1; term != 0; ++i) {
    term = ((term * argument) >> bits) / i;
    sum += term;
  }
  for (int i = 0; i < halvings; ++i) {
    sum = (sum * sum) >> bits;
  }
  return (sum * unit) >> bits;
}

/// ln(x / unit) * unit for x / unit in [0.1, 10].
BigInteger fixed_logarithm_near_one(const BigInteger& x, const BigInteger& unit, int digits) {
  constexpr int kDoubleDigits = 15;
  const double ratio =
      static_cast<double>(BigInteger(x * power_of_ten(kDoubleDigits) / unit)) / 1e15;
  BigInteger y = BigInteger(static_cast<std::int64_t>(std::log(ratio) * 1e15)) *
                 power_of_ten(std::max(digits - kDoubleDigits, 0));
  if (digits < kDoubleDigits) {
    y = BigInteger(static_cast<std::int64_t>(std::log(ratio) * std::pow(10.0, digits)));
  }
  // Halley's iteration triples the correct digits.
  for (int correct = kDoubleDigits - 3; correct < 3 * digits; correct *= 3) {
    const BigInteger power = fixed_exponential(y, unit);
    y += 2 * unit * (x - power) / (x + power);
  }
  return y;
}

/// ln of a positive number in units of 10^-digits.
BigInteger fixed_logarithm(const Numeric& a, int digits) {
  const int digit_count = count_decimal_digits(a.coefficient());
  const int exponent = digit_count - 1 - a.scale();
  const BigInteger unit = power_of_ten(digits);
  const int shift = digits - digit_count + 1;
  BigInteger mantissa = a.coefficient();
  if (shift >= 0) {
    mantissa *= power_of_ten(shift);
  } else {
    mantissa /= power_of_ten(-shift);
  }
  BigInteger result = fixed_logarithm_near_one(mantissa, unit, digits);
  if (exponent != 0) {
    result += exponent * fixed_logarithm_near_one(unit * 10, unit, digits);
  }
  return result;
}

Numeric logarithm_to_scale(const Numeric& a, int scale) {
  const int digits = scale + kGuardDigits;
  return round(Numeric(fixed_logarithm(a, digits), digits), scale);
}

Numeric exponential_to_scale(const Numeric& a, int scale, double log10_result) {
  const int digits =
      std::max(scale + kGuardDigits + std::max(static_cast<int>(log10_result), 0) + 1, a.scale());
  const BigInteger unit = power_of_ten(digits);
  return round(Numeric(fixed_exponential(a.coefficient_at(digits), unit), digits), scale);
}

/// The decimal weight of ln(a): what decides its scale (estimate_ln_dweight).
int logarithm_weight(const Numeric& a) {
  const Numeric low(9, 1);
  const Numeric high(11, 1);
  if (compare_numeric(a, low) >= 0 && compare_numeric(a, high) <= 0) {
    const Numeric distance = subtract(a, Numeric(1));
    if (distance.sign() == 0) {
      return 0;
    }
    return static_cast<int>(std::floor(log10_of(distance) + 1e-12));
  }
  const double natural = log10_of(a) / kLog10OfE;
  return static_cast<int>(std::log10(std::fabs(natural)));
}

void check_logarithm(const Numeric& a) {
  if (a.sign() == 0) {
    throw SqlError(sqlstate::kInvalidArgumentForLogarithm, "cannot take logarithm of zero");
  }
  if (a.sign() < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForLogarithm,
                   "cannot take logarithm of a negative number");
  }
}

[[noreturn]] void overflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
}

/// base^exponent rounded to `scale`, by squaring with a bounded number of digits.
Numeric integer_power(const Numeric& base, std::int64_t exponent, int scale) {
  if (exponent == 0 || base.sign() == 0) {
    if (exponent < 0) {
      throw SqlError(sqlstate::kDivisionByZero, "division by zero");
    }
    return round(Numeric(exponent == 0 ? 1 : 0), scale);
  }
  const double log10_result = static_cast<double>(exponent) * log10_of(base);
  if (log10_result > kNumericDigitsMax) {
    overflow();
  }
  if (log10_result < -(scale + kGuardDigits)) {
    return Numeric(0, scale);
  }
  const int digits_max = scale + static_cast<int>(std::fabs(log10_result)) + 2 * kGuardDigits;
  const auto trim = [digits_max](const Numeric& value) {
    const int digits =
        value.sign() == 0
            ? 1
            : static_cast<int>(approximate_log10(BigInteger(abs(value.coefficient())))) + 1;
    return digits > digits_max ? truncate(value, value.scale() - (digits - digits_max)) : value;
  };
  Numeric result(1);
  Numeric square = base;
  for (auto rest = static_cast<std::uint64_t>(exponent < 0 ? -exponent : exponent); rest != 0;
       rest >>= 1) {
    if ((rest & 1) != 0) {
      result = trim(
          Numeric(result.coefficient() * square.coefficient(), result.scale() + square.scale()));
    }
    if (rest > 1) {
      square = trim(Numeric(square.coefficient() * square.coefficient(), 2 * square.scale()));
    }
  }
  return exponent < 0 ? divide_to_scale(Numeric(1), result, scale, true) : round(result, scale);
}

bool is_integer(const Numeric& a) {
  return compare_numeric(a, truncate(a, 0)) == 0;
}

Numeric power_special(const Numeric& base, const Numeric& exponent) {
  const Numeric one(1);
  if (base.is_nan()) {
    return exponent.is_finite() && exponent.sign() == 0 ? one : base;
  }
  if (exponent.is_nan()) {
    return base.is_finite() && compare_numeric(base, one) == 0 ? one : exponent;
  }
  if (base.is_finite()) {  // to an infinite power
    const int order = compare_numeric(absolute(base), one);
    if (order == 0) {
      return one;
    }
    if (base.sign() == 0 && exponent.sign() < 0) {
      throw SqlError(sqlstate::kInvalidArgumentForPower,
                     "zero raised to a negative power is undefined");
    }
    return (order > 0) == (exponent.sign() > 0) ? Numeric(Kind::Infinity) : Numeric();
  }
  if (exponent.is_finite() && exponent.sign() == 0) {
    return one;
  }
  if (exponent.sign() < 0) {
    return Numeric();
  }
  if (base.sign() > 0) {
    return Numeric(Kind::Infinity);
  }
  if (exponent.is_finite() && !is_integer(exponent)) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  const bool odd = exponent.is_finite() && truncate(exponent, 0).coefficient() % 2 != 0;
  return Numeric(odd ? Kind::NegativeInfinity : Kind::Infinity);
}

}  // namespace

Numeric square_root_to_scale(const Numeric& a, int scale) {
  // floor(sqrt(a * 10^(2 * scale))), then rounded: a tie is impossible.
  const int shift = 2 * scale - a.scale();
  const BigInteger radicand = shift >= 0 ? BigInteger(a.coefficient() * power_of_ten(shift))
                                         : BigInteger(a.coefficient() / power_of_ten(-shift));
  BigInteger remainder;
  BigInteger root = boost::multiprecision::sqrt(radicand, remainder);
  if (remainder > root) {
    ++root;
  }
  return Numeric(std::move(root), scale);
}

Numeric square_root(const Numeric& a) {
  if (a.is_nan()) {
    return a;
  }
  if (a.sign() < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "cannot take square root of a negative number");
  }
  if (!a.is_finite()) {
    return a;
  }
  const int weight = (numeric_weight(a) + 1) * kDigitsPerGroup / 2 - 1;
  return square_root_to_scale(
      a, clamp_scale(std::max(kNumericSignificantDigitsMin - weight, a.scale())));
}

Numeric exponential(const Numeric& a) {
  if (!a.is_finite()) {
    return a.kind() == Kind::NegativeInfinity ? Numeric() : a;
  }
  constexpr double kWeightMax = 2000;
  const double exponent = numeric_to_float8(a);
  const double weight = exponent * kLog10OfE;
  if (exponent >= kExponentMax) {
    overflow();
  }
  const int scale =
      kNumericSignificantDigitsMin - static_cast<int>(std::clamp(weight, -kWeightMax, kWeightMax));
  const int result_scale = clamp_scale(std::max(scale, a.scale()));
  return exponent <= -kExponentMax ? Numeric(0, result_scale)
                                   : exponential_to_scale(a, result_scale, weight);
}

Numeric natural_logarithm(const Numeric& a) {
  if (a.is_nan()) {
    return a;
  }
  check_logarithm(a);
  if (!a.is_finite()) {
    return a;
  }
  const int scale = kNumericSignificantDigitsMin - logarithm_weight(a);
  return logarithm_to_scale(a, clamp_scale(std::max(scale, a.scale())));
}

Numeric logarithm(const Numeric& base, const Numeric& a) {
  if (base.is_nan() || a.is_nan()) {
    return Numeric(Kind::NaN);
  }
  check_logarithm(base);
  check_logarithm(a);
  if (!base.is_finite() || !a.is_finite()) {
    if (base.is_finite()) {
      return Numeric(Kind::Infinity);
    }
    return a.is_finite() ? Numeric() : Numeric(Kind::NaN);
  }
  const int weight = logarithm_weight(a) - logarithm_weight(base);
  const int scale =
      clamp_scale(std::max({kNumericSignificantDigitsMin - weight, base.scale(), a.scale()}));
  const int working = scale + kGuardDigits;
  const Numeric divisor = logarithm_to_scale(base, working);
  return divide_to_scale(logarithm_to_scale(a, working), divisor, scale, true);
}

Numeric power(const Numeric& base, const Numeric& exponent) {
  if (!base.is_finite() || !exponent.is_finite()) {
    return power_special(base, exponent);
  }
  if (base.sign() == 0 && exponent.sign() < 0) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "zero raised to a negative power is undefined");
  }
  const bool whole = is_integer(exponent);
  if (base.sign() < 0 && !whole) {
    throw SqlError(sqlstate::kInvalidArgumentForPower,
                   "a negative number raised to a non-integer power yields a complex result");
  }
  if (whole && abs(exponent.coefficient()) <= BigInteger(std::numeric_limits<std::int32_t>::max()) *
                                                  power_of_ten(exponent.scale())) {
    const int scale = clamp_scale(std::max(kNumericSignificantDigitsMin, base.scale()));
    return integer_power(base, static_cast<std::int64_t>(truncate(exponent, 0).coefficient()),
                         scale);
  }
  if (base.sign() == 0) {
    return Numeric(0, kNumericSignificantDigitsMin);
  }
  const double weight = log10_of(base) * numeric_to_float8(exponent);
  if (weight >= kExponentMax * kLog10OfE) {
    overflow();
  }
  const int scale = clamp_scale(std::max(
      {kNumericSignificantDigitsMin - static_cast<int>(weight), base.scale(), exponent.scale()}));
  if (weight < -(scale + kGuardDigits) || weight <= -kExponentMax * kLog10OfE) {
    return Numeric(0, scale);
  }
  const int working = scale + kGuardDigits + std::max(static_cast<int>(weight), 0);
  const Numeric magnitude =
      multiply(logarithm_to_scale(absolute(base), working + exponent.scale()), exponent);
  const Numeric result = exponential_to_scale(round(magnitude, working), scale, weight);
  const bool odd = whole && truncate(exponent, 0).coefficient() % 2 != 0;
  return base.sign() < 0 && odd ? negate(result) : result;
}

}  // namespace omen::sql
