#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <string>
#include <string_view>

/// Whole numbers of any size, between their binary form and decimal digits.
namespace omen::sql {

using BigInteger = boost::multiprecision::cpp_int;

/// 10^exponent; exponent >= 0.
BigInteger power_of_ten(int exponent);
/// Decimal digits of a number >= 0, without leading zeros. Divides by halves: a good deal faster
/// than cpp_int::str() for thousands of digits.
std::string decimal_digits(const BigInteger& value);
/// The number that `digits` (only digits) spell.
BigInteger from_decimal_digits(std::string_view digits);
/// log10 of a number > 0, to about 15 digits.
double approximate_log10(const BigInteger& value);
/// How many decimal digits a number > 0 has.
int count_decimal_digits(const BigInteger& value);

}  // namespace omen::sql
