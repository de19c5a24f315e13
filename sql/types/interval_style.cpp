#include <fmt/format.h>

#include <cstdlib>
#include <iterator>

#include "sql/types/date_time.h"

/// Intervals as IntervalStyle's other formats write them: postgres_verbose, sql_standard, iso_8601.
namespace omen::sql {
namespace {

/// An interval by the units it is written in; every part carries its own sign.
struct Parts {
  std::int64_t years = 0, months = 0, days = 0, hours = 0, minutes = 0;
  std::int64_t second_us = 0;
};
Parts split(const Interval& interval) {
  return {interval.months / 12,
          interval.months % 12,
          interval.days,
          interval.us / kUsPerHour,
          interval.us / kUsPerMinute % 60,
          interval.us % kUsPerMinute};
}

/// The magnitude: `06.5` or, without padding, `6.5`.
void append_seconds(std::int64_t us, bool padded, std::string& out) {
  us = std::abs(us);
  fmt::format_to(std::back_inserter(out), "{:0{}}", us / kUsPerSecond, padded ? 2 : 1);
  if (us % kUsPerSecond != 0) {
    fmt::format_to(std::back_inserter(out), ".{:06}", us % kUsPerSecond);
    out.erase(out.find_last_not_of('0') + 1);
  }
}

/// `@ 1 year -2 days`, with `ago` for what starts negative.
void append_verbose(const Parts& parts, std::string& out) {
  bool is_empty = true;
  bool is_ago = false;
  const auto sign_of = [&](std::int64_t value) {
    if (is_empty) {
      is_ago = value < 0;
      is_empty = false;
    }
    return is_ago ? -1 : 1;
  };
  const auto put = [&](std::int64_t value, std::string_view unit) {
    if (value != 0) {
      const std::int64_t shown = value * sign_of(value);
      fmt::format_to(std::back_inserter(out), " {} {}{}", shown, unit, shown == 1 ? "" : "s");
    }
  };
  out.push_back('@');
  put(parts.years, "year");
  put(parts.months, "mon");
  put(parts.days, "day");
  put(parts.hours, "hour");
  put(parts.minutes, "min");
  if (parts.second_us != 0) {
    const std::int64_t shown = parts.second_us * sign_of(parts.second_us);
    out.append(shown < 0 ? " -" : " ");
    append_seconds(shown, false, out);
    out.append(std::abs(shown) == kUsPerSecond ? " sec" : " secs");
  }
  out.append(is_empty ? " 0" : (is_ago ? " ago" : ""));
}

void append_iso_8601(const Parts& parts, std::string& out) {
  const auto put = [&](std::int64_t value, char unit) {
    if (value != 0) {
      fmt::format_to(std::back_inserter(out), "{}{}", value, unit);
    }
  };
  const std::size_t begin = out.size();
  out.push_back('P');
  put(parts.years, 'Y');
  put(parts.months, 'M');
  put(parts.days, 'D');
  if (parts.hours != 0 || parts.minutes != 0 || parts.second_us != 0) {
    out.push_back('T');
    put(parts.hours, 'H');
    put(parts.minutes, 'M');
    if (parts.second_us != 0) {
      out.append(parts.second_us < 0 ? "-" : "");
      append_seconds(parts.second_us, false, out);
      out.push_back('S');
    }
  }
  if (out.size() == begin + 1) {
    out.append("T0S");
  }
}

void append_clock(std::int64_t us, std::string& out) {
  us = std::abs(us);
  fmt::format_to(std::back_inserter(out), "{}:{:02}:", us / kUsPerHour, us / kUsPerMinute % 60);
  append_seconds(us % kUsPerMinute, true, out);
}

/// `1-2`, `3 4:05:06`, or all three fields with signs where the standard has no form.
void append_sql_standard(const Interval& interval, std::string& out) {
  const bool has_negative = interval.months < 0 || interval.days < 0 || interval.us < 0;
  const bool has_positive = interval.months > 0 || interval.days > 0 || interval.us > 0;
  const bool has_months = interval.months != 0;
  const bool has_days_or_time = interval.days != 0 || interval.us != 0;
  const std::int64_t months = std::abs(std::int64_t{interval.months});
  const std::int64_t days = std::abs(std::int64_t{interval.days});
  const auto sign = [](std::int64_t value) { return value < 0 ? '-' : '+'; };
  if (!has_negative && !has_positive) {
    out.push_back('0');
    return;
  }
  if ((has_negative && has_positive) || (has_months && has_days_or_time)) {
    fmt::format_to(std::back_inserter(out), "{}{}-{} {}{} {}", sign(interval.months), months / 12,
                   months % 12, sign(interval.days), days, sign(interval.us));
    append_clock(interval.us, out);
    return;
  }
  out.append(has_negative ? "-" : "");
  if (has_months) {
    fmt::format_to(std::back_inserter(out), "{}-{}", months / 12, months % 12);
    return;
  }
  if (days != 0) {
    fmt::format_to(std::back_inserter(out), "{} ", days);
  }
  append_clock(interval.us, out);
}

}  // namespace

void append_interval(const Interval& interval, std::string_view interval_style, std::string& out) {
  if (interval_style == "postgres_verbose") {
    append_verbose(split(interval), out);
  } else if (interval_style == "iso_8601") {
    append_iso_8601(split(interval), out);
  } else if (interval_style == "sql_standard") {
    append_sql_standard(interval, out);
  } else {
    append_interval(interval, out);
  }
}

}  // namespace omen::sql
