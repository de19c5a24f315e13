#include <cstring>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/types/integers.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

/// text, varchar, bpchar, name, "char" and the text-like types of the catalogs. All are Bytes in
/// UTF-8, ordered by memcmp (collation "C"); bpchar is stored padded and compares without padding.
namespace omen::sql {
namespace {

using engine::ColumnVector;

engine::Value input_plain(const Type& /*type*/, std::string_view text,
                          const EvalContext& /*context*/) {
  return std::string(text);
}

engine::Value input_varchar(const Type& type, std::string_view text,
                            const EvalContext& /*context*/) {
  return std::string(fit_varchar(text, type.modifier, false));
}

engine::Value input_bpchar(const Type& type, std::string_view text,
                           const EvalContext& /*context*/) {
  return fit_bpchar(text, type.modifier, false);
}

engine::Value input_name(const Type& /*type*/, std::string_view text,
                         const EvalContext& /*context*/) {
  return std::string(clip_bytes(text, kNameBytesMax));
}

/// One byte; the empty string stands for the byte 0.
engine::Value input_char(const Type& /*type*/, std::string_view text,
                         const EvalContext& /*context*/) {
  return std::string(text.substr(0, 1));
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row,
            const EvalContext& /*context*/, std::string& out) {
  out.append(column.bytes(row));
}

template <engine::Value (*kInput)(const Type&, std::string_view, const EvalContext&)>
engine::Value receive(const Type& type, BinaryReader& reader, const EvalContext& context) {
  const std::string_view text = reader.take_rest();
  verify_utf8(text);
  return kInput(type, text, context);
}

engine::Value receive_char(const Type& /*type*/, BinaryReader& reader,
                           const EvalContext& /*context*/) {
  const std::string_view byte = reader.take(1);
  return std::string(byte[0] == '\0' ? std::string_view() : byte);
}

void send_char(Oid /*type*/, const ColumnVector& column, std::size_t row,
               const EvalContext& /*context*/, std::string& out) {
  const std::string_view byte = column.bytes(row);
  out.push_back(byte.empty() ? '\0' : byte[0]);
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  return a.bytes(a_row).compare(b.bytes(b_row));
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_bytes(column.bytes(row));
}

int compare_bpchar(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
                   std::size_t b_row) {
  return strip_blanks(a.bytes(a_row)).compare(strip_blanks(b.bytes(b_row)));
}

std::uint64_t hash_bpchar(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_bytes(strip_blanks(column.bytes(row)));
}

/// n + 4, as pg_attribute.atttypmod holds it.
std::int32_t read_length(std::string_view type_name, std::span<const std::string> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  const std::int32_t length = parse_int4(arguments[0]);
  const std::string name(type_name);
  if (length < 1) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "length for type " + name + " must be at least 1");
  }
  if (length > kTextLengthMax) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "length for type " + name + " cannot exceed " + std::to_string(kTextLengthMax));
  }
  return length + 4;
}

std::int32_t read_varchar_modifier(std::span<const std::string> arguments) {
  return read_length("varchar", arguments);
}

std::int32_t read_bpchar_modifier(std::span<const std::string> arguments) {
  return read_length("char", arguments);
}

std::string format_length(std::int32_t modifier) {
  return modifier > 4 ? "(" + std::to_string(modifier - 4) + ")" : "";
}

constexpr TypeCodec plain(Oid oid) {
  return {oid, input_plain, output, receive<input_plain>, output, compare, hash};
}

/// Read-only: only the catalog makes values of these types.
constexpr TypeCodec catalog_text(Oid oid) {
  return {oid, input_plain, output, nullptr, output, nullptr, nullptr};
}

engine::Value input_void(const Type& /*type*/, std::string_view /*text*/,
                         const EvalContext& /*context*/) {
  return std::string();
}

engine::Value receive_void(const Type& /*type*/, BinaryReader& reader,
                           const EvalContext& /*context*/) {
  reader.take_rest();
  return std::string();
}

constexpr TypeCodec kCodecs[] = {
    plain(type_oid::kText),
    plain(type_oid::kUnknown),
    plain(type_oid::kCstring),
    {type_oid::kVarchar, input_varchar, output, receive<input_varchar>, output, compare, hash,
     read_varchar_modifier, format_length},
    {type_oid::kBpchar, input_bpchar, output, receive<input_bpchar>, output, compare_bpchar,
     hash_bpchar, read_bpchar_modifier, format_length},
    {type_oid::kName, input_name, output, receive<input_name>, output, compare, hash},
    {type_oid::kChar, input_char, output, receive_char, send_char, compare, hash},
    catalog_text(type_oid::kPgNodeTree),
    catalog_text(type_oid::kAclItem),
    {type_oid::kVoid, input_void, output, receive_void, output},
};

}  // namespace

const std::span<const TypeCodec> kTextCodecs = kCodecs;

}  // namespace omen::sql
