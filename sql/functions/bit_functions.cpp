#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/comparison.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"
#include "sql/types/bits.h"

/// Functions, operators, casts and aggregates of bit and bit varying.
namespace omen::sql {
namespace {

using engine::bit_string;
using engine::BitString;
using OwnedBit = Owned<type_oid::kBit>;
using OwnedVarbit = Owned<type_oid::kVarbit>;

std::uint8_t byte_at(BitString bits, std::size_t i) {
  return static_cast<std::uint8_t>(bits.bytes[i]);
}

template <Order kOrder>
bool compare_bit(Bit a, Bit b) {
  return holds<kOrder>(compare_bits(bit_string(a.value), bit_string(b.value)));
}
template <Order kOrder>
bool compare_varbit(Varbit a, Varbit b) {
  return holds<kOrder>(compare_bits(bit_string(a.value), bit_string(b.value)));
}
Int4 order_bit(Bit a, Bit b) {
  return compare_bits(bit_string(a.value), bit_string(b.value));
}
Int4 order_varbit(Varbit a, Varbit b) {
  return compare_bits(bit_string(a.value), bit_string(b.value));
}

struct And {
  static constexpr const char* kName = "AND";
  static std::uint8_t apply(std::uint8_t a, std::uint8_t b) { return a & b; }
};
struct Or {
  static constexpr const char* kName = "OR";
  static std::uint8_t apply(std::uint8_t a, std::uint8_t b) { return a | b; }
};
struct Xor {
  static constexpr const char* kName = "XOR";
  static std::uint8_t apply(std::uint8_t a, std::uint8_t b) { return a ^ b; }
};

template <typename Operation>
std::string combine(BitString a, BitString b) {
  if (a.bit_count != b.bit_count) {
    throw SqlError(sqlstate::kStringDataLengthMismatch,
                   fmt::format("cannot {} bit strings of different sizes", Operation::kName));
  }
  std::string result = zero_bits(a.bit_count);
  for (std::size_t i = 0; i < a.bytes.size(); ++i) {
    bit_data(result)[i] = static_cast<char>(Operation::apply(byte_at(a, i), byte_at(b, i)));
  }
  return result;
}
template <typename Operation>
OwnedBit combine_two(Bit a, Bit b) {
  return {combine<Operation>(bit_string(a.value), bit_string(b.value))};
}

OwnedBit invert(Bit a) {
  const BitString bits = bit_string(a.value);
  std::string result = zero_bits(bits.bit_count);
  for (std::size_t i = 0; i < bits.bit_count; ++i) {
    set_bit(result, i, !get_bit(bits, i));
  }
  return {result};
}

/// Moves bits `distance` places towards the front, those that fall off replaced by zeros.
OwnedBit shift(BitString bits, std::int64_t distance) {
  std::string result = zero_bits(bits.bit_count);
  const std::int64_t count = bits.bit_count;
  const std::int64_t amount = std::min(std::abs(distance), count);
  const auto kept = static_cast<std::size_t>(count - amount);
  const auto moved = static_cast<std::size_t>(amount);
  copy_bits(bits, distance > 0 ? moved : 0, result, distance > 0 ? 0 : moved, kept);
  return {result};
}
OwnedBit shift_left(Bit a, Int4 distance) {
  return shift(bit_string(a.value), distance);
}
OwnedBit shift_right(Bit a, Int4 distance) {
  return shift(bit_string(a.value), -std::int64_t{distance});
}

std::string joined(BitString a, BitString b) {
  std::string result = zero_bits(std::size_t{a.bit_count} + b.bit_count);
  copy_bits(a, 0, result, 0, a.bit_count);
  copy_bits(b, 0, result, a.bit_count, b.bit_count);
  return result;
}
OwnedVarbit concatenate(Varbit a, Varbit b) {
  return {joined(bit_string(a.value), bit_string(b.value))};
}

[[noreturn]] void negative_length() {
  throw SqlError(sqlstate::kSubstringError, "negative substring length not allowed");
}

OwnedBit substring_to_end(Bit a, Int4 start) {
  return {part_of_bits(bit_string(a.value), std::int64_t{start} - 1, kBitsMax)};
}
OwnedBit substring(Bit a, Int4 start, Int4 count) {
  if (count < 0) {
    negative_length();
  }
  const std::int64_t begin = std::int64_t{start} - 1;
  return {part_of_bits(bit_string(a.value), begin, begin + count)};
}

OwnedBit overlay(Bit a, Bit b, Int4 start, Int4 count) {
  if (start <= 0) {
    negative_length();
  }
  const std::int64_t behind = std::int64_t{start} + count;
  if (behind > std::numeric_limits<Int4>::max()) {
    integer_out_of_range<Int4>();
  }
  const BitString bits = bit_string(a.value);
  const std::string before = part_of_bits(bits, 0, std::int64_t{start} - 1);
  const std::string after = part_of_bits(bits, behind - 1, kBitsMax);
  const std::string front = joined(bit_string(before), bit_string(b.value));
  return {joined(bit_string(front), bit_string(after))};
}
OwnedBit overlay_whole(Bit a, Bit b, Int4 start) {
  return overlay(a, b, start, static_cast<Int4>(bit_string(b.value).bit_count));
}

Int4 length(Bit a) {
  return static_cast<Int4>(bit_string(a.value).bit_count);
}
Int4 octet_length(Bit a) {
  return static_cast<Int4>(bit_string(a.value).bytes.size());
}
Int8 count_set(Bit a) {
  Int8 count = 0;
  for (const char byte : bit_string(a.value).bytes) {
    count += std::popcount(static_cast<std::uint8_t>(byte));
  }
  return count;
}

/// Where `part` begins in `whole`, from 1; 0 if nowhere.
Int4 position(Bit whole, Bit part) {
  const BitString text = bit_string(whole.value);
  const BitString pattern = bit_string(part.value);
  if (text.bit_count == 0 || pattern.bit_count > text.bit_count) {
    return 0;
  }
  for (std::size_t at = 0; at + pattern.bit_count <= text.bit_count; ++at) {
    std::size_t i = 0;
    while (i < pattern.bit_count && get_bit(text, at + i) == get_bit(pattern, i)) {
      ++i;
    }
    if (i == pattern.bit_count) {
      return static_cast<Int4>(at) + 1;
    }
  }
  return 0;
}

void check_index(BitString bits, Int4 index) {
  if (index < 0 || static_cast<std::uint32_t>(index) >= bits.bit_count) {
    throw SqlError(sqlstate::kArraySubscriptError,
                   fmt::format("bit index {} out of valid range (0..{})", index,
                               std::int64_t{bits.bit_count} - 1));
  }
}
Int4 bit_at(Bit a, Int4 index) {
  const BitString bits = bit_string(a.value);
  check_index(bits, index);
  return get_bit(bits, static_cast<std::size_t>(index)) ? 1 : 0;
}
OwnedBit with_bit(Bit a, Int4 index, Int4 value) {
  check_index(bit_string(a.value), index);
  if (value != 0 && value != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "new bit must be 0 or 1");
  }
  std::string result(a.value);
  set_bit(result, static_cast<std::size_t>(index), value == 1);
  return {result};
}

// ---------------------------------------------------------------- casts

/// The low bits, sign extended in front; bit(1) without a length.
OwnedBit from_integer(Int8 value, Int4 modifier) {
  const auto count = static_cast<std::size_t>(modifier <= 0 ? 1 : modifier);
  std::string result = zero_bits(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = std::min<std::size_t>(count - 1 - i, 63);
    set_bit(result, i, (value >> place & 1) != 0);
  }
  return {result};
}
OwnedBit from_int4(Int4 value, Int4 modifier) {
  return from_integer(value, modifier);
}

template <typename Int>
Int to_integer(Bit a) {
  const BitString bits = bit_string(a.value);
  if (bits.bit_count > sizeof(Int) * 8) {
    integer_out_of_range<Int>();
  }
  std::make_unsigned_t<Int> value = 0;
  for (std::size_t i = 0; i < bits.bit_count; ++i) {
    value = static_cast<std::make_unsigned_t<Int>>(value << 1 | (get_bit(bits, i) ? 1 : 0));
  }
  return static_cast<Int>(value);
}

/// To n bits: an explicit cast cuts or fills with zeros at the end.
OwnedBit resize_bit(Bit a, Int4 modifier, bool is_explicit) {
  const BitString bits = bit_string(a.value);
  if (!is_explicit) {
    check_bit_length(bits, modifier);
  }
  const auto count = static_cast<std::uint32_t>(modifier);
  if (modifier <= 0 || count == bits.bit_count) {
    return {std::string(a.value)};
  }
  std::string result = zero_bits(count);
  copy_bits(bits, 0, result, 0, std::min(count, bits.bit_count));
  return {result};
}
OwnedVarbit resize_varbit(Varbit a, Int4 modifier, bool is_explicit) {
  const BitString bits = bit_string(a.value);
  if (!is_explicit) {
    check_varbit_length(bits, modifier);
  }
  if (modifier <= 0 || bits.bit_count <= static_cast<std::uint32_t>(modifier)) {
    return {std::string(a.value)};
  }
  return {part_of_bits(bits, 0, modifier)};
}

constexpr FunctionRow kRows[] = {
    scalar<compare_bit<Equal>>(1581, "biteq", "implementation of = operator"),
    scalar<compare_bit<NotEqual>>(1582, "bitne", "implementation of <> operator"),
    scalar<compare_bit<GreaterEqual>>(1592, "bitge", "implementation of >= operator"),
    scalar<compare_bit<Greater>>(1593, "bitgt", "implementation of > operator"),
    scalar<compare_bit<LessEqual>>(1594, "bitle", "implementation of <= operator"),
    scalar<compare_bit<Less>>(1595, "bitlt", "implementation of < operator"),
    scalar<order_bit>(1596, "bitcmp", "less-equal-greater"),
    scalar<compare_varbit<Equal>>(1666, "varbiteq", "implementation of = operator"),
    scalar<compare_varbit<NotEqual>>(1667, "varbitne", "implementation of <> operator"),
    scalar<compare_varbit<GreaterEqual>>(1668, "varbitge", "implementation of >= operator"),
    scalar<compare_varbit<Greater>>(1669, "varbitgt", "implementation of > operator"),
    scalar<compare_varbit<LessEqual>>(1670, "varbitle", "implementation of <= operator"),
    scalar<compare_varbit<Less>>(1671, "varbitlt", "implementation of < operator"),
    scalar<order_varbit>(1672, "varbitcmp", "less-equal-greater"),
    scalar<combine_two<And>>(1673, "bitand", "implementation of & operator"),
    scalar<combine_two<Or>>(1674, "bitor", "implementation of | operator"),
    scalar<combine_two<Xor>>(1675, "bitxor", "implementation of # operator"),
    scalar<invert>(1676, "bitnot", "implementation of ~ operator"),
    scalar<shift_left>(1677, "bitshiftleft", "implementation of << operator"),
    scalar<shift_right>(1678, "bitshiftright", "implementation of >> operator"),
    scalar<concatenate>(1679, "bitcat", "implementation of || operator"),
    scalar<substring>(1680, "substring", "extract portion of bitstring"),
    scalar<length>(1681, "length", "bitstring length"),
    scalar<octet_length>(1682, "octet_length", "octet length"),
    scalar<from_int4>(1683, "bit", "convert int4 to bitstring"),
    scalar<to_integer<Int4>>(1684, "int4", "convert bitstring to int4"),
    scalar<resize_bit>(1685, "bit", "adjust bit() to typmod length"),
    scalar<resize_varbit>(1687, "varbit", "adjust varbit() to typmod length"),
    scalar<position>(1698, "position", "position of sub-bitstring"),
    scalar<substring_to_end>(1699, "substring", "extract portion of bitstring"),
    scalar<length>(1812, "bit_length", "length in bits"),
    scalar<from_integer>(2075, "bit", "convert int8 to bitstring"),
    scalar<to_integer<Int8>>(2076, "int8", "convert bitstring to int8"),
    scalar<overlay>(3030, "overlay", "substitute portion of bitstring"),
    scalar<overlay_whole>(3031, "overlay", "substitute portion of bitstring"),
    scalar<bit_at>(3032, "get_bit", "get bit"),
    scalar<with_bit>(3033, "set_bit", "set bit"),
    scalar<count_set>(6162, "bit_count", "number of set bits"),
};

constexpr OperatorRow kOperators[] = {
    {1784, "=", 1581, "=", "<>"},  {1785, "<>", 1582, "<>", "="}, {1786, "<", 1595, ">", ">="},
    {1787, ">", 1593, "<", "<="},  {1788, "<=", 1594, ">=", ">"}, {1789, ">=", 1592, "<=", "<"},
    {1791, "&", 1673, "&", ""},    {1792, "|", 1674, "|", ""},    {1793, "#", 1675, "#", ""},
    {1794, "~", 1676, "", ""},     {1795, "<<", 1677, "", ""},    {1796, ">>", 1678, "", ""},
    {1797, "||", 1679, "", ""},    {1804, "=", 1666, "=", "<>"},  {1805, "<>", 1667, "<>", "="},
    {1806, "<", 1671, ">", ">="},  {1807, ">", 1669, "<", "<="},  {1808, "<=", 1670, ">=", ">"},
    {1809, ">=", 1668, "<=", "<"},
};

template <typename Operation>
struct BitState {
  std::optional<std::string> result;
  void add(Bit value) {
    result = result ? combine<Operation>(bit_string(*result), bit_string(value.value))
                    : std::string(value.value);
  }
  [[nodiscard]] std::optional<OwnedBit> finish() const {
    return result ? std::optional(OwnedBit{*result}) : std::nullopt;
  }
};

constexpr AggregateRow kAggregates[] = {
    aggregate<BitState<And>, Bit>(2242, "bit_and", "bitwise-and bit aggregate"),
    aggregate<BitState<Or>, Bit>(2243, "bit_or", "bitwise-or bit aggregate"),
    aggregate<BitState<Xor>, Bit>(6167, "bit_xor", "bitwise-xor bit aggregate"),
};

}  // namespace

const FunctionTable kBitFunctions = kRows;
const std::span<const OperatorRow> kBitOperatorRows = kOperators;
const AggregateTable kBitAggregates = kAggregates;

}  // namespace omen::sql
