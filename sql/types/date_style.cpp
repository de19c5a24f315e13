#include <fmt/format.h>

#include <cstdlib>
#include <iterator>

#include "sql/functions/eval_context.h"
#include "sql/types/date_time.h"

/// Dates and timestamps as DateStyle's other formats (SQL, German, Postgres) write them.
namespace omen::sql {
namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

bool is_iso(std::string_view style) {
  return style.starts_with("ISO");
}
bool is_day_first(std::string_view style) {
  return style.ends_with("DMY");
}
std::int64_t printed_year(const Civil& date) {
  return date.year > 0 ? date.year : 1 - date.year;
}

void append_numeric_date(const Civil& date, std::string_view style, std::string& out) {
  const bool is_german = style.starts_with("German");
  const char separator = is_german ? '.' : (style.starts_with("SQL") ? '/' : '-');
  const bool day_first = is_german || is_day_first(style);
  fmt::format_to(std::back_inserter(out), "{:02}{}{:02}{}{:04}", day_first ? date.day : date.month,
                 separator, day_first ? date.month : date.day, separator, printed_year(date));
}

/// `zone`: what stands behind the time, or empty.
void append_styled(std::int64_t timestamp, std::string_view style, std::string_view zone,
                   std::string& out) {
  const DateTimeFields fields = split_timestamp(timestamp);
  if (style.starts_with("Postgres")) {
    const std::int64_t days = floor_divide(timestamp, kUsPerDay);
    // 2000-01-01 was a Saturday.
    const auto weekday = static_cast<std::size_t>(days + 5 - floor_divide(days + 5, 7) * 7);
    const std::string_view month = kMonths[fields.date.month - 1];
    if (is_day_first(style)) {
      fmt::format_to(std::back_inserter(out), "{} {:02} {} ", kDays[weekday], fields.date.day,
                     month);
    } else {
      fmt::format_to(std::back_inserter(out), "{} {} {:02} ", kDays[weekday], month,
                     fields.date.day);
    }
    append_time(fields.time_us, out);
    fmt::format_to(std::back_inserter(out), " {:04}", printed_year(fields.date));
  } else {
    append_numeric_date(fields.date, style, out);
    out.push_back(' ');
    append_time(fields.time_us, out);
  }
  if (!zone.empty()) {
    out.append(" ").append(zone);
  }
  if (fields.date.year <= 0) {
    out.append(" BC");
  }
}

}  // namespace

void append_date(std::int32_t date, const EvalContext& context, std::string& out) {
  if (is_iso(context.date_style) || is_infinite_date(date)) {
    append_date(date, out);
    return;
  }
  const Civil civil = civil_from_days(date);
  append_numeric_date(civil, context.date_style, out);
  if (civil.year <= 0) {
    out.append(" BC");
  }
}

void append_timestamp(std::int64_t timestamp, const EvalContext& context, std::string& out) {
  if (is_iso(context.date_style) || is_infinite_timestamp(timestamp)) {
    append_timestamp(timestamp, out);
    return;
  }
  append_styled(timestamp, context.date_style, {}, out);
}

void append_timestamptz(std::int64_t timestamp, const EvalContext& context, std::string& out) {
  if (is_iso(context.date_style) || is_infinite_timestamp(timestamp)) {
    append_timestamptz(timestamp, context.time_zone, out);
    return;
  }
  append_styled(utc_to_local(timestamp, context.time_zone), context.date_style,
                zone_abbreviation(context.time_zone, timestamp), out);
}

}  // namespace omen::sql
