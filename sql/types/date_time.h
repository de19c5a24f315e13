#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

/// Days and microseconds since 2000-01-01, proleptic Gregorian; the extremes are the infinities.
namespace omen::sql {

class EvalContext;

constexpr std::int64_t kUsPerSecond = 1000000;
constexpr std::int64_t kUsPerMinute = 60 * kUsPerSecond;
constexpr std::int64_t kUsPerHour = 60 * kUsPerMinute;
constexpr std::int64_t kUsPerDay = 24 * kUsPerHour;
constexpr std::int32_t kDateInfinity = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kDateMinusInfinity = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kTimestampInfinity = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kTimestampMinusInfinity = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kUnixEpochSeconds = -946684800;  ///< 1970-01-01 from 2000-01-01

constexpr bool is_infinite_date(std::int32_t date) {
  return date == kDateInfinity || date == kDateMinusInfinity;
}
constexpr bool is_infinite_timestamp(std::int64_t timestamp) {
  return timestamp == kTimestampInfinity || timestamp == kTimestampMinusInfinity;
}

struct Civil {
  std::int64_t year = 2000;  ///< 0 is 1 BC
  int month = 1;
  int day = 1;
};
/// Days since 2000-01-01.
std::int64_t days_from_civil(const Civil& civil);
Civil civil_from_days(std::int64_t days);
int days_in_month(std::int64_t year, int month);
constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0);
}

/// A calendar position: what a timestamp prints as.
struct DateTimeFields {
  Civil date;
  std::int64_t time_us = 0;  ///< of the day
};
DateTimeFields split_timestamp(std::int64_t timestamp);
/// 22008 `timestamp out of range`.
std::int64_t join_timestamp(std::int64_t days, std::int64_t time_us);
std::int64_t date_to_timestamp(std::int32_t date);

/// Seconds east of UTC of the named zone. Names: IANA, UTC and GMT, ISO offsets (+05:30), a few
/// abbreviations. 22023 `time zone "x" not recognized`.
int zone_offset_at_utc(std::string_view zone, std::int64_t utc_us);
int zone_offset_at_local(std::string_view zone, std::int64_t local_us);
bool is_time_zone(std::string_view zone);
/// What the zone is called at that time: CET, CEST, +03.
std::string zone_abbreviation(std::string_view zone, std::int64_t utc_us);
std::int64_t local_to_utc(std::int64_t local_us, std::string_view zone);
std::int64_t utc_to_local(std::int64_t utc_us, std::string_view zone);

/// Text forms in ISO style.
void append_date(std::int32_t date, std::string& out);
void append_time(std::int64_t time_us, std::string& out);
void append_timestamp(std::int64_t timestamp, std::string& out);
void append_timestamptz(std::int64_t timestamp, std::string_view zone, std::string& out);
/// Text forms in the context's DateStyle and zone.
void append_date(std::int32_t date, const EvalContext& context, std::string& out);
void append_timestamp(std::int64_t timestamp, const EvalContext& context, std::string& out);
void append_timestamptz(std::int64_t timestamp, const EvalContext& context, std::string& out);
std::int32_t parse_date(std::string_view text, const EvalContext& context);
std::int64_t parse_time(std::string_view text, const EvalContext& context);
std::int64_t parse_timestamp(std::string_view text, const EvalContext& context);
std::int64_t parse_timestamptz(std::string_view text, const EvalContext& context);

/// Rounds to the modifier's fractional digits (-1: as it is).
std::int64_t round_to_precision(std::int64_t us, std::int32_t modifier);

/// interval: held as 16 bytes, host-endian: int64 microseconds, int32 days, int32 months.
struct Interval {
  std::int64_t us = 0;
  std::int32_t days = 0;
  std::int32_t months = 0;
};
std::string encode_interval(const Interval& interval);
Interval decode_interval(std::string_view bytes);
Interval parse_interval(std::string_view text);
void append_interval(const Interval& interval, std::string& out);
void append_interval(const Interval& interval, std::string_view interval_style, std::string& out);
/// Months count as 30 days, days as 24 hours.
int compare_intervals(const Interval& a, const Interval& b);
/// 22008 on overflow.
std::int64_t add_interval(std::int64_t timestamp, const Interval& interval);
Interval negate_interval(const Interval& interval);

}  // namespace omen::sql
