#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/types/date_time.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

/// interval's text form: "1 year 2 mons 3 days 04:05:06.7", "1-2", "P1Y2M3DT4H", "... ago".
namespace omen::sql {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

enum class Field { Us, Day, Month };
struct Unit {
  std::string_view name;
  Field field;
  double factor;
};
constexpr Unit kUnits[] = {
    {"microsecond", Field::Us, 1},
    {"microseconds", Field::Us, 1},
    {"us", Field::Us, 1},
    {"usec", Field::Us, 1},
    {"millisecond", Field::Us, 1e3},
    {"milliseconds", Field::Us, 1e3},
    {"ms", Field::Us, 1e3},
    {"msec", Field::Us, 1e3},
    {"second", Field::Us, 1e6},
    {"seconds", Field::Us, 1e6},
    {"sec", Field::Us, 1e6},
    {"secs", Field::Us, 1e6},
    {"s", Field::Us, 1e6},
    {"minute", Field::Us, 6e7},
    {"minutes", Field::Us, 6e7},
    {"min", Field::Us, 6e7},
    {"mins", Field::Us, 6e7},
    {"m", Field::Us, 6e7},
    {"hour", Field::Us, 3.6e9},
    {"hours", Field::Us, 3.6e9},
    {"hr", Field::Us, 3.6e9},
    {"hrs", Field::Us, 3.6e9},
    {"h", Field::Us, 3.6e9},
    {"day", Field::Day, 1},
    {"days", Field::Day, 1},
    {"d", Field::Day, 1},
    {"week", Field::Day, 7},
    {"weeks", Field::Day, 7},
    {"w", Field::Day, 7},
    {"month", Field::Month, 1},
    {"months", Field::Month, 1},
    {"mon", Field::Month, 1},
    {"mons", Field::Month, 1},
    {"year", Field::Month, 12},
    {"years", Field::Month, 12},
    {"yr", Field::Month, 12},
    {"yrs", Field::Month, 12},
    {"y", Field::Month, 12},
    {"decade", Field::Month, 120},
    {"decades", Field::Month, 120},
    {"century", Field::Month, 1200},
    {"centuries", Field::Month, 1200},
    {"millennium", Field::Month, 12000},
    {"millenniums", Field::Month, 12000},
};

class IntervalParser {
 public:
  explicit IntervalParser(std::string_view text) : text_(text), rest_(trim_spaces(text)) {}

  Interval parse() {
    if (rest_.starts_with('P') || rest_.starts_with('p')) {
      parse_iso();
    } else {
      parse_words();
    }
    return finish();
  }

 private:
  [[noreturn]] void invalid() const {
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("invalid input syntax for type interval: \"{}\"", text_));
  }
  [[noreturn]] void out_of_range() const {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("interval field value out of range: \"{}\"", text_));
  }

  double take_number() {
    double value = 0;
    const char* begin = rest_.data() + (rest_.starts_with('+') ? 1 : 0);
    const auto [stop, error] =
        std::from_chars(begin, rest_.data() + rest_.size(), value, std::chars_format::fixed);
    if (error != std::errc()) {
      invalid();
    }
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return value;
  }
  std::string take_word() {
    std::size_t size = 0;
    while (size < rest_.size() && is_letter(rest_[size])) {
      ++size;
    }
    const std::string word = ascii_lower(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return word;
  }

  /// Fractions of months go to days (of 30), fractions of days to time.
  void add(double value, const Unit& unit) {
    any_ = true;
    switch (unit.field) {
      case Field::Us:
        us_ += value * unit.factor;
        break;
      case Field::Day:
        add_days(value * unit.factor);
        break;
      case Field::Month: {
        const double months = value * unit.factor;
        months_ += std::trunc(months);
        // A fraction of a year is whole months; of a month, days.
        if (unit.factor == 1) {
          add_days((months - std::trunc(months)) * 30);
        } else {
          months_ += std::nearbyint(months - std::trunc(months));
        }
        break;
      }
    }
  }
  void add_days(double days) {
    days_ += std::trunc(days);
    us_ += std::nearbyint((days - std::trunc(days)) * 86400e6);
  }

  void parse_iso() {
    rest_.remove_prefix(1);
    bool in_time = false;
    while (!rest_.empty()) {
      if (rest_[0] == 'T' || rest_[0] == 't') {
        in_time = true;
        rest_.remove_prefix(1);
        continue;
      }
      const double value = take_number();
      const std::string unit = ascii_lower(rest_.substr(0, 1));
      rest_.remove_prefix(unit.size());
      if (unit == "m" && !in_time) {
        add(value, {"month", Field::Month, 1});
      } else {
        add_named(value, unit);
      }
    }
  }
  void add_named(double value, std::string_view name) {
    for (const Unit& unit : kUnits) {
      if (unit.name == name) {
        add(value, unit);
        return;
      }
    }
    invalid();
  }

  void parse_words() {
    while (!rest_.empty()) {
      if (is_space(rest_[0]) || rest_[0] == '@') {
        rest_.remove_prefix(1);
        continue;
      }
      if (is_letter(rest_[0])) {
        if (take_word() != "ago" || !trim_spaces(rest_).empty()) {
          invalid();
        }
        us_ = -us_;
        days_ = -days_;
        months_ = -months_;
        return;
      }
      parse_amount();
    }
  }

  /// "1 day", "04:05:06", "1-2" (years and months), or bare seconds at the end.
  void parse_amount() {
    const bool negative = rest_[0] == '-';
    const std::size_t colon = rest_.find_first_not_of("+-0123456789");
    if (colon != std::string_view::npos && rest_[colon] == ':') {
      parse_clock(negative);
      return;
    }
    const double value = take_number();
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      const double months = take_number();
      add(value, {"year", Field::Month, 12});
      add(negative ? -months : months, {"month", Field::Month, 1});
      return;
    }
    const std::string_view after = trim_spaces(rest_);
    if (!after.empty() && is_letter(after[0])) {
      rest_ = after;
      add_named(value, take_word());
    } else if (after.empty()) {
      add(value, {"second", Field::Us, 1e6});
    } else if (is_digit(after[0]) || after[0] == '-' || after[0] == '+') {
      add(value, {"day", Field::Day, 1});
    } else {
      invalid();
    }
  }
  void parse_clock(bool negative) {
    if (rest_[0] == '-' || rest_[0] == '+') {
      rest_.remove_prefix(1);
    }
    double parts[3] = {0, 0, 0};
    std::size_t count = 0;
    while (true) {
      parts[count++] = take_number();
      if (count == 3 || rest_.empty() || rest_[0] != ':') {
        break;
      }
      rest_.remove_prefix(1);
    }
    if (parts[1] >= 60 || parts[2] > 60) {
      out_of_range();
    }
    const double us = (parts[0] * 3600 + parts[1] * 60) * 1e6 + std::nearbyint(parts[2] * 1e6);
    add(negative ? -us : us, {"us", Field::Us, 1});
  }

  [[nodiscard]] Interval finish() const {
    if (!any_) {
      invalid();
    }
    constexpr double kInt32Max = 2147483647;
    if (std::fabs(months_) > kInt32Max || std::fabs(days_) > kInt32Max ||
        std::fabs(us_) >= 9.2e18) {
      out_of_range();
    }
    return {static_cast<std::int64_t>(std::nearbyint(us_)), static_cast<std::int32_t>(days_),
            static_cast<std::int32_t>(months_)};
  }

  std::string_view text_;
  std::string_view rest_;
  double us_ = 0;
  double days_ = 0;
  double months_ = 0;
  bool any_ = false;
};

}  // namespace

Interval parse_interval(std::string_view text) {
  return IntervalParser(text).parse();
}

void append_interval(const Interval& interval, std::string& out) {
  const std::size_t begin = out.size();
  bool after_negative = false;
  const auto put = [&](std::int64_t value, std::string_view unit) {
    if (value == 0) {
      return;
    }
    fmt::format_to(std::back_inserter(out), "{}{}{} {}{}", out.size() > begin ? " " : "",
                   after_negative && value > 0 ? "+" : "", value, unit, value == 1 ? "" : "s");
    after_negative = value < 0;
  };
  put(interval.months / 12, "year");
  put(interval.months % 12, "mon");
  put(interval.days, "day");
  if (interval.us == 0 && out.size() > begin) {
    return;
  }
  if (out.size() > begin) {
    out.push_back(' ');
  }
  const bool negative = interval.us < 0;
  out.append(negative ? "-" : (after_negative ? "+" : ""));
  append_time(negative ? -interval.us : interval.us, out);
}

}  // namespace omen::sql
