#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"

/// Conversions and arithmetic of dates, times and intervals; see date_time_fields.cpp for the rest.
namespace omen::sql {
namespace {

using Where = Surroundings&;

// ---------------------------------------------------------------- now

TimestamptzValue transaction_time(Where where) {
  return {where.context.transaction_timestamp_us};
}
TimestamptzValue statement_time(Where where) {
  return {where.context.statement_timestamp_us};
}
TimestamptzValue clock_time() {
  const auto since_1970 = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return {since_1970.count() + kUnixEpochSeconds * kUsPerSecond};
}

// ---------------------------------------------------------------- conversions

std::int64_t time_of_day(std::int64_t timestamp) {
  return timestamp - floor_divide(timestamp, kUsPerDay) * kUsPerDay;
}
DateValue to_date(std::int64_t timestamp) {
  if (is_infinite_timestamp(timestamp)) {
    return {timestamp > 0 ? kDateInfinity : kDateMinusInfinity};
  }
  return {static_cast<std::int32_t>(floor_divide(timestamp, kUsPerDay))};
}
TimestampValue date_to_timestamp_cast(DateValue date) {
  return {date_to_timestamp(date.value)};
}
TimestamptzValue date_to_timestamptz(Where where, DateValue date) {
  return {local_to_utc(date_to_timestamp(date.value), where.context.time_zone)};
}
DateValue timestamp_to_date(TimestampValue timestamp) {
  return to_date(timestamp.value);
}
DateValue timestamptz_to_date(Where where, TimestamptzValue timestamp) {
  return to_date(utc_to_local(timestamp.value, where.context.time_zone));
}
std::optional<TimeValue> timestamp_to_time(TimestampValue timestamp) {
  return is_infinite_timestamp(timestamp.value)
             ? std::nullopt
             : std::optional(TimeValue{time_of_day(timestamp.value)});
}
std::optional<TimeValue> timestamptz_to_time(Where where, TimestamptzValue timestamp) {
  return timestamp_to_time({utc_to_local(timestamp.value, where.context.time_zone)});
}
TimestamptzValue timestamp_to_timestamptz(Where where, TimestampValue timestamp) {
  return {local_to_utc(timestamp.value, where.context.time_zone)};
}
TimestampValue timestamptz_to_timestamp(Where where, TimestamptzValue timestamp) {
  return {utc_to_local(timestamp.value, where.context.time_zone)};
}
Interval time_to_interval(TimeValue time) {
  return {.us = time.value};
}
TimeValue interval_to_time(Interval interval) {
  return {time_of_day(interval.us)};
}
template <typename T>
T apply_precision(T value, Int4 precision) {
  return {round_to_precision(value.value, precision)};
}
Interval apply_interval_precision(Interval interval, Int4 modifier) {
  interval.us = round_to_precision(interval.us, modifier < 0 ? -1 : modifier & 0xffff);
  return interval;
}
/// AT TIME ZONE reads a bare offset as POSIX does: +03 is west of UTC.
std::string posix_zone(Text zone) {
  std::string result(zone);
  if (!result.empty() && (result[0] == '+' || result[0] == '-')) {
    result[0] = result[0] == '+' ? '-' : '+';
  }
  return result;
}
/// AT TIME ZONE: local time there to an instant, and back.
TimestamptzValue at_zone(Text zone, TimestampValue local) {
  return {local_to_utc(local.value, posix_zone(zone))};
}
TimestampValue in_zone(Text zone, TimestamptzValue instant) {
  return {utc_to_local(instant.value, posix_zone(zone))};
}
std::int64_t interval_offset(const Interval& zone) {
  if (zone.months != 0 || zone.days != 0) {
    std::string text;
    append_interval(zone, text);
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "interval time zone \"" + text + "\" must not include months or days");
  }
  return zone.us;
}
TimestamptzValue at_offset(Interval zone, TimestampValue local) {
  return is_infinite_timestamp(local.value)
             ? TimestamptzValue{local.value}
             : TimestamptzValue{add_interval(local.value, {.us = -interval_offset(zone)})};
}
TimestampValue in_offset(Interval zone, TimestamptzValue instant) {
  return is_infinite_timestamp(instant.value)
             ? TimestampValue{instant.value}
             : TimestampValue{add_interval(instant.value, {.us = interval_offset(zone)})};
}

// ---------------------------------------------------------------- arithmetic

[[noreturn]] void date_out_of_range() {
  throw SqlError(sqlstate::kDatetimeFieldOverflow, "date out of range");
}
DateValue add_days(DateValue date, Int4 days) {
  if (is_infinite_date(date.value)) {
    return date;
  }
  constexpr std::int64_t kDaysMin = -2451545;
  constexpr std::int64_t kDaysMax = 2145031948;
  const std::int64_t result = std::int64_t{date.value} + days;
  if (result < kDaysMin || result > kDaysMax) {
    date_out_of_range();
  }
  return {static_cast<std::int32_t>(result)};
}
DateValue days_plus(Int4 days, DateValue date) {
  return add_days(date, days);
}
DateValue subtract_days(DateValue date, Int4 days) {
  return is_infinite_date(date.value) ? date
                                      : add_days(add_days(date, -(days / 2)), days / 2 - days);
}
Int4 date_difference(DateValue a, DateValue b) {
  if (is_infinite_date(a.value) || is_infinite_date(b.value)) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "cannot subtract infinite dates");
  }
  return a.value - b.value;
}
TimestampValue timestamp_plus(TimestampValue timestamp, Interval interval) {
  return {add_interval(timestamp.value, interval)};
}
TimestampValue timestamp_minus(TimestampValue timestamp, Interval interval) {
  return {add_interval(timestamp.value, negate_interval(interval))};
}
/// Months and days move the local calendar; time is exact.
TimestamptzValue timestamptz_plus(Where where, TimestamptzValue timestamp, Interval interval) {
  if (interval.months == 0 && interval.days == 0) {
    return {add_interval(timestamp.value, interval)};
  }
  const std::string_view zone = where.context.time_zone;
  const Interval calendar{.us = 0, .days = interval.days, .months = interval.months};
  const std::int64_t moved =
      local_to_utc(add_interval(utc_to_local(timestamp.value, zone), calendar), zone);
  return {add_interval(moved, {.us = interval.us})};
}
TimestamptzValue timestamptz_minus(Where where, TimestamptzValue timestamp, Interval interval) {
  return timestamptz_plus(where, timestamp, negate_interval(interval));
}
TimestampValue date_plus(DateValue date, Interval interval) {
  return {add_interval(date_to_timestamp(date.value), interval)};
}
TimestampValue date_minus(DateValue date, Interval interval) {
  return date_plus(date, negate_interval(interval));
}
TimestampValue date_plus_time(DateValue date, TimeValue time) {
  const std::int64_t midnight = date_to_timestamp(date.value);
  return {is_infinite_timestamp(midnight) ? midnight : midnight + time.value};
}
TimestampValue interval_plus_timestamp(Interval interval, TimestampValue timestamp) {
  return timestamp_plus(timestamp, interval);
}
TimestamptzValue interval_plus_timestamptz(Where where, Interval interval,
                                           TimestamptzValue timestamp) {
  return timestamptz_plus(where, timestamp, interval);
}
TimestampValue interval_plus_date(Interval interval, DateValue date) {
  return date_plus(date, interval);
}
Interval timestamp_difference(std::int64_t a, std::int64_t b) {
  if (is_infinite_timestamp(a) || is_infinite_timestamp(b)) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "cannot subtract infinite timestamps");
  }
  const std::int64_t us = a - b;
  return {.us = us % kUsPerDay, .days = static_cast<std::int32_t>(us / kUsPerDay)};
}
template <typename T>
Interval difference(T a, T b) {
  return timestamp_difference(a.value, b.value);
}
TimeValue time_plus(TimeValue time, Interval interval) {
  return {time_of_day(time.value + interval.us % kUsPerDay)};
}
TimeValue time_minus(TimeValue time, Interval interval) {
  return {time_of_day(time.value - interval.us % kUsPerDay)};
}
Interval time_difference(TimeValue a, TimeValue b) {
  return {.us = a.value - b.value};
}

[[noreturn]] void interval_out_of_range() {
  throw SqlError(sqlstate::kDatetimeFieldOverflow, "interval out of range");
}
Interval add_intervals(Interval a, Interval b) {
  Interval result;
  if (__builtin_add_overflow(a.us, b.us, &result.us) ||
      __builtin_add_overflow(a.days, b.days, &result.days) ||
      __builtin_add_overflow(a.months, b.months, &result.months)) {
    interval_out_of_range();
  }
  return result;
}
Interval subtract_intervals(Interval a, Interval b) {
  return add_intervals(a, negate_interval(b));
}
Interval negate(Interval a) {
  return negate_interval(a);
}
/// Fractions of months become days of which 30 make a month, fractions of days time.
Interval multiply(Interval a, Float8 factor) {
  const double months = a.months * factor;
  const double days = a.days * factor;
  constexpr double kInt32Max = std::numeric_limits<std::int32_t>::max();
  if (!(std::fabs(months) <= kInt32Max) || !(std::fabs(days) <= kInt32Max)) {
    interval_out_of_range();
  }
  const auto to_us = [](double value) { return std::nearbyint(value * 1e6) / 1e6; };
  double month_days = to_us((months - std::trunc(months)) * 30);
  double seconds = to_us((days - std::trunc(days) + month_days - std::trunc(month_days)) * 86400);
  if (std::fabs(seconds) >= 86400) {
    month_days += std::trunc(seconds / 86400);
    seconds -= std::trunc(seconds / 86400) * 86400;
  }
  const double us = std::nearbyint(static_cast<double>(a.us) * factor + seconds * 1e6);
  if (!(std::fabs(us) < 9.2e18)) {
    interval_out_of_range();
  }
  return {.us = static_cast<std::int64_t>(us),
          .days = static_cast<std::int32_t>(std::trunc(days) + std::trunc(month_days)),
          .months = static_cast<std::int32_t>(std::trunc(months))};
}
Interval multiply_reversed(Float8 factor, Interval a) {
  return multiply(a, factor);
}
Interval divide(Interval a, Float8 divisor) {
  if (divisor == 0) {
    division_by_zero();
  }
  return multiply(a, 1 / divisor);
}

bool finite_date(DateValue date) {
  return !is_infinite_date(date.value);
}
template <typename T>
bool finite_timestamp(T timestamp) {
  return !is_infinite_timestamp(timestamp.value);
}

/// Comparisons that depend on the time zone: timestamptz with a local type.
template <typename T>
std::int64_t instant_of(T value, const EvalContext& context) {
  if constexpr (std::is_same_v<T, DateValue>) {
    return local_to_utc(date_to_timestamp(value.value), context.time_zone);
  } else if constexpr (std::is_same_v<T, TimestampValue>) {
    return local_to_utc(value.value, context.time_zone);
  } else {
    return value.value;
  }
}
template <Order kOrder, typename A, typename B>
bool compare_instants(Where where, A a, B b) {
  return compare<kOrder, Int8, Int8>(instant_of(a, where.context), instant_of(b, where.context));
}

constexpr FunctionRow kRows[] = {
    scalar<compare<Equal, Interval, Interval>>(1162, "interval_eq", "implementation of = operator"),
    scalar<compare<NotEqual, Interval, Interval>>(1163, "interval_ne",
                                                  "implementation of <> operator"),
    scalar<compare<Less, Interval, Interval>>(1164, "interval_lt", "implementation of < operator"),
    scalar<compare<LessEqual, Interval, Interval>>(1165, "interval_le",
                                                   "implementation of <= operator"),
    scalar<compare<GreaterEqual, Interval, Interval>>(1166, "interval_ge",
                                                      "implementation of >= operator"),
    scalar<compare<Greater, Interval, Interval>>(1167, "interval_gt",
                                                 "implementation of > operator"),
    scalar<order<Interval, Interval>>(1315, "interval_cmp", "less-equal-greater"),
    scalar<compare<Less, DateValue, TimestampValue>>(2338, "date_lt_timestamp",
                                                     "implementation of < operator"),
    scalar<compare<LessEqual, DateValue, TimestampValue>>(2339, "date_le_timestamp",
                                                          "implementation of <= operator"),
    scalar<compare<Equal, DateValue, TimestampValue>>(2340, "date_eq_timestamp",
                                                      "implementation of = operator"),
    scalar<compare<Greater, DateValue, TimestampValue>>(2341, "date_gt_timestamp",
                                                        "implementation of > operator"),
    scalar<compare<GreaterEqual, DateValue, TimestampValue>>(2342, "date_ge_timestamp",
                                                             "implementation of >= operator"),
    scalar<compare<NotEqual, DateValue, TimestampValue>>(2343, "date_ne_timestamp",
                                                         "implementation of <> operator"),
    scalar<order<DateValue, TimestampValue>>(2344, "date_cmp_timestamp", "less-equal-greater"),
    scalar<compare<Less, TimestampValue, DateValue>>(2364, "timestamp_lt_date",
                                                     "implementation of < operator"),
    scalar<compare<LessEqual, TimestampValue, DateValue>>(2365, "timestamp_le_date",
                                                          "implementation of <= operator"),
    scalar<compare<Equal, TimestampValue, DateValue>>(2366, "timestamp_eq_date",
                                                      "implementation of = operator"),
    scalar<compare<Greater, TimestampValue, DateValue>>(2367, "timestamp_gt_date",
                                                        "implementation of > operator"),
    scalar<compare<GreaterEqual, TimestampValue, DateValue>>(2368, "timestamp_ge_date",
                                                             "implementation of >= operator"),
    scalar<compare<NotEqual, TimestampValue, DateValue>>(2369, "timestamp_ne_date",
                                                         "implementation of <> operator"),
    scalar<order<TimestampValue, DateValue>>(2370, "timestamp_cmp_date", "less-equal-greater"),
    scalar<compare_instants<Less, DateValue, TimestamptzValue>>(2351, "date_lt_timestamptz",
                                                                "implementation of < operator")
        .stable(),
    scalar<compare_instants<LessEqual, DateValue, TimestamptzValue>>(
        2352, "date_le_timestamptz", "implementation of <= operator")
        .stable(),
    scalar<compare_instants<Equal, DateValue, TimestamptzValue>>(2353, "date_eq_timestamptz",
                                                                 "implementation of = operator")
        .stable(),
    scalar<compare_instants<Greater, DateValue, TimestamptzValue>>(2354, "date_gt_timestamptz",
                                                                   "implementation of > operator")
        .stable(),
    scalar<compare_instants<GreaterEqual, DateValue, TimestamptzValue>>(
        2355, "date_ge_timestamptz", "implementation of >= operator")
        .stable(),
    scalar<compare_instants<NotEqual, DateValue, TimestamptzValue>>(2356, "date_ne_timestamptz",
                                                                    "implementation of <> operator")
        .stable(),
    scalar<compare_instants<Less, TimestamptzValue, DateValue>>(2377, "timestamptz_lt_date",
                                                                "implementation of < operator")
        .stable(),
    scalar<compare_instants<LessEqual, TimestamptzValue, DateValue>>(
        2378, "timestamptz_le_date", "implementation of <= operator")
        .stable(),
    scalar<compare_instants<Equal, TimestamptzValue, DateValue>>(2379, "timestamptz_eq_date",
                                                                 "implementation of = operator")
        .stable(),
    scalar<compare_instants<Greater, TimestamptzValue, DateValue>>(2380, "timestamptz_gt_date",
                                                                   "implementation of > operator")
        .stable(),
    scalar<compare_instants<GreaterEqual, TimestamptzValue, DateValue>>(
        2381, "timestamptz_ge_date", "implementation of >= operator")
        .stable(),
    scalar<compare_instants<NotEqual, TimestamptzValue, DateValue>>(2382, "timestamptz_ne_date",
                                                                    "implementation of <> operator")
        .stable(),
    scalar<compare_instants<Less, TimestampValue, TimestamptzValue>>(
        2520, "timestamp_lt_timestamptz", "implementation of < operator")
        .stable(),
    scalar<compare_instants<LessEqual, TimestampValue, TimestamptzValue>>(
        2521, "timestamp_le_timestamptz", "implementation of <= operator")
        .stable(),
    scalar<compare_instants<Equal, TimestampValue, TimestamptzValue>>(
        2522, "timestamp_eq_timestamptz", "implementation of = operator")
        .stable(),
    scalar<compare_instants<Greater, TimestampValue, TimestamptzValue>>(
        2523, "timestamp_gt_timestamptz", "implementation of > operator")
        .stable(),
    scalar<compare_instants<GreaterEqual, TimestampValue, TimestamptzValue>>(
        2524, "timestamp_ge_timestamptz", "implementation of >= operator")
        .stable(),
    scalar<compare_instants<NotEqual, TimestampValue, TimestamptzValue>>(
        2525, "timestamp_ne_timestamptz", "implementation of <> operator")
        .stable(),
    scalar<compare_instants<Less, TimestamptzValue, TimestampValue>>(
        2527, "timestamptz_lt_timestamp", "implementation of < operator")
        .stable(),
    scalar<compare_instants<LessEqual, TimestamptzValue, TimestampValue>>(
        2528, "timestamptz_le_timestamp", "implementation of <= operator")
        .stable(),
    scalar<compare_instants<Equal, TimestamptzValue, TimestampValue>>(
        2529, "timestamptz_eq_timestamp", "implementation of = operator")
        .stable(),
    scalar<compare_instants<Greater, TimestamptzValue, TimestampValue>>(
        2530, "timestamptz_gt_timestamp", "implementation of > operator")
        .stable(),
    scalar<compare_instants<GreaterEqual, TimestamptzValue, TimestampValue>>(
        2531, "timestamptz_ge_timestamp", "implementation of >= operator")
        .stable(),
    scalar<compare_instants<NotEqual, TimestamptzValue, TimestampValue>>(
        2532, "timestamptz_ne_timestamp", "implementation of <> operator")
        .stable(),
    scalar<transaction_time>(1299, "now", "current transaction time").stable(),
    scalar<transaction_time>(2647, "transaction_timestamp", "current transaction time").stable(),
    scalar<statement_time>(2648, "statement_timestamp", "current statement time").stable(),
    scalar<clock_time>(2649, "clock_timestamp", "current clock time").changing(),
    scalar<date_to_timestamp_cast>(2024, "timestamp", "convert date to timestamp"),
    scalar<date_to_timestamptz>(1174, "timestamptz", "convert date to timestamp with time zone")
        .stable(),
    scalar<timestamp_to_date>(2029, "date", "convert timestamp to date"),
    scalar<timestamptz_to_date>(1178, "date", "convert timestamp with time zone to date").stable(),
    scalar<timestamp_to_time>(1316, "time", "convert timestamp to time"),
    scalar<timestamptz_to_time>(2019, "time", "convert timestamp with time zone to time").stable(),
    scalar<timestamp_to_timestamptz>(2028, "timestamptz",
                                     "convert timestamp to timestamp with time zone")
        .stable(),
    scalar<timestamptz_to_timestamp>(2027, "timestamp",
                                     "convert timestamp with time zone to timestamp")
        .stable(),
    scalar<time_to_interval>(1370, "interval", "convert time to interval"),
    scalar<interval_to_time>(1419, "time", "convert interval to time"),
    scalar<apply_precision<TimeValue>>(1968, "time", "adjust time precision"),
    scalar<apply_precision<TimestampValue>>(1961, "timestamp", "adjust timestamp precision"),
    scalar<apply_precision<TimestamptzValue>>(1967, "timestamptz", "adjust timestamptz precision"),
    scalar<apply_interval_precision>(1200, "interval", "adjust interval precision"),
    scalar<at_zone>(2069, "timezone", "adjust timestamp to new time zone"),
    scalar<in_zone>(1159, "timezone", "adjust timestamp to new time zone"),
    scalar<at_offset>(2070, "timezone", "adjust timestamp to new time zone"),
    scalar<in_offset>(1026, "timezone", "adjust timestamp to new time zone"),
    scalar<add_days>(1141, "date_pli", "implementation of + operator"),
    scalar<days_plus>(2550, "integer_pl_date", "implementation of + operator"),
    scalar<subtract_days>(1142, "date_mii", "implementation of - operator"),
    scalar<date_difference>(1140, "date_mi", "implementation of - operator"),
    scalar<timestamp_plus>(2032, "timestamp_pl_interval", "implementation of + operator"),
    scalar<timestamp_minus>(2033, "timestamp_mi_interval", "implementation of - operator"),
    scalar<timestamptz_plus>(1189, "timestamptz_pl_interval", "implementation of + operator")
        .stable(),
    scalar<timestamptz_minus>(1190, "timestamptz_mi_interval", "implementation of - operator")
        .stable(),
    scalar<date_plus>(2071, "date_pl_interval", "implementation of + operator"),
    scalar<date_minus>(2072, "date_mi_interval", "implementation of - operator"),
    scalar<date_plus_time>(1272, "datetime_pl", "implementation of + operator"),
    scalar<interval_plus_timestamp>(2548, "interval_pl_timestamp", "implementation of + operator"),
    scalar<interval_plus_timestamptz>(2549, "interval_pl_timestamptz",
                                      "implementation of + operator")
        .stable(),
    scalar<interval_plus_date>(2546, "interval_pl_date", "implementation of + operator"),
    scalar<difference<TimestampValue>>(2031, "timestamp_mi", "implementation of - operator"),
    scalar<difference<TimestamptzValue>>(1188, "timestamptz_mi", "implementation of - operator"),
    scalar<time_plus>(1747, "time_pl_interval", "implementation of + operator"),
    scalar<time_minus>(1748, "time_mi_interval", "implementation of - operator"),
    scalar<time_difference>(1690, "time_mi_time", "implementation of - operator"),
    scalar<add_intervals>(1169, "interval_pl", "implementation of + operator"),
    scalar<subtract_intervals>(1170, "interval_mi", "implementation of - operator"),
    scalar<negate>(1168, "interval_um", "implementation of - operator"),
    scalar<multiply>(1618, "interval_mul", "implementation of * operator"),
    scalar<multiply_reversed>(1624, "mul_d_interval", "implementation of * operator"),
    scalar<divide>(1326, "interval_div", "implementation of / operator"),
    scalar<finite_date>(1373, "isfinite", "finite date?"),
    scalar<finite_timestamp<TimestampValue>>(2048, "isfinite", "finite timestamp?"),
    scalar<finite_timestamp<TimestamptzValue>>(1389, "isfinite", "finite timestamp?"),
};

}  // namespace

const FunctionTable kDateTimeFunctions = kRows;

}  // namespace omen::sql
