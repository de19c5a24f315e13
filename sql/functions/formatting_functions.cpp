#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/date_time_format.h"
#include "sql/functions/date_time_reading.h"
#include "sql/functions/date_time_to_char.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/number_format.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/registry.h"

/// to_char, to_date and to_timestamp.
namespace omen::sql {
namespace {

using Where = Surroundings&;
using Written = std::optional<std::string>;

CharTime char_time(std::int64_t local_us) {
  const DateTimeFields fields = split_timestamp(local_us);
  return {.date = fields.date,
          .days = floor_divide(local_us, kUsPerDay),
          .time_us = fields.time_us,
          .zone = {}};
}
Written timestamp_to_char(TimestampValue timestamp, Text format) {
  if (format.empty() || is_infinite_timestamp(timestamp.value)) {
    return std::nullopt;
  }
  return write_date_format(char_time(timestamp.value), format);
}
Written timestamptz_to_char(Where where, TimestamptzValue timestamp, Text format) {
  if (format.empty() || is_infinite_timestamp(timestamp.value)) {
    return std::nullopt;
  }
  const std::string_view zone = where.context.time_zone;
  CharTime time = char_time(utc_to_local(timestamp.value, zone));
  time.zone = zone_abbreviation(zone, timestamp.value);
  time.offset_s = zone_offset_at_utc(zone, timestamp.value);
  return write_date_format(time, format);
}
Written interval_to_char(Interval interval, Text format) {
  if (format.empty()) {
    return std::nullopt;
  }
  for (const DateFormatPart& part : parse_date_format(format)) {
    switch (part.field) {
      case DateField::MonthName:
      case DateField::MonthShort:
      case DateField::DayName:
      case DateField::DayShort:
      case DateField::DayOfWeek:
      case DateField::IsoDayOfWeek:
      case DateField::Zone:
      case DateField::ZoneHour:
      case DateField::ZoneMinute:
      case DateField::ZoneOffset:
      case DateField::Era:
        throw SqlError(sqlstate::kInvalidDatetimeFormat,
                       "invalid format specification for an interval value")
            .hint("Intervals are not tied to specific calendar dates.");
      default:
        break;
    }
  }
  const CharTime time{.date = {interval.months / 12, interval.months % 12, interval.days},
                      .days = interval.days,
                      .time_us = interval.us,
                      .zone = {},
                      .offset_s = 0,
                      .is_interval = true};
  return write_date_format(time, format);
}

DateValue to_date(Text text, Text format) {
  const std::int64_t days = read_date_format(text, format).days(text);
  constexpr std::int64_t kDaysMin = -2451545;
  constexpr std::int64_t kDaysMax = 2145031948;
  if (days < kDaysMin || days > kDaysMax) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date out of range: \"{}\"", text));
  }
  return {static_cast<std::int32_t>(days)};
}
TimestamptzValue to_timestamp(Where where, Text text, Text format) {
  const ReadTime read = read_date_format(text, format);
  const std::int64_t local = join_timestamp(read.days(text), read.time_us(text));
  if (read.zone_s) {
    return {add_interval(local, {.us = -*read.zone_s * kUsPerSecond})};
  }
  return {local_to_utc(local, where.context.time_zone)};
}

// ---------------------------------------------------------------- numbers

std::string numeric_to_char(const Numeric& value, Text format) {
  return write_number_format(value, format);
}
std::string int4_to_char(Int4 value, Text format) {
  return write_number_format(Numeric(BigInteger(value)), format);
}
std::string int8_to_char(Int8 value, Text format) {
  return write_number_format(Numeric(BigInteger(value)), format);
}
std::string float8_to_char(Float8 value, Text format) {
  return write_number_format(numeric_from_float8(value), format);
}
std::string float4_to_char(Float4 value, Text format) {
  constexpr int kFloat4Digits = 6;
  return write_number_format(numeric_from_float8(static_cast<Float8>(value), kFloat4Digits),
                             format);
}

constexpr FunctionRow kRows[] = {
    scalar<interval_to_char>(1768, "to_char", "format interval to text").stable(),
    scalar<timestamptz_to_char>(1770, "to_char", "format timestamp with time zone to text")
        .stable(),
    scalar<timestamp_to_char>(2049, "to_char", "format timestamp to text").stable(),
    scalar<numeric_to_char>(1772, "to_char", "format numeric to text").stable(),
    scalar<int4_to_char>(1773, "to_char", "format int4 to text").stable(),
    scalar<int8_to_char>(1774, "to_char", "format int8 to text").stable(),
    scalar<float4_to_char>(1775, "to_char", "format float4 to text").stable(),
    scalar<float8_to_char>(1776, "to_char", "format float8 to text").stable(),
    scalar<to_date>(1780, "to_date", "convert text to date").stable(),
    scalar<to_timestamp>(1778, "to_timestamp", "convert text to timestamp with time zone").stable(),
};

}  // namespace

const FunctionTable kFormattingFunctions = kRows;

}  // namespace omen::sql
