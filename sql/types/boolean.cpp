#include <string>

#include "sql/types/text.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

/// Any unique prefix of true, false, yes, no, on, off; or 1, 0.
engine::Value input(const Type& /*type*/, std::string_view text, const EvalContext& /*context*/) {
  const std::string word = ascii_lower(trim_spaces(text));
  const auto is_prefix_of = [&word](std::string_view full, std::size_t length_min) {
    return word.size() >= length_min && full.starts_with(word);
  };
  if (is_prefix_of("true", 1) || is_prefix_of("yes", 1) || is_prefix_of("on", 2) || word == "1") {
    return true;
  }
  if (is_prefix_of("false", 1) || is_prefix_of("no", 1) || is_prefix_of("off", 2) || word == "0") {
    return false;
  }
  invalid_input("boolean", text);
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  out.push_back(column.values<std::uint8_t>()[column.index(row)] != 0 ? 't' : 'f');
}

engine::Value receive(const Type& /*type*/, BinaryReader& reader, const EvalContext& /*context*/) {
  return reader.integer<std::uint8_t>() != 0;
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  out.push_back(static_cast<char>(column.values<std::uint8_t>()[column.index(row)]));
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return int{a.values<std::uint8_t>()[a.index(a_row)]} -
         int{b.values<std::uint8_t>()[b.index(b_row)]};
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_integer(column.values<std::uint8_t>()[column.index(row)]);
}

constexpr TypeCodec kCodecs[] = {{type_oid::kBool, input, output, receive, send, compare, hash}};

}  // namespace

const std::span<const TypeCodec> kBooleanCodecs = kCodecs;

}  // namespace omen::sql
