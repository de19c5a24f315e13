#include "sql/types/date_time.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "sql/error/sql_error.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

constexpr std::int64_t kDaysTo2000 = 730425;  // from 0000-03-01

[[noreturn]] void timestamp_out_of_range() {
  throw SqlError(sqlstate::kDatetimeFieldOverflow, "timestamp out of range");
}

struct Abbreviation {
  std::string_view name;
  int offset_s;
};
constexpr Abbreviation kAbbreviations[] = {
    {"utc", 0},      {"gmt", 0},      {"z", 0},        {"zulu", 0},     {"est", -18000},
    {"edt", -14400}, {"cst", -21600}, {"cdt", -18000}, {"mst", -25200}, {"mdt", -21600},
    {"pst", -28800}, {"pdt", -25200}, {"cet", 3600},   {"cest", 7200},  {"msk", 10800},
};

/// +5, +05:30, -0800 as seconds east.
std::optional<int> iso_offset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  int parts[3] = {0, 0, 0};
  std::size_t part = 0;
  std::string_view rest = text.substr(1);
  if (rest.find(':') == std::string_view::npos && rest.size() == 4) {
    parts[0] = std::atoi(std::string(rest.substr(0, 2)).c_str());
    parts[1] = std::atoi(std::string(rest.substr(2)).c_str());
    rest = {};
  }
  while (!rest.empty()) {
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), parts[part]);
    const auto used = static_cast<std::size_t>(stop - rest.data());
    if (error != std::errc() || used == 0) {
      return std::nullopt;
    }
    rest.remove_prefix(used);
    if (!rest.empty()) {
      if (rest[0] != ':' || ++part == 3) {
        return std::nullopt;
      }
      rest.remove_prefix(1);
    }
  }
  constexpr int kHoursMax = 15;
  if (parts[0] > kHoursMax || parts[1] > 59 || parts[2] > 59) {
    return std::nullopt;
  }
  const int seconds = (parts[0] * 60 + parts[1]) * 60 + parts[2];
  return text[0] == '-' ? -seconds : seconds;
}

/// A zone by name; the last few are kept by each thread.
struct Zone {
  std::string name;
  bool known = false;
  std::optional<int> fixed_s;
  absl::TimeZone zone;
};
const Zone& find_zone(std::string_view name) {
  thread_local Zone cache[2];
  thread_local std::size_t next = 0;
  for (const Zone& zone : cache) {
    if (zone.known && zone.name == name) {
      return zone;
    }
  }
  Zone& zone = cache[next];
  next = 1 - next;
  zone = {std::string(name), false, iso_offset(name), {}};
  const std::string lower = ascii_lower(name);
  for (const Abbreviation& abbreviation : kAbbreviations) {
    if (abbreviation.name == lower) {
      zone.fixed_s = abbreviation.offset_s;
    }
  }
  zone.known = zone.fixed_s.has_value() || absl::LoadTimeZone(zone.name, &zone.zone);
  return zone;
}
const Zone& zone_or_throw(std::string_view name) {
  const Zone& zone = find_zone(name);
  if (!zone.known) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("time zone \"{}\" not recognized", name));
  }
  return zone;
}

}  // namespace

std::int64_t days_from_civil(const Civil& civil) {
  const std::int64_t year = civil.year - (civil.month <= 2 ? 1 : 0);
  const std::int64_t era = floor_divide(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year =
      (153 * (civil.month + (civil.month > 2 ? -3 : 9)) + 2) / 5 + civil.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - kDaysTo2000;
}

Civil civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + kDaysTo2000;
  const std::int64_t era = floor_divide(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1)};
}

int days_in_month(std::int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

DateTimeFields split_timestamp(std::int64_t timestamp) {
  const std::int64_t days = floor_divide(timestamp, kUsPerDay);
  return {civil_from_days(days), timestamp - days * kUsPerDay};
}

std::int64_t join_timestamp(std::int64_t days, std::int64_t time_us) {
  // 4714-11-24 BC to 294276-12-31.
  constexpr std::int64_t kDaysMin = -2451545;
  constexpr std::int64_t kDaysMax = 106751982;
  std::int64_t result = 0;
  if (days < kDaysMin || days > kDaysMax || __builtin_mul_overflow(days, kUsPerDay, &result) ||
      __builtin_add_overflow(result, time_us, &result)) {
    timestamp_out_of_range();
  }
  return result;
}

std::int64_t date_to_timestamp(std::int32_t date) {
  if (is_infinite_date(date)) {
    return date > 0 ? kTimestampInfinity : kTimestampMinusInfinity;
  }
  constexpr std::int32_t kDaysMax = 106751982;
  if (date > kDaysMax) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "date out of range for timestamp");
  }
  return join_timestamp(date, 0);
}

bool is_time_zone(std::string_view zone) {
  return find_zone(zone).known;
}

std::string zone_abbreviation(std::string_view name, std::int64_t utc_us) {
  const Zone& zone = zone_or_throw(name);
  if (zone.fixed_s) {
    const int magnitude = std::abs(*zone.fixed_s);
    return *zone.fixed_s == 0
               ? "UTC"
               : fmt::format("{}{:02}{}", *zone.fixed_s < 0 ? '-' : '+', magnitude / 3600,
                             magnitude % 3600 == 0 ? std::string()
                                                   : fmt::format(":{:02}", magnitude / 60 % 60));
  }
  const std::int64_t seconds = floor_divide(utc_us, kUsPerSecond) - kUnixEpochSeconds;
  return zone.zone.At(absl::FromUnixSeconds(seconds)).zone_abbr;
}

int zone_offset_at_utc(std::string_view name, std::int64_t utc_us) {
  const Zone& zone = zone_or_throw(name);
  if (zone.fixed_s) {
    return *zone.fixed_s;
  }
  const std::int64_t seconds = floor_divide(utc_us, kUsPerSecond) - kUnixEpochSeconds;
  return zone.zone.At(absl::FromUnixSeconds(seconds)).offset;
}

int zone_offset_at_local(std::string_view name, std::int64_t local_us) {
  const Zone& zone = zone_or_throw(name);
  if (zone.fixed_s) {
    return *zone.fixed_s;
  }
  const DateTimeFields fields = split_timestamp(local_us);
  const std::int64_t seconds = fields.time_us / kUsPerSecond;
  const absl::CivilSecond civil(fields.date.year, fields.date.month, fields.date.day, 0, 0,
                                seconds);
  // In a gap the offset before it counts, in a repeated hour the one after.
  const absl::TimeZone::TimeInfo info = zone.zone.At(civil);
  const absl::Time time = info.kind == absl::TimeZone::TimeInfo::REPEATED ? info.post : info.pre;
  const std::int64_t utc_seconds = absl::ToUnixSeconds(time) + kUnixEpochSeconds;
  return static_cast<int>(floor_divide(local_us, kUsPerSecond) - utc_seconds);
}

std::int64_t local_to_utc(std::int64_t local_us, std::string_view zone) {
  return is_infinite_timestamp(local_us)
             ? local_us
             : local_us - zone_offset_at_local(zone, local_us) * kUsPerSecond;
}
std::int64_t utc_to_local(std::int64_t utc_us, std::string_view zone) {
  return is_infinite_timestamp(utc_us) ? utc_us
                                       : utc_us + zone_offset_at_utc(zone, utc_us) * kUsPerSecond;
}

namespace {

void append_civil(const Civil& date, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}",
                 date.year > 0 ? date.year : 1 - date.year, date.month, date.day);
}
void append_era(const Civil& date, std::string& out) {
  if (date.year <= 0) {
    out.append(" BC");
  }
}

}  // namespace

void append_time(std::int64_t time_us, std::string& out) {
  const std::int64_t seconds = time_us / kUsPerSecond;
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
  if (const std::int64_t fraction = time_us % kUsPerSecond; fraction != 0) {
    fmt::format_to(std::back_inserter(out), ".{:06}", fraction);
    out.erase(out.find_last_not_of('0') + 1);
  }
}

void append_date(std::int32_t date, std::string& out) {
  if (is_infinite_date(date)) {
    out.append(date > 0 ? "infinity" : "-infinity");
    return;
  }
  const Civil civil = civil_from_days(date);
  append_civil(civil, out);
  append_era(civil, out);
}

void append_timestamp(std::int64_t timestamp, std::string& out) {
  if (is_infinite_timestamp(timestamp)) {
    out.append(timestamp > 0 ? "infinity" : "-infinity");
    return;
  }
  const DateTimeFields fields = split_timestamp(timestamp);
  append_civil(fields.date, out);
  out.push_back(' ');
  append_time(fields.time_us, out);
  append_era(fields.date, out);
}

void append_timestamptz(std::int64_t timestamp, std::string_view zone, std::string& out) {
  if (is_infinite_timestamp(timestamp)) {
    append_timestamp(timestamp, out);
    return;
  }
  const int offset = zone_offset_at_utc(zone, timestamp);
  const DateTimeFields fields = split_timestamp(timestamp + offset * kUsPerSecond);
  append_civil(fields.date, out);
  out.push_back(' ');
  append_time(fields.time_us, out);
  const int magnitude = std::abs(offset);
  fmt::format_to(std::back_inserter(out), "{}{:02}", offset < 0 ? '-' : '+', magnitude / 3600);
  if (magnitude % 3600 != 0) {
    fmt::format_to(std::back_inserter(out), ":{:02}", magnitude / 60 % 60);
  }
  if (magnitude % 60 != 0) {
    fmt::format_to(std::back_inserter(out), ":{:02}", magnitude % 60);
  }
  append_era(fields.date, out);
}

std::int64_t round_to_precision(std::int64_t us, std::int32_t modifier) {
  constexpr std::int64_t kSteps[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  if (modifier < 0 || modifier >= 6 || is_infinite_timestamp(us)) {
    return us;
  }
  const std::int64_t step = kSteps[modifier];
  return us >= 0 ? (us + step / 2) / step * step : -((-us + step / 2) / step * step);
}

std::string encode_interval(const Interval& interval) {
  std::string bytes(16, '\0');
  std::memcpy(bytes.data(), &interval.us, 8);
  std::memcpy(bytes.data() + 8, &interval.days, 4);
  std::memcpy(bytes.data() + 12, &interval.months, 4);
  return bytes;
}

Interval decode_interval(std::string_view bytes) {
  if (bytes.size() != 16) {
    internal_error("malformed interval value");
  }
  Interval interval;
  std::memcpy(&interval.us, bytes.data(), 8);
  std::memcpy(&interval.days, bytes.data() + 8, 4);
  std::memcpy(&interval.months, bytes.data() + 12, 4);
  return interval;
}

int compare_intervals(const Interval& a, const Interval& b) {
  const auto total = [](const Interval& i) {
    const std::int64_t whole = floor_divide(i.us, kUsPerDay);
    return std::pair(std::int64_t{i.months} * 30 + i.days + whole, i.us - whole * kUsPerDay);
  };
  const auto left = total(a);
  const auto right = total(b);
  return left < right ? -1 : (left > right ? 1 : 0);
}

std::int64_t add_interval(std::int64_t timestamp, const Interval& interval) {
  if (is_infinite_timestamp(timestamp)) {
    return timestamp;
  }
  std::int64_t days = floor_divide(timestamp, kUsPerDay);
  const std::int64_t time_us = timestamp - days * kUsPerDay;
  if (interval.months != 0) {
    Civil civil = civil_from_days(days);
    const std::int64_t months = civil.year * 12 + (civil.month - 1) + interval.months;
    civil.year = floor_divide(months, 12);
    civil.month = static_cast<int>(months - civil.year * 12) + 1;
    civil.day = std::min(civil.day, days_in_month(civil.year, civil.month));
    days = days_from_civil(civil);
  }
  const std::int64_t base = join_timestamp(days + interval.days, time_us);
  std::int64_t result = 0;
  if (__builtin_add_overflow(base, interval.us, &result)) {
    timestamp_out_of_range();
  }
  const std::int64_t result_days = floor_divide(result, kUsPerDay);
  return join_timestamp(result_days, result - result_days * kUsPerDay);
}

Interval negate_interval(const Interval& interval) {
  constexpr auto kMin32 = std::numeric_limits<std::int32_t>::min();
  if (interval.us == std::numeric_limits<std::int64_t>::min() || interval.days == kMin32 ||
      interval.months == kMin32) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow, "interval out of range");
  }
  return {-interval.us, -interval.days, -interval.months};
}

}  // namespace omen::sql
