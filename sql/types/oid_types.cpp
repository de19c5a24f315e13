#include <fmt/format.h>

#include <charconv>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/types/object_names.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

/// oid, xid, cid, tid and the reg* types: Int64 in memory, 0 .. 2^32 - 1 (tid: block * 2^16 +
/// item).
namespace omen::sql {
namespace {

using engine::ColumnVector;

std::int64_t value_at(const ColumnVector& column, std::size_t row) {
  return column.values<std::int64_t>()[column.index(row)];
}

/// As strtoul reads it: a negative number wraps around.
std::int64_t parse_unsigned(std::string_view type_name, std::string_view text) {
  std::string_view digits = trim_spaces(text);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::invalid_argument) {
    invalid_input(type_name, text);
  }
  if (error == std::errc::result_out_of_range || value > UINT32_MAX ||
      (negative && value > std::uint64_t{1} << 31)) {
    value_out_of_range(type_name, text);
  }
  if (stop != digits.data() + digits.size()) {
    invalid_input(type_name, text);
  }
  return static_cast<std::uint32_t>(negative ? -value : value);
}

engine::Value input_oid(const Type& /*type*/, std::string_view text,
                        const EvalContext& /*context*/) {
  return parse_unsigned("oid", text);
}
/// xid and cid: strtoul without any complaint.
engine::Value input_xid(const Type& /*type*/, std::string_view text,
                        const EvalContext& /*context*/) {
  return static_cast<std::int64_t>(
      static_cast<std::uint32_t>(std::strtoul(std::string(text).c_str(), nullptr, 0)));
}

void output_oid(Oid /*type*/, const ColumnVector& column, std::size_t row,
                const EvalContext& /*context*/, std::string& out) {
  out.append(std::to_string(value_at(column, row)));
}

engine::Value receive_oid(const Type& /*type*/, BinaryReader& reader,
                          const EvalContext& /*context*/) {
  return std::int64_t{reader.integer<std::uint32_t>()};
}

void send_oid(Oid /*type*/, const ColumnVector& column, std::size_t row,
              const EvalContext& /*context*/, std::string& out) {
  append_big_endian(static_cast<std::uint32_t>(value_at(column, row)), out);
}

int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  const std::int64_t left = value_at(a, a_row);
  const std::int64_t right = value_at(b, b_row);
  return left < right ? -1 : (left > right ? 1 : 0);
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_integer(static_cast<std::uint64_t>(value_at(column, row)));
}

engine::Value input_name(const Type& type, std::string_view text, const EvalContext& context) {
  return std::int64_t{resolve_object(type.oid, text, context)};
}

void output_name(Oid type, const ColumnVector& column, std::size_t row, const EvalContext& context,
                 std::string& out) {
  out.append(object_name(type, static_cast<Oid>(value_at(column, row)), context));
}

constexpr TypeCodec reg(Oid oid) {
  return {oid, input_name, output_name, receive_oid, send_oid, compare, hash};
}

// ---------------------------------------------------------------- tid

constexpr int kTidItemBits = 16;

engine::Value input_tid(const Type& /*type*/, std::string_view text,
                        const EvalContext& /*context*/) {
  const std::string_view pair = trim_spaces(text);
  std::uint64_t block = 0;
  std::uint64_t item = 0;
  const std::size_t comma = pair.find(',');
  if (pair.size() < 5 || pair.front() != '(' || pair.back() != ')' ||
      comma == std::string_view::npos) {
    invalid_input("tid", text);
  }
  const char* last = pair.data() + pair.size() - 1;
  const auto first_read = std::from_chars(pair.data() + 1, pair.data() + comma, block);
  const auto second_read = std::from_chars(pair.data() + comma + 1, last, item);
  if (first_read.ec != std::errc() || first_read.ptr != pair.data() + comma ||
      second_read.ec != std::errc() || second_read.ptr != last || block > UINT32_MAX ||
      item > UINT16_MAX) {
    invalid_input("tid", text);
  }
  return static_cast<std::int64_t>(block << kTidItemBits | item);
}

void output_tid(Oid /*type*/, const ColumnVector& column, std::size_t row,
                const EvalContext& /*context*/, std::string& out) {
  const std::int64_t value = value_at(column, row);
  out.append(fmt::format("({},{})", static_cast<std::uint32_t>(value >> kTidItemBits),
                         static_cast<std::uint16_t>(value)));
}

engine::Value receive_tid(const Type& /*type*/, BinaryReader& reader,
                          const EvalContext& /*context*/) {
  const auto block = reader.integer<std::uint32_t>();
  return static_cast<std::int64_t>(std::uint64_t{block} << kTidItemBits |
                                   reader.integer<std::uint16_t>());
}

void send_tid(Oid /*type*/, const ColumnVector& column, std::size_t row,
              const EvalContext& /*context*/, std::string& out) {
  const std::int64_t value = value_at(column, row);
  append_big_endian(static_cast<std::uint32_t>(value >> kTidItemBits), out);
  append_big_endian(static_cast<std::uint16_t>(value), out);
}

constexpr TypeCodec kCodecs[] = {
    {type_oid::kOid, input_oid, output_oid, receive_oid, send_oid, compare, hash},
    {type_oid::kXid, input_xid, output_oid, receive_oid, send_oid, nullptr, hash},
    {type_oid::kCid, input_xid, output_oid, receive_oid, send_oid, nullptr, hash},
    {type_oid::kTid, input_tid, output_tid, receive_tid, send_tid, compare, hash},
    reg(type_oid::kRegproc),
    reg(type_oid::kRegprocedure),
    reg(type_oid::kRegoper),
    reg(type_oid::kRegclass),
    reg(type_oid::kRegtype),
    reg(type_oid::kRegrole),
    reg(type_oid::kRegnamespace),
};

}  // namespace

const std::span<const TypeCodec> kOidCodecs = kCodecs;

}  // namespace omen::sql
