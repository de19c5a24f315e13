#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/types/integers.h"
#include "sql/types/numeric.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

/// numeric's stored, text and binary forms.
namespace omen::sql {
namespace {

using engine::ColumnVector;
using Kind = Numeric::Kind;

constexpr int kDigitsPerGroup = 4;
constexpr int kBase = 10000;
constexpr int kWeightBias = 0x4000;

enum ClassByte : std::uint8_t {
  kNegativeInfinityByte = 0x10,
  kNegativeByte = 0x20,
  kZeroByte = 0x30,
  kPositiveByte = 0x40,
  kInfinityByte = 0x50,
  kNanByte = 0x60,
};

[[noreturn]] void overflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
}

/// A magnitude as base-10000 digits, the first one not 0; weight of the first.
struct Groups {
  int weight = 0;
  std::vector<std::uint16_t> digits;
};

Groups groups_of(const Numeric& value) {
  Groups groups;
  if (value.coefficient() == 0) {
    return groups;
  }
  std::string digits = decimal_digits(boost::multiprecision::abs(value.coefficient()));
  const int tail = (kDigitsPerGroup - value.scale() % kDigitsPerGroup) % kDigitsPerGroup;
  digits.append(static_cast<std::size_t>(tail), '0');
  const std::size_t head = (kDigitsPerGroup - digits.size() % kDigitsPerGroup) % kDigitsPerGroup;
  digits.insert(0, head, '0');
  for (std::size_t at = 0; at < digits.size(); at += kDigitsPerGroup) {
    int group = 0;
    for (std::size_t i = 0; i < kDigitsPerGroup; ++i) {
      group = group * 10 + (digits[at + i] - '0');
    }
    groups.digits.push_back(static_cast<std::uint16_t>(group));
  }
  const int fraction_groups = (value.scale() + tail) / kDigitsPerGroup;
  groups.weight = static_cast<int>(groups.digits.size()) - 1 - fraction_groups;
  while (groups.digits.back() == 0) {
    groups.digits.pop_back();
  }
  return groups;
}

void append_groups(std::span<const std::uint16_t> groups, std::string& out) {
  for (const int group : groups) {
    out.push_back(static_cast<char>('0' + group / 1000));
    out.push_back(static_cast<char>('0' + group / 100 % 10));
    out.push_back(static_cast<char>('0' + group / 10 % 10));
    out.push_back(static_cast<char>('0' + group % 10));
  }
}

Numeric from_groups(const Groups& groups, bool negative, int scale) {
  BigInteger coefficient = 0;
  constexpr std::size_t kFewGroups = 8;
  if (groups.digits.size() <= kFewGroups) {
    for (const std::uint16_t digit : groups.digits) {
      coefficient = coefficient * kBase + digit;
    }
  } else {
    std::string digits;
    append_groups(groups.digits, digits);
    coefficient = from_decimal_digits(digits);
  }
  // The last digit stands for 10000^(weight - count + 1).
  const int last_scale =
      -(groups.weight - static_cast<int>(groups.digits.size()) + 1) * kDigitsPerGroup;
  if (last_scale <= scale) {
    coefficient *= power_of_ten(scale - last_scale);
  } else {
    coefficient /= power_of_ten(last_scale - scale);
  }
  return Numeric(negative ? BigInteger(-coefficient) : coefficient, scale);
}

std::uint16_t read_be16(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[at]) << 8 |
                                    static_cast<std::uint8_t>(bytes[at + 1]));
}

engine::Value input(const Type& type, std::string_view text, const EvalContext& /*context*/) {
  return apply_numeric_modifier(Numeric::parse(text), type.modifier).encode();
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  out.append(Numeric::decode(column.bytes(row)).to_string());
}

constexpr std::uint16_t kSignNegative = 0x4000;
constexpr std::uint16_t kSignNan = 0xC000;
constexpr std::uint16_t kSignInfinity = 0xD000;
constexpr std::uint16_t kSignNegativeInfinity = 0xF000;

[[noreturn]] void invalid_binary(const char* what) {
  throw SqlError(sqlstate::kInvalidBinaryRepresentation,
                 fmt::format("invalid {} in external \"numeric\" value", what));
}

engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& /*context*/) {
  const auto count = reader.integer<std::uint16_t>();
  Groups groups;
  groups.weight = reader.integer<std::int16_t>();
  const auto sign = reader.integer<std::uint16_t>();
  const auto scale = reader.integer<std::uint16_t>();
  if (scale > kNumericScaleMax) {
    invalid_binary("scale");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = reader.integer<std::int16_t>();
    if (digit < 0 || digit >= kBase) {
      invalid_binary("digit");
    }
    groups.digits.push_back(static_cast<std::uint16_t>(digit));
  }
  Numeric value;
  switch (sign) {
    case 0:
    case kSignNegative:
      value = from_groups(groups, sign == kSignNegative, scale);
      break;
    case kSignNan:
      value = Numeric(Kind::NaN);
      break;
    case kSignInfinity:
      value = Numeric(Kind::Infinity);
      break;
    case kSignNegativeInfinity:
      value = Numeric(Kind::NegativeInfinity);
      break;
    default:
      invalid_binary("sign");
  }
  return apply_numeric_modifier(value, type.modifier).encode();
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  const Numeric value = Numeric::decode(column.bytes(row));
  const Groups groups = groups_of(value);
  std::uint16_t sign = value.sign() < 0 ? kSignNegative : std::uint16_t{0};
  switch (value.kind()) {
    case Kind::Finite:
      break;
    case Kind::NaN:
      sign = kSignNan;
      break;
    case Kind::Infinity:
      sign = kSignInfinity;
      break;
    case Kind::NegativeInfinity:
      sign = kSignNegativeInfinity;
      break;
  }
  append_big_endian(static_cast<std::uint16_t>(groups.digits.size()), out);
  append_big_endian(static_cast<std::int16_t>(groups.weight), out);
  append_big_endian(sign, out);
  append_big_endian(static_cast<std::uint16_t>(value.scale()), out);
  for (const std::uint16_t digit : groups.digits) {
    append_big_endian(digit, out);
  }
}

/// What compares and hashes: everything but the display scale.
std::string_view key(const ColumnVector& column, std::size_t row) {
  return column.bytes(row).substr(2);
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return key(a, a_row).compare(key(b, b_row));
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_bytes(key(column, row));
}

/// ((precision << 16) | (scale & 0x7ff)) + 4
std::int32_t read_modifier(std::span<const std::string> arguments) {
  if (arguments.empty() || arguments.size() > 2) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid NUMERIC type modifier");
  }
  const std::int32_t precision = parse_int4(arguments[0]);
  const std::int32_t scale = arguments.size() == 2 ? parse_int4(arguments[1]) : 0;
  if (precision < 1 || precision > kNumericResultScaleMax) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("NUMERIC precision {} must be between 1 and {}", precision,
                               kNumericResultScaleMax));
  }
  if (scale < -kNumericResultScaleMax || scale > kNumericResultScaleMax) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("NUMERIC scale {} must be between {} and {}", scale,
                               -kNumericResultScaleMax, kNumericResultScaleMax));
  }
  return (precision << 16 | (scale & 0x7ff)) + 4;
}

std::string format_modifier(std::int32_t modifier) {
  return fmt::format("({},{})", (modifier - 4) >> 16, (((modifier - 4) & 0x7ff) ^ 1024) - 1024);
}

constexpr TypeCodec kCodecs[] = {{type_oid::kNumeric, input, output, receive, send, compare, hash,
                                  read_modifier, format_modifier}};

/// Text of a finite number, taken apart.
struct Literal {
  std::string digits;
  int scale = 0;
  std::size_t length = 0;  ///< characters read; 0 if there is no number
};

Literal read_digits(std::string_view text) {
  Literal literal;
  std::size_t at = 0;
  bool after_point = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !after_point) {
      after_point = true;
    } else if (text[at] >= '0' && text[at] <= '9') {
      literal.digits.push_back(text[at]);
      literal.scale += after_point ? 1 : 0;
    } else {
      break;
    }
  }
  if (literal.digits.empty()) {
    return {};
  }
  literal.length = at;
  return literal;
}

}  // namespace

const std::span<const TypeCodec> kNumericCodecs = kCodecs;

Numeric Numeric::parse(std::string_view text) {
  std::string_view rest = trim_spaces(text);
  const bool negative = rest.starts_with('-');
  const bool has_sign = negative || rest.starts_with('+');
  rest.remove_prefix(has_sign ? 1 : 0);
  Literal literal = read_digits(rest);
  if (literal.length == 0) {
    const std::string word = ascii_lower(rest);
    if (word == "infinity" || word == "inf") {
      return Numeric(negative ? Kind::NegativeInfinity : Kind::Infinity);
    }
    if (word == "nan" && !has_sign) {
      return Numeric(Kind::NaN);
    }
    invalid_input("numeric", text);
  }
  rest.remove_prefix(literal.length);
  if (!rest.empty() && (rest[0] == 'e' || rest[0] == 'E')) {
    rest.remove_prefix(1);
    const bool plain = !rest.empty() && (rest[0] == '-' || rest[0] == '+'
                                             ? rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9'
                                             : rest[0] >= '0' && rest[0] <= '9');
    if (!plain || rest.find_first_not_of("0123456789", 1) != std::string_view::npos) {
      invalid_input("numeric", text);
    }
    if (rest.size() > 9) {
      overflow();
    }
    literal.scale -= parse_int4(rest);
    rest = {};
  }
  if (!rest.empty()) {
    invalid_input("numeric", text);
  }
  if (literal.scale > kNumericScaleMax ||
      static_cast<int>(literal.digits.size()) - literal.scale > 2 * kNumericDigitsMax) {
    overflow();
  }
  BigInteger coefficient = 0;
  if (const std::size_t first = literal.digits.find_first_not_of('0'); first != std::string::npos) {
    coefficient = from_decimal_digits(std::string_view(literal.digits).substr(first));
  }
  if (literal.scale < 0) {
    coefficient *= power_of_ten(-literal.scale);
    literal.scale = 0;
  }
  return Numeric(negative ? BigInteger(-coefficient) : coefficient, literal.scale);
}

std::string Numeric::to_string() const {
  switch (kind_) {
    case Kind::NaN:
      return "NaN";
    case Kind::Infinity:
      return "Infinity";
    case Kind::NegativeInfinity:
      return "-Infinity";
    case Kind::Finite:
      break;
  }
  std::string digits = decimal_digits(boost::multiprecision::abs(coefficient_));
  const auto fraction = static_cast<std::size_t>(scale_);
  if (digits.size() <= fraction) {
    digits.insert(0, fraction + 1 - digits.size(), '0');
  }
  if (fraction > 0) {
    digits.insert(digits.size() - fraction, ".");
  }
  return coefficient_ < 0 ? "-" + digits : digits;
}

std::string Numeric::encode() const {
  std::string bytes;
  append_big_endian(static_cast<std::uint16_t>(scale_), bytes);
  const Groups groups = groups_of(*this);
  switch (kind_) {
    case Kind::NaN:
      bytes.push_back(kNanByte);
      return bytes;
    case Kind::Infinity:
      bytes.push_back(kInfinityByte);
      return bytes;
    case Kind::NegativeInfinity:
      bytes.push_back(kNegativeInfinityByte);
      return bytes;
    case Kind::Finite:
      break;
  }
  if (groups.digits.empty()) {
    bytes.push_back(kZeroByte);
    return bytes;
  }
  if (groups.weight >= kNumericDigitsMax / kDigitsPerGroup) {
    overflow();
  }
  const bool negative = coefficient_ < 0;
  const std::uint16_t mask = negative ? 0xFFFF : 0;
  bytes.push_back(static_cast<char>(negative ? kNegativeByte : kPositiveByte));
  append_big_endian(static_cast<std::uint16_t>((groups.weight + kWeightBias) ^ mask), bytes);
  for (const std::uint16_t digit : groups.digits) {
    append_big_endian(static_cast<std::uint16_t>((digit + 1) ^ mask), bytes);
  }
  if (negative) {
    append_big_endian(std::uint16_t{0xFFFF}, bytes);
  }
  return bytes;
}

Numeric Numeric::decode(std::string_view bytes) {
  if (bytes.size() < 3) {
    internal_error("malformed numeric value");
  }
  const int scale = read_be16(bytes, 0);
  const auto class_byte = static_cast<std::uint8_t>(bytes[2]);
  switch (class_byte) {
    case kNanByte:
      return Numeric(Kind::NaN);
    case kInfinityByte:
      return Numeric(Kind::Infinity);
    case kNegativeInfinityByte:
      return Numeric(Kind::NegativeInfinity);
    case kZeroByte:
      return Numeric(0, scale);
    case kNegativeByte:
    case kPositiveByte:
      break;
    default:
      internal_error("malformed numeric value");
  }
  const bool negative = class_byte == kNegativeByte;
  const std::uint16_t mask = negative ? 0xFFFF : 0;
  const std::size_t end = bytes.size() - (negative ? 2 : 0);
  if (end < 7 || end % 2 == 0) {
    internal_error("malformed numeric value");
  }
  Groups groups;
  groups.weight = static_cast<std::uint16_t>(read_be16(bytes, 3) ^ mask) - kWeightBias;
  for (std::size_t at = 5; at < end; at += 2) {
    groups.digits.push_back(static_cast<std::uint16_t>((read_be16(bytes, at) ^ mask) - 1));
  }
  return from_groups(groups, negative, scale);
}

}  // namespace omen::sql
