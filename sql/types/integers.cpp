#include "sql/types/integers.h"

#include <charconv>
#include <string>
#include <type_traits>

#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

template <typename T>
constexpr std::string_view kIntegerName = "bigint";
template <>
constexpr std::string_view kIntegerName<std::int16_t> = "smallint";
template <>
constexpr std::string_view kIntegerName<std::int32_t> = "integer";

template <typename T>
T read_integer(std::string_view text) {
  const std::string_view digits = trim_spaces(text);
  const char* begin = digits.data();
  const char* end = begin + digits.size();
  if (begin != end && *begin == '+' && end - begin > 1 && begin[1] != '-') {
    ++begin;
  }
  T value{};
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) {
    value_out_of_range(kIntegerName<T>, text);
  }
  if (error != std::errc() || stop != end) {
    invalid_input(kIntegerName<T>, text);
  }
  return value;
}

template <typename T>
engine::Value input(const Type& /*type*/, std::string_view text, const EvalContext& /*context*/) {
  return read_integer<T>(text);
}

template <typename T>
void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  append_integer(column.values<T>()[column.index(row)], out);
}

template <typename T>
engine::Value receive(const Type& /*type*/, BinaryReader& reader, const EvalContext& /*context*/) {
  return reader.integer<T>();
}

template <typename T>
void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  append_big_endian(column.values<T>()[column.index(row)], out);
}

template <typename T>
int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  const T left = a.values<T>()[a.index(a_row)];
  const T right = b.values<T>()[b.index(b_row)];
  return left < right ? -1 : (left > right ? 1 : 0);
}

template <typename T>
std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_integer(
      static_cast<std::uint64_t>(std::int64_t{column.values<T>()[column.index(row)]}));
}

template <typename T>
constexpr TypeCodec codec(Oid oid) {
  return {oid, input<T>, output<T>, receive<T>, send<T>, compare<T>, hash<T>};
}

constexpr TypeCodec kCodecs[] = {
    codec<std::int16_t>(type_oid::kInt2),
    codec<std::int32_t>(type_oid::kInt4),
    codec<std::int64_t>(type_oid::kInt8),
};

}  // namespace

const std::span<const TypeCodec> kIntegerCodecs = kCodecs;

std::int16_t parse_int2(std::string_view text) {
  return read_integer<std::int16_t>(text);
}
std::int32_t parse_int4(std::string_view text) {
  return read_integer<std::int32_t>(text);
}
std::int64_t parse_int8(std::string_view text) {
  return read_integer<std::int64_t>(text);
}

void append_integer(std::int64_t value, std::string& out) {
  char buffer[24];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, end);
}

}  // namespace omen::sql
