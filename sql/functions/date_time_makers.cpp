#include <fmt/format.h>

#include <cmath>

#include "sql/error/sql_error.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"

/// age, make_date and friends: dates put together from fields.
namespace omen::sql {
namespace {

using Where = Surroundings&;

/// The difference by years, months and days, as one counts on a calendar.
Interval calendar_difference(std::int64_t later, std::int64_t earlier) {
  if (is_infinite_timestamp(later) || is_infinite_timestamp(earlier)) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "timestamp out of range");
  }
  if (later < earlier) {
    return negate_interval(calendar_difference(earlier, later));
  }
  const DateTimeFields to = split_timestamp(later);
  const DateTimeFields from = split_timestamp(earlier);
  std::int64_t months = (to.date.year - from.date.year) * 12 + to.date.month - from.date.month;
  int days = to.date.day - from.date.day;
  std::int64_t us = to.time_us - from.time_us;
  if (us < 0) {
    us += kUsPerDay;
    --days;
  }
  if (days < 0) {
    days += days_in_month(from.date.year, from.date.month);
    --months;
  }
  return {.us = us, .days = days, .months = static_cast<std::int32_t>(months)};
}
Interval age_timestamp(TimestampValue later, TimestampValue earlier) {
  return calendar_difference(later.value, earlier.value);
}
Interval age_timestamptz(Where where, TimestamptzValue later, TimestamptzValue earlier) {
  const std::string_view zone = where.context.time_zone;
  return calendar_difference(utc_to_local(later.value, zone), utc_to_local(earlier.value, zone));
}

std::int64_t checked_days(Int4 year, Int4 month, Int4 day) {
  const std::int64_t astronomical = year < 0 ? std::int64_t{year} + 1 : year;
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(astronomical, month)) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date field value out of range: {}-{:02}-{:02}", year, month, day));
  }
  return days_from_civil({astronomical, month, day});
}
DateValue make_date(Int4 year, Int4 month, Int4 day) {
  const std::int64_t days = checked_days(year, month, day);
  constexpr std::int64_t kDaysMin = -2451545;
  constexpr std::int64_t kDaysMax = 2145031948;
  if (days < kDaysMin || days > kDaysMax) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date out of range: {}-{:02}-{:02}", year, month, day));
  }
  return {static_cast<std::int32_t>(days)};
}
std::int64_t checked_time(Int4 hour, Int4 minute, Float8 second) {
  const bool fits = hour >= 0 && minute >= 0 && minute < 60 && second >= 0 && second <= 60 &&
                    (hour < 24 || (hour == 24 && minute == 0 && second == 0));
  if (!fits) {
    throw SqlError(
        sqlstate::kDatetimeFieldOverflow,
        fmt::format("time field value out of range: {}:{:02}:{:02g}", hour, minute, second));
  }
  return (std::int64_t{hour} * 60 + minute) * kUsPerMinute +
         static_cast<std::int64_t>(std::nearbyint(second * 1e6));
}
TimeValue make_time(Int4 hour, Int4 minute, Float8 second) {
  return {checked_time(hour, minute, second)};
}
TimestampValue make_timestamp(Int4 year, Int4 month, Int4 day, Int4 hour, Int4 minute,
                              Float8 second) {
  return {join_timestamp(checked_days(year, month, day), checked_time(hour, minute, second))};
}
TimestamptzValue make_timestamptz(Where where, Int4 year, Int4 month, Int4 day, Int4 hour,
                                  Int4 minute, Float8 second) {
  return {local_to_utc(make_timestamp(year, month, day, hour, minute, second).value,
                       where.context.time_zone)};
}
TimestamptzValue from_unix_seconds(Float8 seconds) {
  if (std::isinf(seconds)) {
    return {seconds > 0 ? kTimestampInfinity : kTimestampMinusInfinity};
  }
  constexpr double kSecondsMax = 9224318016000.0;
  if (std::isnan(seconds)) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "timestamp cannot be NaN");
  }
  if (seconds >= kSecondsMax || seconds < -210866803200.0) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("timestamp out of range: \"{:g}\"", seconds));
  }
  return {static_cast<std::int64_t>(
      std::nearbyint((seconds + static_cast<double>(kUnixEpochSeconds)) * 1e6))};
}

constexpr FunctionRow kRows[] = {
    scalar<age_timestamp>(2058, "age", "date difference preserving months and years"),
    scalar<age_timestamptz>(1199, "age", "date difference preserving months and years"),
    scalar<make_date>(3846, "make_date", "construct date"),
    scalar<make_time>(3847, "make_time", "construct time"),
    scalar<make_timestamp>(3461, "make_timestamp", "construct timestamp"),
    scalar<make_timestamptz>(3462, "make_timestamptz", "construct timestamp with time zone")
        .stable(),
    scalar<from_unix_seconds>(1158, "to_timestamp", "convert UNIX epoch to timestamptz"),
};

}  // namespace

const FunctionTable kDateTimeMakerFunctions = kRows;

}  // namespace omen::sql
