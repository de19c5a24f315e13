#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/registry.h"
#include "sql/types/text.h"

/// date_trunc, extract and date_part: dates by their fields.
namespace omen::sql {
namespace {

using Where = Surroundings&;

enum class Unit {
  Microsecond,
  Millisecond,
  Second,
  Minute,
  Hour,
  Day,
  Week,
  Month,
  Quarter,
  Year,
  Decade,
  Century,
  Millennium,
  DayOfWeek,
  IsoDayOfWeek,
  DayOfYear,
  IsoYear,
  Julian,
  Epoch,
  Zone,
  ZoneHour,
  ZoneMinute
};
struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr UnitName kUnits[] = {
    {"microsecond", Unit::Microsecond},
    {"microseconds", Unit::Microsecond},
    {"us", Unit::Microsecond},
    {"millisecond", Unit::Millisecond},
    {"milliseconds", Unit::Millisecond},
    {"ms", Unit::Millisecond},
    {"second", Unit::Second},
    {"seconds", Unit::Second},
    {"sec", Unit::Second},
    {"minute", Unit::Minute},
    {"minutes", Unit::Minute},
    {"min", Unit::Minute},
    {"hour", Unit::Hour},
    {"hours", Unit::Hour},
    {"day", Unit::Day},
    {"days", Unit::Day},
    {"week", Unit::Week},
    {"weeks", Unit::Week},
    {"month", Unit::Month},
    {"months", Unit::Month},
    {"mon", Unit::Month},
    {"quarter", Unit::Quarter},
    {"year", Unit::Year},
    {"years", Unit::Year},
    {"decade", Unit::Decade},
    {"decades", Unit::Decade},
    {"century", Unit::Century},
    {"centuries", Unit::Century},
    {"millennium", Unit::Millennium},
    {"millenniums", Unit::Millennium},
    {"dow", Unit::DayOfWeek},
    {"isodow", Unit::IsoDayOfWeek},
    {"doy", Unit::DayOfYear},
    {"isoyear", Unit::IsoYear},
    {"julian", Unit::Julian},
    {"epoch", Unit::Epoch},
    {"timezone", Unit::Zone},
    {"timezone_hour", Unit::ZoneHour},
    {"timezone_minute", Unit::ZoneMinute},
};

Unit find_unit(Text name, std::string_view type_name) {
  const std::string lower = ascii_lower(name);
  for (const UnitName& unit : kUnits) {
    if (unit.name == lower) {
      return unit.unit;
    }
  }
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("unit \"{}\" not recognized for type {}", lower, type_name));
}
[[noreturn]] void unsupported_unit(Text name, std::string_view type_name) {
  throw SqlError(
      sqlstate::kFeatureNotSupported,
      fmt::format("unit \"{}\" not supported for type {}", ascii_lower(name), type_name));
}

constexpr std::string_view kTimestampName = "timestamp without time zone";
constexpr std::string_view kTimestamptzName = "timestamp with time zone";

/// 0 is Monday.
int iso_weekday(std::int64_t days) {
  return static_cast<int>(((days + 5) % 7 + 7) % 7);
}

struct IsoWeek {
  std::int64_t year = 0;
  int week = 0;
};
/// The week of the year that holds its Thursday.
IsoWeek iso_week(std::int64_t days) {
  const std::int64_t thursday = days - iso_weekday(days) + 3;
  const std::int64_t year = civil_from_days(thursday).year;
  return {year, static_cast<int>((thursday - days_from_civil({year, 1, 1})) / 7) + 1};
}

/// Years round down to a multiple, counted so that 2001 starts a century.
std::int64_t first_year(std::int64_t year, std::int64_t span) {
  return span == 10 ? floor_divide(year, 10) * 10 : floor_divide(year - 1, span) * span + 1;
}

std::int64_t truncate_local(Unit unit, Text name, std::int64_t timestamp,
                            std::string_view type_name) {
  if (is_infinite_timestamp(timestamp)) {
    return timestamp;
  }
  const auto step = [timestamp](std::int64_t us) { return floor_divide(timestamp, us) * us; };
  const std::int64_t days = floor_divide(timestamp, kUsPerDay);
  const Civil civil = civil_from_days(days);
  const auto date = [](std::int64_t year, int month) {
    return join_timestamp(days_from_civil({year, month, 1}), 0);
  };
  switch (unit) {
    case Unit::Microsecond:
      return timestamp;
    case Unit::Millisecond:
      return step(1000);
    case Unit::Second:
      return step(kUsPerSecond);
    case Unit::Minute:
      return step(kUsPerMinute);
    case Unit::Hour:
      return step(kUsPerHour);
    case Unit::Day:
      return step(kUsPerDay);
    case Unit::Week:
      return join_timestamp(days - iso_weekday(days), 0);
    case Unit::Month:
      return date(civil.year, civil.month);
    case Unit::Quarter:
      return date(civil.year, (civil.month - 1) / 3 * 3 + 1);
    case Unit::Year:
      return date(civil.year, 1);
    case Unit::Decade:
      return date(first_year(civil.year, 10), 1);
    case Unit::Century:
      return date(first_year(civil.year, 100), 1);
    case Unit::Millennium:
      return date(first_year(civil.year, 1000), 1);
    default:
      unsupported_unit(name, type_name);
  }
}

TimestampValue truncate_timestamp(Text unit, TimestampValue timestamp) {
  return {truncate_local(find_unit(unit, kTimestampName), unit, timestamp.value, kTimestampName)};
}
TimestamptzValue truncate_in_zone(Text unit, TimestamptzValue timestamp, Text zone) {
  const Unit found = find_unit(unit, kTimestamptzName);
  if (found <= Unit::Minute) {
    return {truncate_local(found, unit, timestamp.value, kTimestamptzName)};
  }
  return {local_to_utc(
      truncate_local(found, unit, utc_to_local(timestamp.value, zone), kTimestamptzName), zone)};
}
TimestamptzValue truncate_timestamptz(Where where, Text unit, TimestamptzValue timestamp) {
  return truncate_in_zone(unit, timestamp, where.context.time_zone);
}
Interval truncate_interval(Text unit, Interval interval) {
  const auto months = [&interval](int span) {
    return Interval{.us = 0, .days = 0, .months = interval.months / span * span};
  };
  const auto time = [&interval](std::int64_t span) {
    Interval result = interval;
    result.us = interval.us / span * span;
    return result;
  };
  switch (find_unit(unit, "interval")) {
    case Unit::Microsecond:
      return interval;
    case Unit::Millisecond:
      return time(1000);
    case Unit::Second:
      return time(kUsPerSecond);
    case Unit::Minute:
      return time(kUsPerMinute);
    case Unit::Hour:
      return time(kUsPerHour);
    case Unit::Day:
      return {.us = 0, .days = interval.days, .months = interval.months};
    case Unit::Month:
      return months(1);
    case Unit::Quarter:
      return months(3);
    case Unit::Year:
      return months(12);
    case Unit::Decade:
      return months(120);
    case Unit::Century:
      return months(1200);
    case Unit::Millennium:
      return months(12000);
    default:
      unsupported_unit(unit, "interval");
  }
}

// ---------------------------------------------------------------- extract

Numeric whole(std::int64_t value) {
  return Numeric(BigInteger(value));
}
Numeric decimal(std::int64_t value, int scale) {
  return Numeric(BigInteger(value), scale);
}

std::optional<Numeric> infinite_field(Unit unit, bool positive) {
  switch (unit) {
    case Unit::Year:
    case Unit::Decade:
    case Unit::Century:
    case Unit::Millennium:
    case Unit::IsoYear:
    case Unit::Julian:
    case Unit::Epoch:
      return Numeric(positive ? Numeric::Kind::Infinity : Numeric::Kind::NegativeInfinity);
    default:
      return std::nullopt;
  }
}

/// A field of the time of day; nullopt if the unit is not one.
std::optional<Numeric> time_field(Unit unit, std::int64_t us) {
  switch (unit) {
    case Unit::Microsecond:
      return whole(us % kUsPerMinute);
    case Unit::Millisecond:
      return decimal(us % kUsPerMinute, 3);
    case Unit::Second:
      return decimal(us % kUsPerMinute, 6);
    case Unit::Minute:
      return whole(us / kUsPerMinute % 60);
    case Unit::Hour:
      return whole(us / kUsPerHour);
    default:
      return std::nullopt;
  }
}

/// A field of the calendar; nullopt if the unit is not one.
std::optional<Numeric> date_field(Unit unit, std::int64_t days) {
  const Civil civil = civil_from_days(days);
  const std::int64_t shown_year = civil.year > 0 ? civil.year : civil.year - 1;
  const auto span_of = [&](std::int64_t span) {
    return civil.year > 0 ? (civil.year + span - 1) / span : -((span - 1 - shown_year) / span);
  };
  switch (unit) {
    case Unit::Day:
      return whole(civil.day);
    case Unit::Month:
      return whole(civil.month);
    case Unit::Quarter:
      return whole((civil.month - 1) / 3 + 1);
    case Unit::Week:
      return whole(iso_week(days).week);
    case Unit::Year:
      return whole(shown_year);
    case Unit::Decade:
      return whole(floor_divide(civil.year, 10));
    case Unit::Century:
      return whole(span_of(100));
    case Unit::Millennium:
      return whole(span_of(1000));
    case Unit::IsoYear: {
      const std::int64_t year = iso_week(days).year;
      return whole(year > 0 ? year : year - 1);
    }
    case Unit::DayOfWeek:
      return whole((iso_weekday(days) + 1) % 7);
    case Unit::IsoDayOfWeek:
      return whole(iso_weekday(days) + 1);
    case Unit::DayOfYear:
      return whole(days - days_from_civil({civil.year, 1, 1}) + 1);
    default:
      return std::nullopt;
  }
}

constexpr std::int64_t kJulianOf2000 = 2451545;

std::optional<Numeric> timestamp_field(Unit unit, Text name, std::int64_t timestamp,
                                       std::string_view type_name) {
  if (is_infinite_timestamp(timestamp)) {
    return infinite_field(unit, timestamp > 0);
  }
  const std::int64_t days = floor_divide(timestamp, kUsPerDay);
  const std::int64_t us = timestamp - days * kUsPerDay;
  if (const std::optional<Numeric> field = time_field(unit, us)) {
    return field;
  }
  if (const std::optional<Numeric> field = date_field(unit, days)) {
    return field;
  }
  if (unit == Unit::Epoch) {
    return decimal(timestamp - kUnixEpochSeconds * kUsPerSecond, 6);
  }
  if (unit == Unit::Julian) {
    return add(whole(days + kJulianOf2000), divide(whole(us), whole(kUsPerDay)));
  }
  unsupported_unit(name, type_name);
}

std::optional<Numeric> extract_timestamp(Text unit, TimestampValue timestamp) {
  return timestamp_field(find_unit(unit, kTimestampName), unit, timestamp.value, kTimestampName);
}
std::optional<Numeric> extract_timestamptz(Where where, Text unit, TimestamptzValue timestamp) {
  const Unit found = find_unit(unit, kTimestamptzName);
  if (is_infinite_timestamp(timestamp.value)) {
    return infinite_field(found, timestamp.value > 0);
  }
  const int offset = zone_offset_at_utc(where.context.time_zone, timestamp.value);
  switch (found) {
    case Unit::Zone:
      return whole(offset);
    case Unit::ZoneHour:
      return whole(offset / 3600);
    case Unit::ZoneMinute:
      return whole(offset / 60 % 60);
    case Unit::Epoch:
      return timestamp_field(found, unit, timestamp.value, kTimestamptzName);
    default:
      return timestamp_field(found, unit, timestamp.value + offset * kUsPerSecond,
                             kTimestamptzName);
  }
}
std::optional<Numeric> extract_date(Text unit, DateValue date) {
  const Unit found = find_unit(unit, "date");
  if (found <= Unit::Hour || found >= Unit::Zone) {
    unsupported_unit(unit, "date");
  }
  if (is_infinite_date(date.value)) {
    return infinite_field(found, date.value > 0);
  }
  if (found == Unit::Epoch) {
    return whole(std::int64_t{date.value} * 86400 - kUnixEpochSeconds);
  }
  if (found == Unit::Julian) {
    return whole(date.value + kJulianOf2000);
  }
  return date_field(found, date.value);
}
Numeric extract_time(Text unit, TimeValue time) {
  constexpr std::string_view kName = "time without time zone";
  const Unit found = find_unit(unit, kName);
  if (found == Unit::Epoch) {
    return decimal(time.value, 6);
  }
  const std::optional<Numeric> field = time_field(found, time.value);
  if (!field) {
    unsupported_unit(unit, kName);
  }
  return *field;
}
Numeric extract_interval(Text unit, Interval interval) {
  const Unit found = find_unit(unit, "interval");
  switch (found) {
    case Unit::Day:
      return whole(interval.days);
    case Unit::Month:
      return whole(interval.months % 12);
    case Unit::Quarter:
      return whole(interval.months % 12 / 3 + 1);
    case Unit::Year:
      return whole(interval.months / 12);
    case Unit::Decade:
      return whole(interval.months / 120);
    case Unit::Century:
      return whole(interval.months / 1200);
    case Unit::Millennium:
      return whole(interval.months / 12000);
    case Unit::Epoch: {
      // A year counts 365.25 days, a month 30.
      const BigInteger seconds = BigInteger(interval.months / 12) * 31557600 +
                                 BigInteger(interval.months % 12) * 2592000 +
                                 BigInteger(interval.days) * 86400;
      return Numeric(seconds * kUsPerSecond + interval.us, 6);
    }
    default:
      break;
  }
  const std::optional<Numeric> field = time_field(found, interval.us);
  if (!field) {
    unsupported_unit(unit, "interval");
  }
  return *field;
}

std::optional<Float8> to_float(const std::optional<Numeric>& field) {
  return field ? std::optional(numeric_to_float8(*field)) : std::nullopt;
}
std::optional<Float8> part_of_timestamp(Text unit, TimestampValue timestamp) {
  return to_float(extract_timestamp(unit, timestamp));
}
std::optional<Float8> part_of_timestamptz(Where where, Text unit, TimestamptzValue timestamp) {
  return to_float(extract_timestamptz(where, unit, timestamp));
}
std::optional<Float8> part_of_date(Text unit, DateValue date) {
  return to_float(extract_timestamp(unit, {date_to_timestamp(date.value)}));
}
Float8 part_of_time(Text unit, TimeValue time) {
  return numeric_to_float8(extract_time(unit, time));
}
Float8 part_of_interval(Text unit, Interval interval) {
  return numeric_to_float8(extract_interval(unit, interval));
}

constexpr FunctionRow kRows[] = {
    scalar<truncate_timestamp>(2020, "date_trunc", "truncate timestamp to specified units"),
    scalar<truncate_timestamptz>(1217, "date_trunc",
                                 "truncate timestamp with time zone to specified units")
        .stable(),
    scalar<truncate_in_zone>(
        1284, "date_trunc",
        "truncate timestamp with time zone to specified units in specified time zone")
        .stable(),
    scalar<truncate_interval>(1218, "date_trunc", "truncate interval to specified units"),
    scalar<extract_timestamp>(6202, "extract", "extract field from timestamp"),
    scalar<extract_timestamptz>(6203, "extract", "extract field from timestamp with time zone")
        .stable(),
    scalar<extract_date>(6199, "extract", "extract field from date"),
    scalar<extract_time>(6200, "extract", "extract field from time"),
    scalar<extract_interval>(6204, "extract", "extract field from interval"),
    scalar<part_of_timestamp>(2021, "date_part", "extract field from timestamp"),
    scalar<part_of_timestamptz>(1171, "date_part", "extract field from timestamp with time zone")
        .stable(),
    scalar<part_of_date>(1384, "date_part", "extract field from date"),
    scalar<part_of_time>(1385, "date_part", "extract field from time"),
    scalar<part_of_interval>(1172, "date_part", "extract field from interval"),
};

}  // namespace

const FunctionTable kDateTimeFieldFunctions = kRows;

}  // namespace omen::sql
