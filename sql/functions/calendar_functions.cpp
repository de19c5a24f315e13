#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"

/// Intervals put in order, summed and averaged; OVERLAPS and date_bin.
namespace omen::sql {
namespace {

[[noreturn]] void interval_out_of_range() {
  throw SqlError(sqlstate::kDatetimeFieldOverflow, "interval out of range");
}
Interval checked_interval(Int8 months, Int8 days, Int8 us) {
  if (months != static_cast<Int4>(months) || days != static_cast<Int4>(days)) {
    interval_out_of_range();
  }
  return {us, static_cast<Int4>(days), static_cast<Int4>(months)};
}

// ---------------------------------------------------------------- justify

/// Moves whole `step`s of `low` up to `high` and gives both one sign.
void carry(Int8& high, Int8& low, Int8 step) {
  high += low / step;
  low %= step;
  if (high > 0 && low < 0) {
    low += step;
    --high;
  } else if (high < 0 && low > 0) {
    low -= step;
    ++high;
  }
}
Interval justify_hours(Interval interval) {
  Int8 days = interval.days;
  Int8 us = interval.us;
  carry(days, us, kUsPerDay);
  return checked_interval(interval.months, days, us);
}
Interval justify_days(Interval interval) {
  Int8 months = interval.months;
  Int8 days = interval.days;
  carry(months, days, 30);
  return checked_interval(months, days, interval.us);
}
Interval justify_interval(Interval interval) {
  Int8 days = interval.days + interval.us / kUsPerDay;
  Int8 us = interval.us % kUsPerDay;
  Int8 months = interval.months + days / 30;
  days %= 30;
  if (months > 0 && (days < 0 || (days == 0 && us < 0))) {
    days += 30;
    --months;
  } else if (months < 0 && (days > 0 || (days == 0 && us > 0))) {
    days -= 30;
    ++months;
  }
  if (days > 0 && us < 0) {
    us += kUsPerDay;
    --days;
  } else if (days < 0 && us > 0) {
    us -= kUsPerDay;
    ++days;
  }
  return checked_interval(months, days, us);
}
bool is_finite(Interval /*interval*/) {
  return true;
}

// ---------------------------------------------------------------- make_interval

/// Years, months, weeks, days, hours, minutes, seconds; what is left out is 0.
void make_interval(const FunctionCall& call, engine::ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    Int8 parts[6] = {};
    for (std::size_t i = 0; i < std::min<std::size_t>(6, call.arguments.size()); ++i) {
      const engine::ColumnVector& column = *call.arguments[i];
      parts[i] = column.values<Int4>()[column.index(row)];
    }
    double seconds = 0;
    if (call.arguments.size() > 6) {
      const engine::ColumnVector& column = *call.arguments[6];
      seconds = column.values<Float8>()[column.index(row)];
    }
    const double second_us = std::nearbyint(seconds * 1e6);
    constexpr double kSecondUsMax = 9e18;
    Int8 us = 0;
    if (!(std::fabs(second_us) < kSecondUsMax) ||
        __builtin_add_overflow(parts[4] * kUsPerHour + parts[5] * kUsPerMinute,
                               static_cast<Int8>(second_us), &us)) {
      interval_out_of_range();
    }
    out.set_bytes(row, encode_interval(checked_interval(parts[0] * 12 + parts[1],
                                                        parts[2] * 7 + parts[3], us)));
  });
}

// ---------------------------------------------------------------- date_bin

Int8 bin(Interval stride, Int8 timestamp, Int8 origin) {
  if (is_infinite_timestamp(timestamp)) {
    return timestamp;
  }
  if (is_infinite_timestamp(origin)) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "origin out of range");
  }
  if (stride.months != 0) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   "timestamps cannot be binned into intervals containing months or years");
  }
  Int8 step = 0;
  if (__builtin_mul_overflow(Int8{stride.days}, kUsPerDay, &step) ||
      __builtin_add_overflow(step, stride.us, &step)) {
    interval_out_of_range();
  }
  if (step <= 0) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "stride must be greater than zero");
  }
  Int8 distance = 0;
  if (__builtin_sub_overflow(timestamp, origin, &distance)) {
    interval_out_of_range();
  }
  return add_interval(origin, {.us = floor_divide(distance, step) * step});
}
TimestampValue bin_timestamp(Interval stride, TimestampValue timestamp, TimestampValue origin) {
  return {bin(stride, timestamp.value, origin.value)};
}
TimestamptzValue bin_timestamptz(Interval stride, TimestamptzValue timestamp,
                                 TimestamptzValue origin) {
  return {bin(stride, timestamp.value, origin.value)};
}

// ---------------------------------------------------------------- overlaps

using Instant = std::optional<Int8>;

/// The period between two instants, in order; an unknown end is second.
struct Period {
  Instant start, end;
  Period(Instant a, Instant b) : start(a), end(b) {
    if (!start || (end && *start > *end)) {
      std::swap(start, end);
    }
  }
};
/// Whether two half-open periods (an empty one is an instant) share a time; nullopt: unknown.
std::optional<bool> overlap(Period a, Period b) {
  if (!a.start || !b.start) {
    return std::nullopt;
  }
  if (*a.start < *b.start) {
    std::swap(a, b);
  }
  if (*a.start == *b.start) {
    return a.end && b.end ? std::optional(true) : std::nullopt;
  }
  if (!b.end) {
    return std::nullopt;
  }
  if (*a.start < *b.end) {
    return true;
  }
  return a.end ? std::optional(false) : std::nullopt;
}

/// Moves an instant by an interval as the type does.
Int8 moved(Oid type, Int8 value, const Interval& interval, const EvalContext& context) {
  if (type == type_oid::kTime) {
    const Int8 sum = value + interval.us % kUsPerDay;
    return sum - floor_divide(sum, kUsPerDay) * kUsPerDay;
  }
  if (type == type_oid::kTimestamptz) {
    return local_to_utc(add_interval(utc_to_local(value, context.time_zone), interval),
                        context.time_zone);
  }
  return add_interval(value, interval);
}
/// Arguments: start and end (or length) of two periods.
void overlaps(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  const auto instant = [&](std::size_t argument, std::size_t row) -> Instant {
    const engine::ColumnVector& column = *call.arguments[argument];
    if (column.is_null(row)) {
      return std::nullopt;
    }
    const Oid type = call.argument_types[argument].oid;
    if (type != type_oid::kInterval) {
      return column.values<Int8>()[column.index(row)];
    }
    const engine::ColumnVector& start = *call.arguments[argument - 1];
    if (start.is_null(row)) {
      return std::nullopt;
    }
    return moved(call.argument_types[argument - 1].oid, start.values<Int8>()[start.index(row)],
                 decode_interval(column.bytes(row)), call.context);
  };
  for (std::size_t row = 0; row < count; ++row) {
    const auto result =
        overlap({instant(0, row), instant(1, row)}, {instant(2, row), instant(3, row)});
    if (result) {
      out.values<std::uint8_t>()[row] = *result ? 1 : 0;
    } else {
      out.set_null(row);
    }
  }
}

constexpr Oid kTs = type_oid::kTimestamp, kTz = type_oid::kTimestamptz, kTime = type_oid::kTime,
              kIv = type_oid::kInterval;
constexpr FunctionRow overlaps_row(Oid oid, Oid a, Oid b, Oid c, Oid d) {
  return vectorised(oid, "overlaps", {a, b, c, d}, type_oid::kBool, overlaps, "intervals overlap?")
      .non_strict();
}

constexpr FunctionRow kRows[] = {
    scalar<justify_hours>(1175, "justify_hours", "promote groups of 24 hours to numbers of days"),
    scalar<justify_days>(1295, "justify_days", "promote groups of 30 days to numbers of months"),
    scalar<justify_interval>(2711, "justify_interval",
                             "promote groups of 24 hours to numbers of days and promote groups of "
                             "30 days to numbers of months"),
    scalar<is_finite>(1390, "isfinite", "finite interval?"),
    vectorised(3464, "make_interval", {23, 23, 23, 23, 23, 23, 701}, kIv, make_interval,
               "construct interval")
        .defaults(7),
    scalar<bin_timestamp>(6177, "date_bin", "bin timestamp into specified interval"),
    scalar<bin_timestamptz>(6178, "date_bin",
                            "bin timestamp with time zone into specified interval"),
    overlaps_row(1304, kTz, kTz, kTz, kTz),
    overlaps_row(1305, kTz, kIv, kTz, kIv).stable(),
    overlaps_row(1306, kTz, kTz, kTz, kIv).stable(),
    overlaps_row(1307, kTz, kIv, kTz, kTz).stable(),
    overlaps_row(1308, kTime, kTime, kTime, kTime),
    overlaps_row(1309, kTime, kIv, kTime, kIv),
    overlaps_row(1310, kTime, kTime, kTime, kIv),
    overlaps_row(1311, kTime, kIv, kTime, kTime),
    overlaps_row(2041, kTs, kTs, kTs, kTs),
    overlaps_row(2042, kTs, kIv, kTs, kIv),
    overlaps_row(2043, kTs, kTs, kTs, kIv),
    overlaps_row(2044, kTs, kIv, kTs, kTs),
};

// ---------------------------------------------------------------- sum and avg

struct IntervalSum {
  Int8 rows = 0;
  Int8 months = 0, days = 0, us = 0;
  void add(const Interval& value) {
    ++rows;
    months += value.months;
    days += value.days;
    if (__builtin_add_overflow(us, value.us, &us)) {
      interval_out_of_range();
    }
  }
  [[nodiscard]] std::optional<Interval> finish() const {
    return rows == 0 ? std::nullopt : std::optional(checked_interval(months, days, us));
  }
};
/// Divides by the count; what is left of months becomes days, of days time.
struct IntervalAverage : IntervalSum {
  [[nodiscard]] std::optional<Interval> finish() const {
    if (rows == 0) {
      return std::nullopt;
    }
    const Interval sum = checked_interval(months, days, us);
    const Int8 month_days = (sum.months % rows) * 30;
    const double left_days =
        static_cast<double>(month_days % rows + sum.days % rows) / static_cast<double>(rows);
    const double whole_left = std::trunc(left_days);
    const double left_us = (left_days - whole_left) * static_cast<double>(kUsPerDay);
    const double average_us = static_cast<double>(sum.us) / static_cast<double>(rows) + left_us;
    return checked_interval(sum.months / rows,
                            sum.days / rows + month_days / rows + static_cast<Int8>(whole_left),
                            static_cast<Int8>(std::nearbyint(average_us)));
  }
};

constexpr AggregateRow kAggregates[] = {
    aggregate<IntervalSum, Interval>(2113, "sum", "sum as interval"),
    aggregate<IntervalAverage, Interval>(
        2106, "avg",
        "the average (arithmetic mean) as interval of all interval "
        "values"),
};

}  // namespace

const FunctionTable kCalendarFunctions = kRows;
const AggregateTable kCalendarAggregates = kAggregates;

}  // namespace omen::sql
