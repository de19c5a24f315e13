#include "sql/types/big_integer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace omen::sql {
namespace {

constexpr std::size_t kBlockDigits = 256;  ///< up to these, quadratic conversion is quickest
constexpr double kLog10Of2 = 0.30102999566398119521;

/// 10^(kBlockDigits * 2^i), as far as a number of `digit_count` digits needs them.
std::vector<BigInteger> block_powers(std::size_t digit_count) {
  std::vector<BigInteger> powers{power_of_ten(kBlockDigits)};
  while (kBlockDigits << powers.size() < digit_count) {
    powers.push_back(powers.back() * powers.back());
  }
  return powers;
}

/// Appends exactly kBlockDigits * 2^level digits.
void append_digits(const BigInteger& value, std::size_t level,
                   const std::vector<BigInteger>& powers, std::string& out) {
  if (level == 0) {
    const std::string digits = value.str();
    out.append(kBlockDigits - digits.size(), '0').append(digits);
    return;
  }
  BigInteger high;
  BigInteger low;
  boost::multiprecision::divide_qr(value, powers[level - 1], high, low);
  append_digits(high, level - 1, powers, out);
  append_digits(low, level - 1, powers, out);
}

BigInteger read_block(std::string_view digits) {
  constexpr std::size_t kWordDigits = 18;
  BigInteger result = 0;
  while (!digits.empty()) {
    const std::string_view word = digits.substr(0, kWordDigits);
    std::uint64_t value = 0;
    std::uint64_t unit = 1;
    for (const char digit : word) {
      value = value * 10 + static_cast<std::uint64_t>(digit - '0');
      unit *= 10;
    }
    result = result * unit + value;
    digits.remove_prefix(word.size());
  }
  return result;
}

BigInteger read_digits(std::string_view digits, const std::vector<BigInteger>& powers) {
  if (digits.size() <= kBlockDigits) {
    return read_block(digits);
  }
  std::size_t level = 0;
  while (kBlockDigits << (level + 1) < digits.size()) {
    ++level;
  }
  const std::size_t low = kBlockDigits << level;
  const std::string_view high_digits = digits.substr(0, digits.size() - low);
  return read_digits(high_digits, powers) * powers[level] +
         read_digits(digits.substr(digits.size() - low), powers);
}

}  // namespace

BigInteger power_of_ten(int exponent) {
  constexpr int kCached = 64;
  static const std::vector<BigInteger> kPowers = [] {
    std::vector<BigInteger> powers{1};
    for (int i = 1; i < kCached; ++i) {
      powers.push_back(powers.back() * 10);
    }
    return powers;
  }();
  if (exponent < kCached) {
    return kPowers[static_cast<std::size_t>(std::max(exponent, 0))];
  }
  return boost::multiprecision::pow(BigInteger(10), static_cast<unsigned>(exponent));
}

std::string decimal_digits(const BigInteger& value) {
  const std::size_t bits = value == 0 ? 1 : boost::multiprecision::msb(value) + 1;
  const auto digits_max = static_cast<std::size_t>(static_cast<double>(bits) * kLog10Of2) + 1;
  if (digits_max <= kBlockDigits) {
    return value.str();
  }
  const std::vector<BigInteger> powers = block_powers(digits_max + 1);
  std::size_t level = 0;
  while (kBlockDigits << level < digits_max + 1) {
    ++level;
  }
  std::string digits;
  append_digits(value, level, powers, digits);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

BigInteger from_decimal_digits(std::string_view digits) {
  return digits.size() <= kBlockDigits ? read_block(digits)
                                       : read_digits(digits, block_powers(digits.size()));
}

double approximate_log10(const BigInteger& value) {
  constexpr unsigned kTopBits = 63;
  const auto top = static_cast<unsigned>(boost::multiprecision::msb(value));
  const unsigned shift = top > kTopBits ? top - kTopBits : 0;
  return std::log10(static_cast<double>(static_cast<std::uint64_t>(value >> shift))) +
         shift * kLog10Of2;
}

int count_decimal_digits(const BigInteger& value) {
  constexpr double kDoubt = 1e-6;
  const double logarithm = approximate_log10(value);
  const double nearest = std::round(logarithm);
  if (std::fabs(logarithm - nearest) > kDoubt) {
    return static_cast<int>(std::floor(logarithm)) + 1;
  }
  const auto exponent = static_cast<int>(nearest);
  return value >= power_of_ten(exponent) ? exponent + 1 : exponent;
}

}  // namespace omen::sql
