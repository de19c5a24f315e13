#include "sql/functions/date_time_to_char.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>

#include "sql/functions/date_time_format.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
constexpr std::string_view kRomanMonths[] = {"I",   "II",   "III", "IV", "V",  "VI",
                                             "VII", "VIII", "IX",  "X",  "XI", "XII"};

std::string in_case(std::string_view word, LetterCase letters) {
  std::string result(word);
  for (std::size_t i = 0; i < result.size(); ++i) {
    char& c = result[i];
    if (letters == LetterCase::Upper && c >= 'a' && c <= 'z') {
      c = static_cast<char>(c - 32);
    } else if (letters == LetterCase::Lower && c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + 32);
    }
  }
  return result;
}

std::string_view ordinal_suffix(std::int64_t value, bool upper) {
  const std::int64_t last_two = std::abs(value) % 100;
  const std::int64_t last = last_two % 10;
  if (last_two < 11 || last_two > 13) {
    switch (last) {
      case 1:
        return upper ? "ST" : "st";
      case 2:
        return upper ? "ND" : "nd";
      case 3:
        return upper ? "RD" : "rd";
      default:
        break;
    }
  }
  return upper ? "TH" : "th";
}

class Writer {
 public:
  explicit Writer(const CharTime& time) : time_(time) {
    if (!time.is_interval) {
      weekday_ = static_cast<int>(time.days + 6 - floor_divide(time.days + 6, 7) * 7);
      day_of_year_ = static_cast<int>(time.days - days_from_civil({time.date.year, 1, 1})) + 1;
      set_iso_week();
    }
  }
  std::string write(const std::vector<DateFormatPart>& parts) {
    for (const DateFormatPart& part : parts) {
      put(part);
    }
    return std::move(out_);
  }

 private:
  void set_iso_week() {
    const std::int64_t monday_based = (weekday_ + 6) % 7;
    const std::int64_t thursday = time_.days - monday_based + 3;
    iso_year_ = civil_from_days(thursday).year;
    const std::int64_t first = days_from_civil({iso_year_, 1, 1});
    iso_week_ = static_cast<int>((thursday - first) / 7) + 1;
    iso_day_of_year_ = (iso_week_ - 1) * 7 + static_cast<int>(monday_based) + 1;
  }
  static std::int64_t shown_year(std::int64_t year) { return year > 0 ? year : 1 - year; }
  [[nodiscard]] std::int64_t year() const {
    return time_.is_interval ? time_.date.year : shown_year(time_.date.year);
  }

  void number(const DateFormatPart& part, std::int64_t value, int width) {
    if (part.fill && value < 0) {
      fmt::format_to(std::back_inserter(out_), "{:0{}}", value, width + 1);
    } else {
      fmt::format_to(std::back_inserter(out_), "{:0{}}", value, part.fill ? width : 1);
    }
    if (part.ordinal != '\0') {
      out_.append(ordinal_suffix(value, part.ordinal == 'T'));
    }
  }
  void name(const DateFormatPart& part, std::string_view word, std::size_t width) {
    std::string text = in_case(word, part.letters);
    if (part.fill && text.size() < width) {
      text.resize(width, ' ');
    }
    out_.append(text);
  }
  static std::int64_t last_digits(std::int64_t value, int digits) {
    constexpr std::int64_t kPowers[] = {1, 10, 100, 1000};
    return digits >= 4 ? value : value % kPowers[digits];
  }

  void put(const DateFormatPart& part) {
    switch (part.field) {
      case DateField::Literal:
        out_.append(part.literal);
        break;
      case DateField::Hour24:
      case DateField::Hour12:
      case DateField::Minute:
      case DateField::Second:
      case DateField::SecondOfDay:
      case DateField::Fraction:
      case DateField::Meridiem:
        put_time(part);
        break;
      case DateField::Zone:
      case DateField::ZoneHour:
      case DateField::ZoneMinute:
      case DateField::ZoneOffset:
        put_zone(part);
        break;
      default:
        put_date(part);
        break;
    }
  }

  void put_time(const DateFormatPart& part) {
    const std::int64_t seconds = time_.time_us / kUsPerSecond;
    const std::int64_t hour = seconds / 3600;
    switch (part.field) {
      case DateField::Hour24:
        number(part, hour, 2);
        break;
      case DateField::Hour12:
        number(part, hour % 12 == 0 ? 12 : hour % 12, 2);
        break;
      case DateField::Minute:
        number(part, seconds / 60 % 60, 2);
        break;
      case DateField::Second:
        number(part, seconds % 60, 2);
        break;
      case DateField::SecondOfDay:
        number(part, seconds, 1);
        break;
      case DateField::Fraction: {
        std::int64_t fraction = std::abs(time_.time_us % kUsPerSecond);
        for (int i = part.digits; i < 6; ++i) {
          fraction /= 10;
        }
        fmt::format_to(std::back_inserter(out_), "{:0{}}", fraction, part.digits);
        if (part.ordinal != '\0') {
          out_.append(ordinal_suffix(fraction, part.ordinal == 'T'));
        }
        break;
      }
      default: {
        const bool is_afternoon = hour % 24 >= 12;
        const std::string_view word =
            part.with_dots ? (is_afternoon ? "P.M." : "A.M.") : (is_afternoon ? "PM" : "AM");
        out_.append(in_case(
            word, part.letters == LetterCase::Lower ? LetterCase::Lower : LetterCase::Upper));
        break;
      }
    }
  }

  void put_zone(const DateFormatPart& part) {
    const int magnitude = std::abs(time_.offset_s);
    const char sign = time_.offset_s < 0 ? '-' : '+';
    switch (part.field) {
      case DateField::Zone:
        out_.append(part.letters == LetterCase::Lower ? in_case(time_.zone, LetterCase::Lower)
                                                      : time_.zone);
        break;
      case DateField::ZoneHour:
        fmt::format_to(std::back_inserter(out_), "{}{:02}", sign, magnitude / 3600);
        break;
      case DateField::ZoneMinute:
        fmt::format_to(std::back_inserter(out_), "{:02}", magnitude / 60 % 60);
        break;
      default:
        fmt::format_to(std::back_inserter(out_), "{}{:0{}}", sign, magnitude / 3600,
                       part.fill ? 2 : 1);
        if (magnitude / 60 % 60 != 0) {
          fmt::format_to(std::back_inserter(out_), ":{:02}", magnitude / 60 % 60);
        }
        break;
    }
  }

  void put_date(const DateFormatPart& part) {
    switch (part.field) {
      case DateField::YearComma:
        fmt::format_to(std::back_inserter(out_), "{},{:03}", year() / 1000, year() % 1000);
        break;
      case DateField::Year4:
        number(part, year(), 4);
        break;
      case DateField::Year3:
        number(part, last_digits(year(), 3), 3);
        break;
      case DateField::Year2:
        number(part, last_digits(year(), 2), 2);
        break;
      case DateField::Year1:
        number(part, last_digits(year(), 1), 1);
        break;
      case DateField::IsoYear:
        number(part, last_digits(shown_year(iso_year_), part.digits), part.digits);
        break;
      case DateField::MonthName:
        month(part, [&] { name(part, kMonths[time_.date.month - 1], 9); });
        break;
      case DateField::MonthShort:
        month(part, [&] { name(part, kMonths[time_.date.month - 1].substr(0, 3), 3); });
        break;
      case DateField::MonthNumber:
        number(part, time_.date.month, 2);
        break;
      case DateField::MonthRoman:
        month(part, [&] { name(part, kRomanMonths[time_.date.month - 1], 4); });
        break;
      case DateField::Quarter:
        month(part, [&] { number(part, (time_.date.month - 1) / 3 + 1, 1); });
        break;
      case DateField::DayName:
        name(part, kDays[weekday_], 9);
        break;
      case DateField::DayShort:
        name(part, kDays[weekday_].substr(0, 3), 3);
        break;
      case DateField::DayOfYear:
        number(part, day_of_year_, 3);
        break;
      case DateField::DayOfMonth:
        number(part, time_.date.day, 2);
        break;
      case DateField::DayOfWeek:
        number(part, weekday_ + 1, 1);
        break;
      case DateField::IsoDayOfWeek:
        number(part, weekday_ == 0 ? 7 : weekday_, 1);
        break;
      case DateField::IsoDayOfYear:
        number(part, iso_day_of_year_, 3);
        break;
      case DateField::WeekOfYear:
        number(part, (day_of_year_ - 1) / 7 + 1, 2);
        break;
      case DateField::IsoWeek:
        number(part, iso_week_, 2);
        break;
      case DateField::WeekOfMonth:
        number(part, (time_.date.day - 1) / 7 + 1, 1);
        break;
      case DateField::Century: {
        const std::int64_t century =
            time_.date.year > 0 ? (time_.date.year - 1) / 100 + 1 : time_.date.year / 100 - 1;
        number(part, century, 2);
        break;
      }
      case DateField::Julian: {
        constexpr std::int64_t kJulianDay2000 = 2451545;
        number(part, time_.days + kJulianDay2000, 1);
        break;
      }
      default: {
        const bool is_before = time_.date.year <= 0;
        const std::string_view word =
            part.with_dots ? (is_before ? "B.C." : "A.D.") : (is_before ? "BC" : "AD");
        out_.append(in_case(
            word, part.letters == LetterCase::Lower ? LetterCase::Lower : LetterCase::Upper));
        break;
      }
    }
  }
  /// Names of months are nothing for an interval without one.
  template <typename Put>
  void month(const DateFormatPart& /*part*/, Put put_it) {
    if (time_.date.month >= 1 && time_.date.month <= 12) {
      put_it();
    }
  }

  const CharTime& time_;
  std::string out_;
  int weekday_ = 0;
  int day_of_year_ = 1;
  int iso_week_ = 1;
  int iso_day_of_year_ = 1;
  std::int64_t iso_year_ = 2000;
};

}  // namespace

std::string write_date_format(const CharTime& time, std::string_view format) {
  return Writer(time).write(parse_date_format(format));
}

}  // namespace omen::sql
