#include "sql/types/floats.h"

#include <locale.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "sql/functions/eval_context.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

template <typename T>
constexpr bool kIsFloat4 = std::is_same_v<T, float>;
template <typename T>
constexpr std::string_view kFloatName = kIsFloat4<T> ? "real" : "double precision";

/// strtod of the C locale, for what std::from_chars does not read: hex, "+1", "Infinity".
template <typename T>
T c_strtod(const char* text, char** end) {
  static const locale_t kLocale = newlocale(LC_ALL_MASK, "C", nullptr);
  if constexpr (kIsFloat4<T>) {
    return strtof_l(text, end, kLocale);
  } else {
    return strtod_l(text, end, kLocale);
  }
}

template <typename T>
struct Prefix {
  T value = 0;
  std::size_t length = 0;
  bool out_of_range = false;
};

bool is_float_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
         c == '+' || c == '-';
}

/// The slow way: a terminated copy for strtod. Underflow to zero counts as out of range if `text`
/// has a digit other than 0; denormal results do not.
template <typename T>
Prefix<T> read_slow(const char* begin, const char* end) {
  const char* stop = begin;
  while (stop != end && is_float_char(*stop)) {
    ++stop;
  }
  const std::string token(begin, stop);
  char* token_end = nullptr;
  errno = 0;
  Prefix<T> result;
  result.value = c_strtod<T>(token.c_str(), &token_end);
  result.length = static_cast<std::size_t>(token_end - token.c_str());
  result.out_of_range = errno == ERANGE && (result.value == 0 || std::isinf(result.value));
  return result;
}

template <typename T>
Prefix<T> read_prefix(const char* begin, const char* end) {
  Prefix<T> result;
  const char* first = begin;
  if (first != end && *first == '-') {
    ++first;
  }
  const bool is_plain =
      first != end &&
      ((*first >= '1' && *first <= '9') || *first == '.' ||
       (*first == '0' && (first + 1 == end || (first[1] != 'x' && first[1] != 'X'))));
  if (!is_plain) {
    return read_slow<T>(begin, end);
  }
  const auto [stop, error] = std::from_chars(begin, end, result.value);
  if (error != std::errc()) {
    return read_slow<T>(begin, end);
  }
  result.length = static_cast<std::size_t>(stop - begin);
  return result;
}

template <typename T>
T parse(std::string_view text) {
  const std::string_view number = trim_spaces(text);
  const Prefix<T> prefix = read_prefix<T>(number.data(), number.data() + number.size());
  if (number.empty() || prefix.length == 0) {
    invalid_input(kFloatName<T>, text);
  }
  if (prefix.out_of_range) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   "\"" + std::string(number.substr(0, prefix.length)) +
                       "\" is out of range for type " + std::string(kFloatName<T>));
  }
  if (prefix.length != number.size()) {
    invalid_input(kFloatName<T>, text);
  }
  return prefix.value;
}

/// Lays out shortest digits as PostgreSQL does: plain within 1e-4 .. 10^digits10, else d.ddde+XX.
void append_decimal(bool negative, std::string_view digits, int exponent, int plain_max,
                    std::string& out) {
  if (negative) {
    out.push_back('-');
  }
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= plain_max) {
    out.push_back(digits[0]);
    if (count > 1) {
      out.push_back('.');
      out.append(digits.substr(1));
    }
    out.append(exponent < 0 ? "e-" : "e+");
    const int magnitude = std::abs(exponent);
    if (magnitude < 10) {
      out.push_back('0');
    }
    out.append(std::to_string(magnitude));
  } else if (exponent < 0) {
    out.append("0.");
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out.append(digits);
  } else if (count <= exponent + 1) {
    out.append(digits);
    out.append(static_cast<std::size_t>(exponent + 1 - count), '0');
  } else {
    out.append(digits.substr(0, static_cast<std::size_t>(exponent) + 1));
    out.push_back('.');
    out.append(digits.substr(static_cast<std::size_t>(exponent) + 1));
  }
}

/// Whether a decimal lies halfway between two neighbouring doubles: that it is read back as `value`
/// is owed to rounding to even, which PostgreSQL does not rely on.
bool is_halfway(double value, const char* text) {
  static_assert(std::numeric_limits<long double>::digits > std::numeric_limits<double>::digits);
  const long double exact = std::strtold(text, nullptr);
  const double other = std::nextafter(value, exact < value ? 0.0 : HUGE_VAL);
  return exact != value && std::isfinite(other) &&
         exact == (static_cast<long double>(value) + other) / 2;
}

/// Writes the shortest decimal that is nearer to `value` (> 0) than to any other; its end.
template <typename T>
char* write_shortest(T value, std::span<char> buffer) {
  char* const begin = buffer.data();
  char* end = std::to_chars(begin, begin + buffer.size(), value, std::chars_format::scientific).ptr;
  if constexpr (!kIsFloat4<T>) {
    *end = '\0';
    const char* const exponent = std::find(begin, end, 'e');
    auto digits = static_cast<int>(exponent - begin) - (exponent - begin > 1 ? 1 : 0);
    while (is_halfway(value, begin) && digits < std::numeric_limits<T>::max_digits10) {
      end = std::to_chars(begin, begin + buffer.size(), value, std::chars_format::scientific,
                          digits++)
                .ptr;
      *end = '\0';
    }
  }
  return end;
}

template <typename T>
void append(T value, std::string& out, int extra_float_digits) {
  if (std::isnan(value)) {
    out.append("NaN");
    return;
  }
  if (std::isinf(value)) {
    out.append(value < 0 ? "-Infinity" : "Infinity");
    return;
  }
  char buffer[64];
  if (extra_float_digits <= 0) {
    const int digits = std::max(1, std::numeric_limits<T>::digits10 + extra_float_digits);
    const int length =
        std::snprintf(buffer, sizeof buffer, "%.*g", digits, static_cast<double>(value));
    out.append(buffer, static_cast<std::size_t>(length));
    return;
  }
  if (value == 0) {
    out.append(std::signbit(value) ? "-0" : "0");
    return;
  }
  // d[.ddd]e[+-]xx, to be laid out anew.
  const char* const end = write_shortest(std::abs(value), buffer);
  char digits[32];
  std::size_t count = 0;
  const char* at = buffer;
  for (; *at != 'e'; ++at) {
    if (*at != '.') {
      digits[count++] = *at;
    }
  }
  int exponent = 0;
  std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
  append_decimal(value < 0, {digits, count}, exponent, std::numeric_limits<T>::digits10, out);
}

template <typename T>
engine::Value input(const Type& /*type*/, std::string_view text, const EvalContext& /*context*/) {
  return parse<T>(text);
}

template <typename T>
void output(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& context,
            std::string& out) {
  append(column.values<T>()[column.index(row)], out, context.extra_float_digits);
}

template <typename T>
engine::Value receive(const Type& /*type*/, BinaryReader& reader, const EvalContext& /*context*/) {
  if constexpr (kIsFloat4<T>) {
    return reader.float4();
  } else {
    return reader.float8();
  }
}

template <typename T>
void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  append_big_endian(column.values<T>()[column.index(row)], out);
}

template <typename T>
int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return compare_floats(a.values<T>()[a.index(a_row)], b.values<T>()[b.index(b_row)]);
}

template <typename T>
std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  const double value = column.values<T>()[column.index(row)];
  if (std::isnan(value)) {
    return hash_integer(std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN()));
  }
  return hash_integer(value == 0 ? 0 : std::bit_cast<std::uint64_t>(value));
}

template <typename T>
constexpr TypeCodec codec(Oid oid) {
  return {oid, input<T>, output<T>, receive<T>, send<T>, compare<T>, hash<T>};
}

constexpr TypeCodec kCodecs[] = {codec<float>(type_oid::kFloat4), codec<double>(type_oid::kFloat8)};

}  // namespace

const std::span<const TypeCodec> kFloatCodecs = kCodecs;

float parse_float4(std::string_view text) {
  return parse<float>(text);
}
double parse_float8(std::string_view text) {
  return parse<double>(text);
}

void append_float4(float value, std::string& out, int extra_float_digits) {
  append(value, out, extra_float_digits);
}
void append_float8(double value, std::string& out, int extra_float_digits) {
  append(value, out, extra_float_digits);
}

namespace {

/// Plain decimals (no exponent, few digits) through one exact double division; length 0: not one of
/// them, or its double lies so near the middle of two floats that rounding twice might go wrong.
FloatPrefix read_plain_float4(const char* begin, const char* end) {
  constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  constexpr std::ptrdiff_t kDigitsMax = 15;  // below 2^53, and 10^15 is exact
  const char* at = begin + (begin != end && *begin == '-' ? 1 : 0);
  const bool negative = at != begin;
  std::uint64_t mantissa = 0;
  const char* const whole = at;
  while (at != end && *at >= '0' && *at <= '9' && at - whole <= kDigitsMax) {
    mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at++ - '0');
  }
  const std::ptrdiff_t whole_digits = at - whole;
  std::ptrdiff_t fraction_digits = 0;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    while (at != end && *at >= '0' && *at <= '9' && at - fraction + whole_digits <= kDigitsMax) {
      mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at++ - '0');
    }
    fraction_digits = at - fraction;
  }
  if (whole_digits == 0 || whole_digits + fraction_digits > kDigitsMax || mantissa == 0 ||
      (at != end && is_float_char(*at))) {
    return {};
  }
  const double value = static_cast<double>(mantissa) / kPowers[fraction_digits];
  constexpr std::uint64_t kDroppedBits = (std::uint64_t{1} << 29) - 1;
  constexpr std::uint64_t kMiddle = std::uint64_t{1} << 28;
  const std::uint64_t dropped = std::bit_cast<std::uint64_t>(value) & kDroppedBits;
  if (dropped + 1 >= kMiddle && dropped <= kMiddle + 1) {
    return {};
  }
  const auto result = static_cast<float>(value);
  return {negative ? -result : result, static_cast<std::size_t>(at - begin), false};
}

}  // namespace

FloatPrefix read_float4_prefix(const char* begin, const char* end) {
  if (const FloatPrefix plain = read_plain_float4(begin, end); plain.length != 0) {
    return plain;
  }
  const Prefix<float> prefix = read_prefix<float>(begin, end);
  return {prefix.value, prefix.length, prefix.out_of_range};
}

}  // namespace omen::sql
