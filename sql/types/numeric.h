#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "sql/types/big_integer.h"

/// numeric: exact decimals with a display scale, NaN and infinities.
///
/// Stored form (PhysicalType::Numeric), ordered by memcmp from byte 2 on:
///
/// | bytes | field |
/// |---|---|
/// | 2 | display scale, big-endian |
/// | 1 | class: 0x10 -Infinity, 0x20 negative, 0x30 zero, 0x40 positive, 0x50 Infinity, 0x60 NaN |
/// | 2 | (negative, positive) weight of the first digit in powers of 10000, + 0x4000, big-endian |
/// | 2 each | digits base 10000, + 1, big-endian, without leading and trailing zero digits |
/// | 2 | (negative) 0xFFFF |
///
/// Weight and digits of negative numbers are complemented. Equal values differ in the scale alone.
namespace omen::sql {

constexpr int kNumericScaleMax = 16383;           ///< of any value
constexpr int kNumericResultScaleMax = 1000;      ///< of computed results, and of type modifiers
constexpr int kNumericDigitsMax = 131072;         ///< before the decimal point
constexpr int kNumericSignificantDigitsMin = 16;  ///< of quotients and roots

class Numeric {
 public:
  enum class Kind : std::uint8_t { Finite, NaN, Infinity, NegativeInfinity };

  Numeric() = default;
  /// coefficient / 10^scale; scale >= 0.
  explicit Numeric(BigInteger coefficient, int scale = 0)
      : coefficient_(std::move(coefficient)), scale_(scale) {}
  explicit Numeric(Kind kind) : kind_(kind) {}

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_finite() const { return kind_ == Kind::Finite; }
  [[nodiscard]] bool is_nan() const { return kind_ == Kind::NaN; }
  [[nodiscard]] const BigInteger& coefficient() const { return coefficient_; }
  /// Digits after the point, as printed.
  [[nodiscard]] int scale() const { return scale_; }
  /// -1, 0, 1; of NaN 1.
  [[nodiscard]] int sign() const;
  /// The coefficient at another, not smaller scale.
  [[nodiscard]] BigInteger coefficient_at(int scale) const;

  /// Stored form, see above. 22003 `value overflows numeric format`.
  [[nodiscard]] std::string encode() const;
  static Numeric decode(std::string_view bytes);
  /// Text form; 22P02.
  static Numeric parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

 private:
  Kind kind_ = Kind::Finite;
  BigInteger coefficient_;
  int scale_ = 0;
};

/// -1, 0, 1; NaN equals itself and is above Infinity.
int compare_numeric(const Numeric& a, const Numeric& b);

Numeric add(const Numeric& a, const Numeric& b);
Numeric subtract(const Numeric& a, const Numeric& b);
Numeric multiply(const Numeric& a, const Numeric& b);
/// Rounded to the scale PostgreSQL chooses; 22012.
Numeric divide(const Numeric& a, const Numeric& b);
/// Rounded (or truncated) to `scale` digits.
Numeric divide_to_scale(const Numeric& a, const Numeric& b, int scale, bool round);
Numeric modulo(const Numeric& a, const Numeric& b);
Numeric negate(const Numeric& a);
Numeric absolute(const Numeric& a);
/// Half away from zero; `scale` may be negative (hundreds...); the result's scale is max(scale, 0).
Numeric round(const Numeric& a, int scale);
Numeric truncate(const Numeric& a, int scale);
Numeric ceiling(const Numeric& a);
Numeric floor(const Numeric& a);
Numeric square_root(const Numeric& a);
/// Root of a >= 0 to `scale` digits.
Numeric square_root_to_scale(const Numeric& a, int scale);
Numeric power(const Numeric& base, const Numeric& exponent);
Numeric exponential(const Numeric& a);
Numeric natural_logarithm(const Numeric& a);
Numeric logarithm(const Numeric& base, const Numeric& a);
/// Digits that a quotient of these two is rounded to (select_div_scale).
int quotient_scale(const Numeric& a, const Numeric& b);
/// The weight of the first base-10000 digit; 0 of zero.
int numeric_weight(const Numeric& a);

Numeric numeric_from_float8(double value, int significant_digits = 15);
double numeric_to_float8(const Numeric& value);
/// Rounded; 22003 `<type> out of range`, 0A000 for NaN and infinity.
std::int64_t numeric_to_integer(const Numeric& value, std::string_view type_name, std::int64_t min,
                                std::int64_t max);
/// Rounds to the modifier's scale; 22003 `numeric field overflow`.
Numeric apply_numeric_modifier(const Numeric& value, std::int32_t modifier);

}  // namespace omen::sql
