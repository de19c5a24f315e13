#include "sql/types/vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "sql/error/sql_error.h"
#include "sql/types/floats.h"
#include "sql/types/integers.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

const char* skip_spaces(const char* at, const char* end) {
  while (at != end && is_space(*at)) {
    ++at;
  }
  return at;
}

[[noreturn]] void invalid_vector(std::string_view text, std::string detail = {}) {
  throw SqlError(sqlstate::kInvalidTextRepresentation,
                 fmt::format("invalid input syntax for type vector: \"{}\"", text))
      .detail(std::move(detail));
}

float element_at(std::string_view bytes, std::size_t i) {
  float value;
  std::memcpy(&value, bytes.data() + i * sizeof(float), sizeof(float));
  return value;
}

int compare_stored(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size()) / sizeof(float);
  for (std::size_t i = 0; i < common; ++i) {
    const float left = element_at(a, i);
    const float right = element_at(b, i);
    if (left != right) {
      return left < right ? -1 : 1;
    }
  }
  return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

engine::Value input(const Type& type, std::string_view text, const EvalContext& /*context*/) {
  return parse_vector(text, type.modifier);
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  const std::string_view bytes = column.bytes(row);
  out.push_back('[');
  for (std::size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
    if (i > 0) {
      out.push_back(',');
    }
    append_float4(element_at(bytes, i), out);
  }
  out.push_back(']');
}

/// All set in infinities and NaN.
constexpr std::uint32_t kExponentBits = 0x7F800000;

engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& /*context*/) {
  const auto count = std::size_t{reader.integer<std::uint16_t>()};
  const auto unused = reader.integer<std::int16_t>();
  check_vector_dimensions(count);
  check_vector_modifier(count, type.modifier);
  if (unused != 0) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  std::string bytes(count * sizeof(float), '\0');
  // Whole words and no branch in the loop: queries of prepared statements pass here.
  const std::string_view raw = reader.take(bytes.size());
  std::uint32_t exponent_max = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, raw.data() + i * sizeof(word), sizeof(word));
    if constexpr (std::endian::native == std::endian::little) {
      word = __builtin_bswap32(word);
    }
    std::memcpy(bytes.data() + i * sizeof(word), &word, sizeof(word));
    exponent_max = std::max(exponent_max, word & kExponentBits);
  }
  if (exponent_max == kExponentBits) {
    for (std::size_t i = 0; i < count; ++i) {
      check_vector_element(element_at(bytes, i));
    }
  }
  return bytes;
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  const std::string_view bytes = column.bytes(row);
  const std::size_t count = bytes.size() / sizeof(float);
  append_big_endian(static_cast<std::uint16_t>(count), out);
  append_big_endian(std::uint16_t{0}, out);
  for (std::size_t i = 0; i < count; ++i) {
    append_big_endian(element_at(bytes, i), out);
  }
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return compare_stored(a.bytes(a_row), b.bytes(b_row));
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  const std::string_view bytes = column.bytes(row);
  std::uint64_t state = bytes.size();
  for (std::size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
    const float value = element_at(bytes, i);
    state = hash_integer(state ^ (value == 0 ? 0 : std::bit_cast<std::uint32_t>(value)));
  }
  return state;
}

std::int32_t read_modifier(std::span<const std::string> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  const std::int32_t dimensions = parse_int4(arguments[0]);
  if (dimensions < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "dimensions for type vector must be at least 1");
  }
  if (dimensions > kVectorDimensionsMax) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "dimensions for type vector cannot exceed 16000");
  }
  return dimensions;
}

std::string format_modifier(std::int32_t modifier) {
  return fmt::format("({})", modifier);
}

constexpr TypeCodec kCodecs[] = {{type_oid::kVector, input, output, receive, send, compare, hash,
                                  read_modifier, format_modifier}};

/// Reads one element and moves `at` behind it and the white space that follows.
float read_element(const char*& at, const char* end, std::string_view text) {
  const FloatPrefix number = read_float4_prefix(at, end);
  if (number.length == 0) {
    invalid_vector(text);
  }
  // Underflow to zero is accepted, as strtof's callers in pgvector do.
  if (number.out_of_range && std::isinf(number.value)) {
    throw SqlError(
        sqlstate::kNumericValueOutOfRange,
        fmt::format("\"{}\" is out of range for type vector", std::string_view(at, number.length)));
  }
  check_vector_element(number.value);
  at = skip_spaces(at + number.length, end);
  return number.value;
}

}  // namespace

const std::span<const TypeCodec> kVectorCodecs = kCodecs;

VectorView vector_view(std::string_view bytes, engine::Arena& scratch) {
  const std::size_t count = bytes.size() / sizeof(float);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0) {
    return {reinterpret_cast<const float*>(bytes.data()), count};
  }
  auto* copy = static_cast<float*>(scratch.allocate(bytes.size(), alignof(float)));
  std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, count};
}

std::string parse_vector(std::string_view text, std::int32_t modifier) {
  const char* end = text.data() + text.size();
  const char* at = skip_spaces(text.data(), end);
  if (at == end || *at != '[') {
    invalid_vector(text, "Vector contents must start with \"[\".");
  }
  at = skip_spaces(at + 1, end);
  if (at != end && *at == ']') {
    check_vector_dimensions(0);
  }
  std::string bytes;
  bytes.reserve(modifier > 0 ? static_cast<std::size_t>(modifier) * sizeof(float) : text.size());
  while (true) {
    if (bytes.size() == kVectorDimensionsMax * sizeof(float)) {
      check_vector_dimensions(kVectorDimensionsMax + 1);
    }
    at = skip_spaces(at, end);
    if (at == end) {
      invalid_vector(text);
    }
    const float value = read_element(at, end, text);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    if (at == end || (*at != ',' && *at != ']')) {
      invalid_vector(text);
    }
    if (*at++ == ']') {
      break;
    }
  }
  at = skip_spaces(at, end);
  if (at != end) {
    invalid_vector(text, "Junk after closing right brace.");
  }
  check_vector_modifier(bytes.size() / sizeof(float), modifier);
  return bytes;
}

void append_vector_text(VectorView vector, std::string& out) {
  out.push_back('[');
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) {
      out.push_back(',');
    }
    append_float4(vector[i], out);
  }
  out.push_back(']');
}

void check_vector_dimensions(std::size_t count) {
  if (count < 1) {
    throw SqlError(sqlstate::kDataException, "vector must have at least 1 dimension");
  }
  if (count > kVectorDimensionsMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   "vector cannot have more than 16000 dimensions");
  }
}

void check_vector_modifier(std::size_t count, std::int32_t modifier) {
  if (modifier >= 0 && static_cast<std::size_t>(modifier) != count) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected {} dimensions, not {}", modifier, count));
  }
}

void check_vector_element(float value) {
  if (std::isnan(value)) {
    throw SqlError(sqlstate::kDataException, "NaN not allowed in vector");
  }
  if (std::isinf(value)) {
    throw SqlError(sqlstate::kDataException, "infinite value not allowed in vector");
  }
}

void check_same_dimensions(VectorView a, VectorView b) {
  if (a.size() != b.size()) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("different vector dimensions {} and {}", a.size(), b.size()));
  }
}

int compare_vectors(VectorView a, VectorView b) {
  return compare_stored(vector_bytes(a), vector_bytes(b));
}

}  // namespace omen::sql
