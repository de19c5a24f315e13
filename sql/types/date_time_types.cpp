#include <fmt/format.h>

#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/types/date_time.h"
#include "sql/types/integers.h"
#include "sql/types/type_codec.h"

/// date, time, timestamp, timestamptz and interval as types.
namespace omen::sql {
namespace {

using engine::ColumnVector;

constexpr std::int32_t kPrecisionMax = 6;

template <typename T>
T at(const ColumnVector& column, std::size_t row) {
  return column.values<T>()[column.index(row)];
}

engine::Value input_date(const Type& /*type*/, std::string_view text, const EvalContext& context) {
  return parse_date(text, context);
}
engine::Value input_time(const Type& type, std::string_view text, const EvalContext& context) {
  return round_to_precision(parse_time(text, context), type.modifier);
}
engine::Value input_timestamp(const Type& type, std::string_view text, const EvalContext& context) {
  return round_to_precision(parse_timestamp(text, context), type.modifier);
}
engine::Value input_timestamptz(const Type& type, std::string_view text,
                                const EvalContext& context) {
  return round_to_precision(parse_timestamptz(text, context), type.modifier);
}

void output_date(Oid /*type*/, const ColumnVector& column, std::size_t row,
                 const EvalContext& context, std::string& out) {
  append_date(at<std::int32_t>(column, row), context, out);
}
void output_time(Oid /*type*/, const ColumnVector& column, std::size_t row,
                 const EvalContext& /*context*/, std::string& out) {
  append_time(at<std::int64_t>(column, row), out);
}
void output_timestamp(Oid /*type*/, const ColumnVector& column, std::size_t row,
                      const EvalContext& context, std::string& out) {
  append_timestamp(at<std::int64_t>(column, row), context, out);
}
void output_timestamptz(Oid /*type*/, const ColumnVector& column, std::size_t row,
                        const EvalContext& context, std::string& out) {
  append_timestamptz(at<std::int64_t>(column, row), context, out);
}

engine::Value receive_date(const Type& /*type*/, BinaryReader& reader,
                           const EvalContext& /*context*/) {
  return reader.integer<std::int32_t>();
}
engine::Value receive_time(const Type& type, BinaryReader& reader, const EvalContext& /*context*/) {
  const auto us = reader.integer<std::int64_t>();
  if (us < 0 || us > kUsPerDay) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "time out of range");
  }
  return round_to_precision(us, type.modifier);
}
engine::Value receive_timestamp(const Type& type, BinaryReader& reader,
                                const EvalContext& /*context*/) {
  const auto us = reader.integer<std::int64_t>();
  if (!is_infinite_timestamp(us)) {
    const std::int64_t days = floor_divide(us, kUsPerDay);
    static_cast<void>(join_timestamp(days, us - days * kUsPerDay));
  }
  return round_to_precision(us, type.modifier);
}

template <typename T>
void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& /*context*/,
          std::string& out) {
  append_big_endian(at<T>(column, row), out);
}
template <typename T>
int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  const T left = at<T>(a, a_row);
  const T right = at<T>(b, b_row);
  return left < right ? -1 : (left > right ? 1 : 0);
}
template <typename T>
std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  return hash_integer(static_cast<std::uint64_t>(std::int64_t{at<T>(column, row)}));
}

std::int32_t read_precision(std::span<const std::string> arguments) {
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  const std::int32_t precision = parse_int4(arguments[0]);
  if (precision < 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("TIMESTAMP({}) precision must not be negative", precision));
  }
  return std::min(precision, kPrecisionMax);
}
std::string format_precision(std::int32_t modifier) {
  return fmt::format("({})", modifier);
}

template <typename T>
constexpr TypeCodec codec(Oid oid, decltype(TypeCodec::input) input,
                          decltype(TypeCodec::output) output,
                          decltype(TypeCodec::receive) receive) {
  return {oid,
          input,
          output,
          receive,
          send<T>,
          compare<T>,
          hash<T>,
          oid == type_oid::kDate ? nullptr : read_precision,
          oid == type_oid::kDate ? nullptr : format_precision};
}

constexpr TypeCodec kCodecs[] = {
    codec<std::int32_t>(type_oid::kDate, input_date, output_date, receive_date),
    codec<std::int64_t>(type_oid::kTime, input_time, output_time, receive_time),
    codec<std::int64_t>(type_oid::kTimestamp, input_timestamp, output_timestamp, receive_timestamp),
    codec<std::int64_t>(type_oid::kTimestamptz, input_timestamptz, output_timestamptz,
                        receive_timestamp),
};

// ---------------------------------------------------------------- interval

engine::Value input_interval(const Type& /*type*/, std::string_view text,
                             const EvalContext& /*context*/) {
  return encode_interval(parse_interval(text));
}
void output_interval(Oid /*type*/, const ColumnVector& column, std::size_t row,
                     const EvalContext& context, std::string& out) {
  append_interval(decode_interval(column.bytes(row)), context.interval_style, out);
}
engine::Value receive_interval(const Type& /*type*/, BinaryReader& reader,
                               const EvalContext& /*context*/) {
  Interval interval;
  interval.us = reader.integer<std::int64_t>();
  interval.days = reader.integer<std::int32_t>();
  interval.months = reader.integer<std::int32_t>();
  return encode_interval(interval);
}
void send_interval(Oid /*type*/, const ColumnVector& column, std::size_t row,
                   const EvalContext& /*context*/, std::string& out) {
  const Interval interval = decode_interval(column.bytes(row));
  append_big_endian(interval.us, out);
  append_big_endian(interval.days, out);
  append_big_endian(interval.months, out);
}
int compare_interval(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
                     std::size_t b_row) {
  return compare_intervals(decode_interval(a.bytes(a_row)), decode_interval(b.bytes(b_row)));
}
std::uint64_t hash_interval(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  const Interval interval = decode_interval(column.bytes(row));
  const std::int64_t whole_days = floor_divide(interval.us, kUsPerDay);
  const std::int64_t days = std::int64_t{interval.months} * 30 + interval.days + whole_days;
  return hash_integer(static_cast<std::uint64_t>(days) * 31 +
                      static_cast<std::uint64_t>(interval.us - whole_days * kUsPerDay));
}

constexpr TypeCodec kInterval[] = {{type_oid::kInterval, input_interval, output_interval,
                                    receive_interval, send_interval, compare_interval,
                                    hash_interval}};

}  // namespace

const std::span<const TypeCodec> kDateTimeCodecs = kCodecs;
const std::span<const TypeCodec> kIntervalCodecs = kInterval;

}  // namespace omen::sql
