#include "sql/types/vector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "sql/error/sql_error.h"
#include "sql/types/floats.h"
#include "sql/types/integers.h"
#include "sql/types/type_codec.h"

/// Text form `[1,2,3]` as pgvector reads it: strtof's number forms, white space between tokens.
namespace omen::sql {
namespace {

using engine::ColumnVector;

const char* skip_spaces(const char* at, const char* end) {
  while (at != end && is_space(*at)) {
    ++at;
  }
  return at;
}

template <typename Element>
[[noreturn]] void invalid_vector(std::string_view text, std::string detail = {}) {
  throw SqlError(
      sqlstate::kInvalidTextRepresentation,
      fmt::format("invalid input syntax for type {}: \"{}\"", VectorType<Element>::kName, text))
      .detail(std::move(detail));
}

template <typename Element>
Element element_at(std::string_view bytes, std::size_t i) {
  Element value;
  std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
  return value;
}

template <typename Element>
int compare_stored(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size()) / sizeof(Element);
  for (std::size_t i = 0; i < common; ++i) {
    const float left = to_float(element_at<Element>(a, i));
    const float right = to_float(element_at<Element>(b, i));
    if (left != right) {
      return left < right ? -1 : 1;
    }
  }
  return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

/// Reads one element and moves `at` behind it and the white space that follows.
template <typename Element>
Element read_element(const char*& at, const char* end, std::string_view text) {
  const FloatPrefix number = read_float4_prefix(at, end);
  if (number.length == 0) {
    invalid_vector<Element>(text);
  }
  const auto value = to_element<Element>(number.value);
  // Underflow to zero is accepted, as strtof's callers in pgvector do.
  const bool is_too_big = number.out_of_range && std::isinf(number.value);
  if (is_too_big || (std::isinf(to_float(value)) && !std::isinf(number.value))) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("\"{}\" is out of range for type {}",
                               std::string_view(at, number.length), VectorType<Element>::kName));
  }
  check_vector_element(value);
  at = skip_spaces(at + number.length, end);
  return value;
}

template <typename Element>
std::string parse(std::string_view text, std::int32_t modifier) {
  const char* end = text.data() + text.size();
  const char* at = skip_spaces(text.data(), end);
  if (at == end || *at != '[') {
    invalid_vector<Element>(text, "Vector contents must start with \"[\".");
  }
  at = skip_spaces(at + 1, end);
  if (at != end && *at == ']') {
    check_vector_dimensions<Element>(0);
  }
  std::string bytes;
  bytes.reserve(modifier > 0 ? static_cast<std::size_t>(modifier) * sizeof(Element) : text.size());
  while (true) {
    if (bytes.size() == kVectorDimensionsMax * sizeof(Element)) {
      check_vector_dimensions<Element>(kVectorDimensionsMax + 1);
    }
    at = skip_spaces(at, end);
    if (at == end) {
      invalid_vector<Element>(text);
    }
    const auto value = read_element<Element>(at, end, text);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    if (at == end || (*at != ',' && *at != ']')) {
      invalid_vector<Element>(text);
    }
    if (*at++ == ']') {
      break;
    }
  }
  at = skip_spaces(at, end);
  if (at != end) {
    invalid_vector<Element>(text, "Junk after closing right brace.");
  }
  check_vector_modifier(bytes.size() / sizeof(Element), modifier);
  return bytes;
}

template <typename Element>
engine::Value input(const Type& type, std::string_view text, const EvalContext& /*context*/) {
  return parse<Element>(text, type.modifier);
}

template <typename Element>
void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  const std::string_view bytes = column.bytes(row);
  out.push_back('[');
  for (std::size_t i = 0; i < bytes.size() / sizeof(Element); ++i) {
    if (i > 0) {
      out.push_back(',');
    }
    append_float4(to_float(element_at<Element>(bytes, i)), out);
  }
  out.push_back(']');
}

/// What one element is on the wire, and its bits that are all set in infinities and NaN.
template <typename Element>
struct Wire;
template <>
struct Wire<float> {
  using Word = std::uint32_t;
  static constexpr Word kExponentBits = 0x7F800000;
};
template <>
struct Wire<Half> {
  using Word = std::uint16_t;
  static constexpr Word kExponentBits = 0x7C00;
};

template <typename Word>
Word swap_bytes_if_little(Word word) {
  if constexpr (std::endian::native != std::endian::little) {
    return word;
  } else if constexpr (sizeof(Word) == 2) {
    return __builtin_bswap16(word);
  } else {
    return __builtin_bswap32(word);
  }
}

template <typename Element>
engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& /*context*/) {
  using Word = typename Wire<Element>::Word;
  constexpr Word kExponentBits = Wire<Element>::kExponentBits;
  const auto count = std::size_t{reader.integer<std::uint16_t>()};
  const auto unused = reader.integer<std::int16_t>();
  check_vector_dimensions<Element>(count);
  check_vector_modifier(count, type.modifier);
  if (unused != 0) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected unused to be 0, not {}", unused));
  }
  std::string bytes(count * sizeof(Element), '\0');
  // Whole words and no branch in the loop: queries of prepared statements pass here.
  const std::string_view raw = reader.take(bytes.size());
  Word exponent_max = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Word word = 0;
    std::memcpy(&word, raw.data() + i * sizeof(word), sizeof(word));
    word = swap_bytes_if_little(word);
    std::memcpy(bytes.data() + i * sizeof(word), &word, sizeof(word));
    exponent_max = std::max(exponent_max, static_cast<Word>(word & kExponentBits));
  }
  if (exponent_max == kExponentBits) {
    for (std::size_t i = 0; i < count; ++i) {
      check_vector_element(element_at<Element>(bytes, i));
    }
  }
  return bytes;
}

template <typename Element>
void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  using Word = typename Wire<Element>::Word;
  const std::string_view bytes = column.bytes(row);
  const std::size_t count = bytes.size() / sizeof(Element);
  append_big_endian(static_cast<std::uint16_t>(count), out);
  append_big_endian(std::uint16_t{0}, out);
  for (std::size_t i = 0; i < count; ++i) {
    append_big_endian(element_at<Word>(bytes, i), out);
  }
}

template <typename Element>
int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return compare_stored<Element>(a.bytes(a_row), b.bytes(b_row));
}

template <typename Element>
std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  const std::string_view bytes = column.bytes(row);
  std::uint64_t state = bytes.size();
  for (std::size_t i = 0; i < bytes.size() / sizeof(Element); ++i) {
    const float value = to_float(element_at<Element>(bytes, i));
    state = hash_integer(state ^ (value == 0 ? 0 : std::bit_cast<std::uint32_t>(value)));
  }
  return state;
}

template <typename Element>
std::int32_t read_modifier(std::span<const std::string> arguments) {
  return read_dimensions(arguments, VectorType<Element>::kName, kVectorDimensionsMax);
}

std::string format_modifier(std::int32_t modifier) {
  return fmt::format("({})", modifier);
}

template <typename Element>
constexpr TypeCodec codec() {
  return {VectorType<Element>::kOid,
          input<Element>,
          output<Element>,
          receive<Element>,
          send<Element>,
          compare<Element>,
          hash<Element>,
          read_modifier<Element>,
          format_modifier};
}

constexpr TypeCodec kCodecs[] = {codec<float>(), codec<Half>()};

}  // namespace

const std::span<const TypeCodec> kVectorCodecs = kCodecs;

template <typename Element>
std::span<const Element> vector_view(std::string_view bytes, engine::Arena& scratch) {
  const std::size_t count = bytes.size() / sizeof(Element);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Element) == 0) {
    return {reinterpret_cast<const Element*>(bytes.data()), count};
  }
  auto* copy = static_cast<Element*>(scratch.allocate(bytes.size(), alignof(Element)));
  std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, count};
}
template VectorView vector_view<float>(std::string_view bytes, engine::Arena& scratch);
template HalfVectorView vector_view<Half>(std::string_view bytes, engine::Arena& scratch);

template <typename Element>
void check_vector_dimensions(std::size_t count) {
  if (count < 1) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("{} must have at least 1 dimension", VectorType<Element>::kName));
  }
  if (count > kVectorDimensionsMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("{} cannot have more than {} dimensions", VectorType<Element>::kName,
                               kVectorDimensionsMax));
  }
}
template void check_vector_dimensions<float>(std::size_t count);
template void check_vector_dimensions<Half>(std::size_t count);

void check_vector_modifier(std::size_t count, std::int32_t modifier) {
  if (modifier >= 0 && static_cast<std::size_t>(modifier) != count) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("expected {} dimensions, not {}", modifier, count));
  }
}

void check_vector_element(float value, std::string_view type_name) {
  if (std::isnan(value)) {
    throw SqlError(sqlstate::kDataException, fmt::format("NaN not allowed in {}", type_name));
  }
  if (std::isinf(value)) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("infinite value not allowed in {}", type_name));
  }
}

void check_same_dimensions(std::size_t a, std::size_t b, std::string_view type_name) {
  if (a != b) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("different {} dimensions {} and {}", type_name, a, b));
  }
}

Half to_half_checked(float value) {
  const Half half = to_half(value);
  if (std::isinf(to_float(half)) && !std::isinf(value)) {
    std::string text;
    append_float4(value, text);
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("\"{}\" is out of range for type halfvec", text));
  }
  return half;
}

std::int32_t read_dimensions(std::span<const std::string> arguments, std::string_view type_name,
                             std::int32_t dimensions_max) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  const std::int32_t dimensions = parse_int4(arguments[0]);
  if (dimensions < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("dimensions for type {} must be at least 1", type_name));
  }
  if (dimensions > dimensions_max) {
    throw SqlError(
        sqlstate::kInvalidParameterValue,
        fmt::format("dimensions for type {} cannot exceed {}", type_name, dimensions_max));
  }
  return dimensions;
}

template <typename Element>
int compare_vectors(std::span<const Element> a, std::span<const Element> b) {
  return compare_stored<Element>(vector_bytes(a), vector_bytes(b));
}
template int compare_vectors<float>(VectorView a, VectorView b);
template int compare_vectors<Half>(HalfVectorView a, HalfVectorView b);

}  // namespace omen::sql
