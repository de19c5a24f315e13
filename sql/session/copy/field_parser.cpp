#include "sql/session/copy/field_parser.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "sql/error/sql_error.h"
#include "sql/session/encoding.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

template <typename Int>
bool parse_integer(std::string_view text, engine::ColumnVector& column, std::size_t row) {
  Int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return false;  // spaces, signs, errors: the input function knows
  }
  column.values<Int>()[row] = value;
  return true;
}

template <typename Int>
Int load_be(std::string_view bytes) {
  std::make_unsigned_t<Int> value = 0;
  for (const char c : bytes) {
    value = static_cast<std::make_unsigned_t<Int>>(value << 8 | static_cast<std::uint8_t>(c));
  }
  return static_cast<Int>(value);
}

std::uint32_t load_be32(const char* bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

/// int16 dimensions, int16 zero, float4 big-endian each; false: let the receive function complain.
bool parse_vector(const Type& type, std::string_view bytes, engine::ColumnVector& column,
                  std::size_t row) {
  constexpr std::size_t kDimensionsMax = 16000;
  if (bytes.size() < 8) {
    return false;
  }
  const auto dimensions = static_cast<std::uint16_t>(load_be<std::int16_t>(bytes.substr(0, 2)));
  const bool fits = dimensions <= kDimensionsMax &&
                    load_be<std::int16_t>(bytes.substr(2, 2)) == 0 &&
                    bytes.size() == 4 + std::size_t{4} * dimensions &&
                    (type.modifier < 0 || type.modifier == dimensions);
  if (!fits) {
    return false;
  }
  auto* floats = static_cast<char*>(column.arena().allocate(std::size_t{4} * dimensions, 4));
  bool is_finite = true;
  for (std::size_t i = 0; i < dimensions; ++i) {
    const std::uint32_t word = load_be32(bytes.data() + 4 + 4 * i);
    is_finite = is_finite && (word & 0x7F800000U) != 0x7F800000U;
    std::memcpy(floats + 4 * i, &word, sizeof word);
  }
  if (!is_finite) {
    return false;
  }
  column.values<std::string_view>()[row] = {floats, std::size_t{4} * dimensions};
  return true;
}

bool parse_binary_quickly(const Type& type, std::string_view bytes, engine::ColumnVector& column,
                          std::size_t row) {
  switch (type.oid) {
    case type_oid::kVector:
      return parse_vector(type, bytes, column, row);
    case type_oid::kInt4:
      if (bytes.size() == 4) {
        column.values<std::int32_t>()[row] = load_be<std::int32_t>(bytes);
        return true;
      }
      return false;
    case type_oid::kInt8:
      if (bytes.size() == 8) {
        column.values<std::int64_t>()[row] = load_be<std::int64_t>(bytes);
        return true;
      }
      return false;
    case type_oid::kText:
      column.set_bytes(row, bytes);
      return true;
    default:
      return false;
  }
}

}  // namespace

void parse_text_field(const Type& type, std::string_view text, const EvalContext& context,
                      engine::ColumnVector& column, std::size_t row) {
  bool is_done = false;
  switch (type.oid) {
    case type_oid::kInt4:
      is_done = parse_integer<std::int32_t>(text, column, row);
      break;
    case type_oid::kInt8:
      is_done = parse_integer<std::int64_t>(text, column, row);
      break;
    case type_oid::kText:
      column.set_bytes(row, text);
      is_done = true;
      break;
    default:
      break;
  }
  if (!is_done) {
    column.set_value(row, text_to_value(type, text, context));
  }
}

void parse_binary_field(const Type& type, std::string_view bytes, const EvalContext& context,
                        engine::ColumnVector& column, std::size_t row) {
  if (type_info(type.oid).category == 'S') {
    check_utf8(bytes);
  }
  if (!parse_binary_quickly(type, bytes, column, row)) {
    column.set_value(row, binary_to_value(type, bytes, context));
  }
}

}  // namespace omen::sql
