#include "sql/types/bits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "sql/error/sql_error.h"
#include "sql/types/integers.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

using engine::BitString;
using engine::ColumnVector;

constexpr std::int32_t kModifierMax = 83886080;  ///< bits of the longest attribute, 10 MB

[[noreturn]] void invalid_digit(std::string_view text, std::size_t at, std::string_view kind) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80) {
    ++end;
  }
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("\"{}\" is not a valid {} digit", text.substr(at, end - at), kind));
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<unsigned>(lower - 'a') + 10;
  }
  return std::nullopt;
}

/// Zeroes what lies behind the last bit.
void clear_tail(std::string& stored) {
  const std::size_t used = engine::bit_string(stored).bit_count % 8;
  if (used != 0) {
    stored.back() = static_cast<char>(static_cast<std::uint8_t>(stored.back()) & (0xFF00U >> used));
  }
}

using Check = void (*)(BitString bits, std::int32_t modifier);

template <Check kCheck>
engine::Value input(const Type& type, std::string_view text, const EvalContext& /*context*/) {
  std::string stored = parse_bits(text);
  kCheck(engine::bit_string(stored), type.modifier);
  return stored;
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  append_bits_text(engine::bit_string(column.bytes(row)), out);
}

template <Check kCheck>
engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& /*context*/) {
  const auto bit_count = reader.integer<std::int32_t>();
  if (bit_count < 0 || static_cast<std::uint32_t>(bit_count) > kBitsMax) {
    throw SqlError(sqlstate::kInvalidBinaryRepresentation, "invalid length in external bit string");
  }
  const auto count = static_cast<std::uint32_t>(bit_count);
  kCheck({count, {}}, type.modifier);
  const std::string_view bytes = reader.take(engine::bytes_of_bits(count));
  std::string stored = zero_bits(count);
  std::memcpy(bit_data(stored), bytes.data(), bytes.size());
  clear_tail(stored);
  return stored;
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  const BitString bits = engine::bit_string(column.bytes(row));
  append_big_endian(bits.bit_count, out);
  out += bits.bytes;
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return compare_bits(engine::bit_string(a.bytes(a_row)), engine::bit_string(b.bytes(b_row)));
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_bytes(column.bytes(row));
}

std::int32_t read_length(std::string_view type_name, std::span<const std::string> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  const std::int32_t length = parse_int4(arguments[0]);
  if (length < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("length for type {} must be at least 1", type_name));
  }
  if (length > kModifierMax) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("length for type {} cannot exceed {}", type_name, kModifierMax));
  }
  return length;
}
std::int32_t read_bit_modifier(std::span<const std::string> arguments) {
  return read_length("bit", arguments);
}
std::int32_t read_varbit_modifier(std::span<const std::string> arguments) {
  return read_length("varbit", arguments);
}

std::string format_length(std::int32_t modifier) {
  return fmt::format("({})", modifier);
}

constexpr TypeCodec kCodecs[] = {
    {type_oid::kBit, input<check_bit_length>, output, receive<check_bit_length>, send, compare,
     hash, read_bit_modifier, format_length},
    {type_oid::kVarbit, input<check_varbit_length>, output, receive<check_varbit_length>, send,
     compare, hash, read_varbit_modifier, format_length},
};

}  // namespace

const std::span<const TypeCodec> kBitCodecs = kCodecs;

std::string zero_bits(std::size_t bit_count) {
  if (bit_count > kBitsMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("bit string length exceeds the maximum allowed ({})", kBitsMax));
  }
  const auto count = static_cast<std::uint32_t>(bit_count);
  std::string stored(sizeof count + engine::bytes_of_bits(bit_count), '\0');
  std::memcpy(stored.data(), &count, sizeof count);
  return stored;
}

void copy_bits(BitString source, std::size_t source_bit, std::string& target,
               std::size_t target_bit, std::size_t count) {
  if (source_bit % 8 == 0 && target_bit % 8 == 0) {
    // Whole bytes, and then bit by bit what is left.
    const std::size_t whole = count / 8;
    std::memcpy(bit_data(target) + target_bit / 8, source.bytes.data() + source_bit / 8, whole);
    source_bit += whole * 8;
    target_bit += whole * 8;
    count -= whole * 8;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (get_bit(source, source_bit + i)) {
      set_bit(target, target_bit + i, true);
    }
  }
}

std::string part_of_bits(BitString bits, std::int64_t begin, std::int64_t end) {
  const std::int64_t first = std::max<std::int64_t>(begin, 0);
  const std::int64_t last = std::min<std::int64_t>(end, bits.bit_count);
  if (first >= last) {
    return zero_bits(0);
  }
  const auto count = static_cast<std::size_t>(last - first);
  std::string result = zero_bits(count);
  copy_bits(bits, static_cast<std::size_t>(first), result, 0, count);
  return result;
}

std::string parse_bits(std::string_view text) {
  const char prefix = text.empty() ? '\0' : text.front();
  const bool is_hex = prefix == 'x' || prefix == 'X';
  if (is_hex || prefix == 'b' || prefix == 'B') {
    text.remove_prefix(1);
  }
  if (is_hex) {
    std::string stored = zero_bits(text.size() * 4);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::optional<unsigned> digit = hex_digit(text[i]);
      if (!digit) {
        invalid_digit(text, i, "hexadecimal");
      }
      char& byte = bit_data(stored)[i / 2];
      byte = static_cast<char>(static_cast<std::uint8_t>(byte) | *digit << (i % 2 == 0 ? 4 : 0));
    }
    return stored;
  }
  std::string stored = zero_bits(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '1') {
      set_bit(stored, i, true);
    } else if (text[i] != '0') {
      invalid_digit(text, i, "binary");
    }
  }
  return stored;
}

void append_bits_text(BitString bits, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + bits.bit_count);
  for (std::size_t i = 0; i < bits.bit_count; ++i) {
    out[start + i] = get_bit(bits, i) ? '1' : '0';
  }
}

void check_bit_length(BitString bits, std::int32_t modifier) {
  if (modifier > 0 && bits.bit_count != static_cast<std::uint32_t>(modifier)) {
    throw SqlError(
        sqlstate::kStringDataLengthMismatch,
        fmt::format("bit string length {} does not match type bit({})", bits.bit_count, modifier));
  }
}

void check_varbit_length(BitString bits, std::int32_t modifier) {
  if (modifier > 0 && bits.bit_count > static_cast<std::uint32_t>(modifier)) {
    throw SqlError(sqlstate::kStringDataRightTruncation,
                   fmt::format("bit string too long for type bit varying({})", modifier));
  }
}

int compare_bits(BitString a, BitString b) {
  const int order = a.bytes.substr(0, b.bytes.size()).compare(b.bytes.substr(0, a.bytes.size()));
  if (order != 0) {
    return order < 0 ? -1 : 1;
  }
  return a.bit_count == b.bit_count ? 0 : (a.bit_count < b.bit_count ? -1 : 1);
}

}  // namespace omen::sql
