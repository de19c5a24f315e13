#include "sql/functions/date_time_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/date_time_format.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
constexpr std::string_view kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                      "thursday", "friday", "saturday"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view format)
      : rest_(text), parts_(parse_date_format(format)) {}

  ReadTime read() {
    for (std::size_t i = 0; i < parts_.size() && !rest_.empty(); ++i) {
      const DateFormatPart& part = parts_[i];
      if (part.field == DateField::Literal) {
        skip_literal(part);
        continue;
      }
      skip_blanks();
      const bool next_is_number = i + 1 < parts_.size() &&
                                  parts_[i + 1].field != DateField::Literal &&
                                  parts_[i + 1].field != DateField::Meridiem;
      take(part, next_is_number);
    }
    return finish();
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_[0])) {
      rest_.remove_prefix(1);
    }
  }
  /// A separator stands for any separators, a letter or quoted text for as many characters.
  void skip_literal(const DateFormatPart& part) {
    for (const char c : part.literal) {
      if (rest_.empty()) {
        return;
      }
      const bool is_separator = !part.is_quoted && !is_letter(c) && !is_digit(c);
      if (!is_separator) {
        skip_blanks();
        rest_.remove_prefix(rest_.empty() ? 0 : std::min(char_bytes(rest_[0]), rest_.size()));
      } else if (!is_letter(rest_[0]) && !is_digit(rest_[0])) {
        rest_.remove_prefix(std::min(char_bytes(rest_[0]), rest_.size()));
        skip_blanks();
      }
    }
  }
  std::int64_t number(const DateFormatPart& part, std::size_t width, std::string_view picture) {
    std::string_view after = rest_;
    bool negative = false;
    if (!after.empty() && (after[0] == '-' || after[0] == '+')) {
      negative = after[0] == '-';
      after.remove_prefix(1);
    }
    std::size_t size = 0;
    std::int64_t value = 0;
    while (size < after.size() && size < width && is_digit(after[size])) {
      value = value * 10 + (after[size++] - '0');
    }
    if (size == 0) {
      throw SqlError(
          sqlstate::kInvalidDatetimeFormat,
          fmt::format("invalid value \"{}\" for \"{}\"",
                      rest_.substr(0, std::min(char_offset(rest_, picture.size()), rest_.size())),
                      picture))
          .detail("Value must be an integer.");
    }
    digits_read_ = size;
    rest_ = after.substr(size);
    if (part.ordinal != '\0') {
      rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
    }
    return negative ? -value : value;
  }

  template <std::size_t kCount>
  int name(const std::string_view (&names)[kCount], bool whole, std::string_view picture) {
    const std::string lower = ascii_lower(rest_);
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::string_view wanted = whole ? names[i] : names[i].substr(0, 3);
      if (lower.starts_with(wanted)) {
        rest_.remove_prefix(wanted.size());
        return static_cast<int>(i) + 1;
      }
    }
    std::size_t size = 0;
    while (size < rest_.size() && !is_blank(rest_[size])) {
      ++size;
    }
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("invalid value \"{}\" for \"{}\"", rest_.substr(0, size), picture))
        .detail("The given value did not match any of the allowed values for this field.");
  }

  static std::string picture_in_case(std::string_view capital, LetterCase letters) {
    std::string result(capital);
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (letters == LetterCase::Upper && result[i] >= 'a') {
        result[i] = static_cast<char>(result[i] - 32);
      } else if (letters == LetterCase::Lower && result[i] <= 'Z') {
        result[i] = static_cast<char>(result[i] + 32);
      }
    }
    return result;
  }

  void take(const DateFormatPart& part, bool next_is_number) {
    constexpr std::size_t kAnyWidth = 9;
    const auto width = [&](std::size_t digits) { return next_is_number ? digits : kAnyWidth; };
    switch (part.field) {
      case DateField::Year4:
        result_.year = number(part, width(4), "YYYY");
        break;
      case DateField::Year3:
      case DateField::Year2:
      case DateField::Year1:
        take_short_year(part, width(part.field == DateField::Year3   ? 3
                                    : part.field == DateField::Year2 ? 2
                                                                     : 1));
        break;
      case DateField::YearComma: {
        const std::int64_t thousands = number(part, 6, "Y,YYY");
        rest_.remove_prefix(rest_.starts_with(',') ? 1 : 0);
        result_.year = thousands * 1000 + number(part, 3, "Y,YYY");
        break;
      }
      case DateField::MonthName:
        result_.month = name(kMonths, true, picture_in_case("Month", part.letters));
        break;
      case DateField::MonthShort:
        result_.month = name(kMonths, false, picture_in_case("Mon", part.letters));
        break;
      case DateField::MonthNumber:
        result_.month = number(part, width(2), "MM");
        break;
      case DateField::DayName:
        name(kDays, true, picture_in_case("Day", part.letters));
        break;
      case DateField::DayShort:
        name(kDays, false, picture_in_case("Dy", part.letters));
        break;
      case DateField::DayOfMonth:
        result_.day = number(part, width(2), "DD");
        break;
      case DateField::DayOfYear:
        result_.day_of_year = number(part, width(3), "DDD");
        break;
      case DateField::Julian:
        result_.julian = number(part, kAnyWidth, "J");
        break;
      case DateField::Quarter:
      case DateField::DayOfWeek:
        number(part, 1, "Q");  // says nothing that the rest does not
        break;
      case DateField::Hour24:
        result_.hour = number(part, width(2), "HH24");
        break;
      case DateField::Hour12:
        result_.hour = number(part, width(2), "HH12");
        is_clock_12_ = true;
        break;
      case DateField::Minute:
        result_.minute = number(part, width(2), "MI");
        break;
      case DateField::Second:
        result_.second = number(part, width(2), "SS");
        break;
      case DateField::SecondOfDay:
        result_.second_of_day = number(part, width(5), "SSSS");
        break;
      case DateField::Fraction:
        take_fraction(part);
        break;
      case DateField::Meridiem:
        take_meridiem(part);
        break;
      case DateField::Era:
        take_era();
        break;
      case DateField::ZoneHour: {
        zone_negative_ = rest_.starts_with('-');
        result_.zone_s = number(part, 2, "TZH") * 3600;
        break;
      }
      case DateField::ZoneMinute: {
        const std::int64_t minutes = number(part, 2, "TZM") * 60;
        result_.zone_s = result_.zone_s.value_or(0) + (zone_negative_ ? -minutes : minutes);
        break;
      }
      case DateField::Zone:
      case DateField::ZoneOffset:
        throw SqlError(sqlstate::kFeatureNotSupported,
                       "formatting field \"" +
                           std::string(part.field == DateField::Zone ? "TZ" : "OF") +
                           "\" is only supported in to_char");
      default:
        unsupported("a format field of weeks, ISO years, centuries or roman months in to_date");
    }
  }
  /// 0 to 69 are 2000 to 2069.
  void take_short_year(const DateFormatPart& part, std::size_t width) {
    const std::int64_t year = number(part, width, "YYY");
    if (digits_read_ >= 4) {
      result_.year = year;
    } else if (year < 70) {
      result_.year = year + 2000;
    } else {
      result_.year = year < 100 ? year + 1900 : (year < 520 ? year + 2000 : year + 1000);
    }
  }
  void take_fraction(const DateFormatPart& part) {
    std::int64_t value = number(part, static_cast<std::size_t>(part.digits), "US");
    for (std::size_t i = digits_read_; i < 6; ++i) {
      value *= 10;
    }
    result_.fraction_us = value;
  }
  void take_meridiem(const DateFormatPart& part) {
    const std::string lower = ascii_lower(rest_.substr(0, 4));
    const bool with_dots = lower.starts_with("a.m.") || lower.starts_with("p.m.");
    if (!with_dots && !lower.starts_with("am") && !lower.starts_with("pm")) {
      throw SqlError(sqlstate::kInvalidDatetimeFormat,
                     fmt::format("invalid value \"{}\" for \"{}\"", rest_.substr(0, 2),
                                 part.letters == LetterCase::Lower ? "am" : "AM"))
          .detail("The given value did not match any of the allowed values for this field.");
    }
    is_afternoon_ = lower[0] == 'p';
    rest_.remove_prefix(with_dots ? 4 : 2);
    is_clock_12_ = true;
  }
  void take_era() {
    const std::string lower = ascii_lower(rest_.substr(0, 4));
    is_before_christ_ = lower.starts_with('b');
    rest_.remove_prefix(
        std::min<std::size_t>(lower == "b.c." || lower == "a.d." ? 4 : 2, rest_.size()));
  }

  ReadTime finish() {
    if (is_clock_12_ && result_.hour) {
      if (*result_.hour < 1 || *result_.hour > 12) {
        throw SqlError(sqlstate::kInvalidDatetimeFormat,
                       fmt::format("hour \"{}\" is invalid for the 12-hour clock", *result_.hour))
            .hint("Use the 24-hour clock, or give an hour between 1 and 12.");
      }
      if (is_afternoon_) {
        result_.hour = *result_.hour % 12 + (*is_afternoon_ ? 12 : 0);
      }
    }
    if (is_before_christ_ && result_.year) {
      result_.year = 1 - *result_.year;
    }
    return result_;
  }

  std::string_view rest_;
  std::vector<DateFormatPart> parts_;
  ReadTime result_;
  std::size_t digits_read_ = 0;
  bool is_clock_12_ = false;
  bool is_before_christ_ = false;
  bool zone_negative_ = false;
  std::optional<bool> is_afternoon_;
};

}  // namespace

ReadTime read_date_format(std::string_view text, std::string_view format) {
  return Reader(text, format).read();
}

std::int64_t ReadTime::days(std::string_view text) const {
  constexpr std::int64_t kJulianDay2000 = 2451545;
  constexpr std::int64_t kYearsMax = 5874897;
  if (julian) {
    return *julian - kJulianDay2000;
  }
  const std::int64_t in_year = year.value_or(0);
  if (in_year < -kYearsMax || in_year > kYearsMax) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date out of range: \"{}\"", text));
  }
  const bool is_leap = days_in_month(in_year, 2) == 29;
  const std::int64_t in_month = month.value_or(1);
  const bool fits = in_month >= 1 && in_month <= 12 && day.value_or(1) >= 1 &&
                    day.value_or(1) <= days_in_month(in_year, static_cast<int>(in_month)) &&
                    day_of_year.value_or(1) >= 1 &&
                    day_of_year.value_or(1) <= (is_leap ? 366 : 365);
  if (!fits) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date/time field value out of range: \"{}\"", text));
  }
  if (day_of_year && !month) {
    return days_from_civil({in_year, 1, 1}) + *day_of_year - 1;
  }
  return days_from_civil({in_year, static_cast<int>(in_month), static_cast<int>(day.value_or(1))});
}

std::int64_t ReadTime::time_us(std::string_view text) const {
  const std::int64_t fraction = fraction_us.value_or(0);
  if (second_of_day && !hour) {
    return *second_of_day * kUsPerSecond + fraction;
  }
  const std::int64_t h = hour.value_or(0);
  const std::int64_t m = minute.value_or(0);
  const std::int64_t s = second.value_or(0);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date/time field value out of range: \"{}\"", text));
  }
  return ((h * 60 + m) * 60 + s) * kUsPerSecond + fraction;
}

}  // namespace omen::sql
