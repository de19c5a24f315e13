#include "sql/types/bytea.h"

#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int hex_digit_or_throw(std::string_view at) {
  const int digit = hex_digit(at[0]);
  if (digit < 0) {
    throw SqlError(
        sqlstate::kInvalidParameterValue,
        fmt::format("invalid hexadecimal digit: \"{}\"", at.substr(0, char_bytes(at[0]))));
  }
  return digit;
}

bool is_octal_escape(std::string_view text) {
  const auto is_octal = [](char c, char max) { return c >= '0' && c <= max; };
  return text.size() >= 4 && is_octal(text[1], '3') && is_octal(text[2], '7') &&
         is_octal(text[3], '7');
}

engine::Value input(const Type& /*type*/, std::string_view text, const EvalContext& /*context*/) {
  return parse_bytea(text);
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& context,
            std::string& out) {
  if (context.bytea_output == "escape") {
    append_bytea_escape(column.bytes(row), out);
    return;
  }
  out.append("\\x");
  append_bytea_hex(column.bytes(row), out);
}

engine::Value receive(const Type& /*type*/, BinaryReader& reader, const EvalContext& /*context*/) {
  return std::string(reader.take_rest());
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  out.append(column.bytes(row));
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return a.bytes(a_row).compare(b.bytes(b_row));
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_bytes(column.bytes(row));
}

constexpr TypeCodec kCodecs[] = {{type_oid::kBytea, input, output, receive, send, compare, hash}};

// ---------------------------------------------------------------- uuid: 16 raw bytes

constexpr std::size_t kUuidBytes = 16;

/// 32 hex digits, a hyphen allowed after every four, braces around allowed.
engine::Value input_uuid(const Type& /*type*/, std::string_view text,
                         const EvalContext& /*context*/) {
  std::string_view rest = text;
  const bool braces = !rest.empty() && rest.front() == '{';
  if (braces) {
    rest.remove_prefix(1);
  }
  std::string bytes;
  for (std::size_t i = 0; i < kUuidBytes; ++i) {
    const int high = rest.size() < 2 ? -1 : hex_digit(rest[0]);
    const int low = rest.size() < 2 ? -1 : hex_digit(rest[1]);
    if (high < 0 || low < 0) {
      invalid_input("uuid", text);
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
    rest.remove_prefix(2);
    if (i % 2 == 1 && i < kUuidBytes - 1 && !rest.empty() && rest.front() == '-') {
      rest.remove_prefix(1);
    }
  }
  if (rest != (braces ? "}" : "")) {
    invalid_input("uuid", text);
  }
  return bytes;
}

void output_uuid(Oid /*type*/, const ColumnVector& column, std::size_t row,
                 const EvalContext& /*context*/, std::string& out) {
  const std::string_view bytes = column.bytes(row);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      out.push_back('-');
    }
    append_bytea_hex(bytes.substr(i, 1), out);
  }
}

engine::Value receive_uuid(const Type& /*type*/, BinaryReader& reader,
                           const EvalContext& /*context*/) {
  return std::string(reader.take(kUuidBytes));
}

constexpr TypeCodec kUuid[] = {
    {type_oid::kUuid, input_uuid, output_uuid, receive_uuid, send, compare, hash}};

}  // namespace

const std::span<const TypeCodec> kByteaCodecs = kCodecs;
const std::span<const TypeCodec> kUuidCodecs = kUuid;

std::string decode_hex(std::string_view digits) {
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size();) {
    if (digits[i] == ' ' || digits[i] == '\n' || digits[i] == '\t' || digits[i] == '\r') {
      ++i;
      continue;
    }
    const int high = hex_digit_or_throw(digits.substr(i));
    if (i + 1 == digits.size()) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     "invalid hexadecimal data: odd number of digits");
    }
    bytes.push_back(static_cast<char>(high * 16 + hex_digit_or_throw(digits.substr(i + 1))));
    i += 2;
  }
  return bytes;
}

std::string parse_bytea(std::string_view text) {
  if (text.starts_with("\\x")) {
    return decode_hex(text.substr(2));
  }
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes.push_back(text[i]);
    } else if (text.substr(i).starts_with("\\\\")) {
      bytes.push_back('\\');
      ++i;
    } else if (is_octal_escape(text.substr(i))) {
      bytes.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                        (text[i + 3] - '0')));
      i += 3;
    } else {
      throw SqlError(sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

void append_bytea_hex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

void append_bytea_escape(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\\') {
      out.append("\\\\");
    } else if (byte < 0x20 || byte > 0x7e) {
      out.append(fmt::format("\\{:03o}", byte));
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace omen::sql
