#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/types/date_time.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

/// Text forms of dates and times: ISO 8601, month names, slashes in DateStyle's order, zone names,
/// and the special words (now, today, epoch, infinity...).
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

/// What a literal says; absent parts were not written.
struct Parsed {
  std::optional<Civil> date;
  std::optional<std::int64_t> time_us;
  std::optional<std::string> zone;
  std::optional<std::int64_t> instant;  ///< now: UTC
  int relative_days = 0;
  bool is_today = false, is_epoch = false, is_infinite = false, is_negative = false;
};

class DateTimeParser {
 public:
  DateTimeParser(std::string_view text, std::string_view type_name, const EvalContext& context)
      : text_(text), type_name_(type_name), context_(context), rest_(trim_spaces(text)) {}

  Parsed parse() {
    if (rest_.empty()) {
      invalid();
    }
    while (!rest_.empty()) {
      const char c = rest_[0];
      if (is_space(c) || c == ',') {
        rest_.remove_prefix(1);
      } else if (is_digit(c)) {
        parse_number();
      } else if (is_letter(c)) {
        parse_word();
      } else if ((c == '+' || c == '-') && result_.time_us) {
        parse_offset();
      } else if (c == '-' && ascii_lower(rest_) == "-infinity") {
        result_.is_infinite = true;
        result_.is_negative = true;
        rest_ = {};
      } else {
        invalid();
      }
    }
    finish_date();
    return result_;
  }

 private:
  [[noreturn]] void invalid() const {
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("invalid input syntax for type {}: \"{}\"", type_name_, text_));
  }
  [[noreturn]] void out_of_range() const {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date/time field value out of range: \"{}\"", text_));
  }

  std::string_view take_while(bool (*test)(char)) {
    std::size_t size = 0;
    while (size < rest_.size() && test(rest_[size])) {
      ++size;
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  int to_int(std::string_view digits) const {
    int value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || stop != digits.data() + digits.size()) {
      out_of_range();
    }
    return value;
  }

  void parse_number() {
    const std::string_view digits = take_while(is_digit);
    const char next = rest_.empty() ? '\0' : rest_[0];
    if (next == ':') {
      parse_clock(to_int(digits));
    } else if ((next == '-' || next == '/' || next == '.') && rest_.size() > 1 && !has_date() &&
               (is_digit(rest_[1]) || is_letter(rest_[1]))) {
      parse_separated(digits, next);
    } else if (digits.size() == 8 && !has_date()) {
      result_.date = Civil{to_int(digits.substr(0, 4)), to_int(digits.substr(4, 2)),
                           to_int(digits.substr(6, 2))};
    } else if ((has_date() || type_name_ == "time") && !result_.time_us &&
               (digits.size() == 6 || digits.size() == 4)) {
      set_time(to_int(digits.substr(0, 2)), to_int(digits.substr(2, 2)),
               digits.size() == 6 ? to_int(digits.substr(4, 2)) : 0, take_fraction());
    } else {
      loose_.push_back(digits);
    }
  }
  [[nodiscard]] bool has_date() const { return result_.date.has_value(); }

  /// 2024-01-02, 1/2/2024, 2-Jan-2024, 2.1.2024.
  void parse_separated(std::string_view first, char separator) {
    std::vector<std::string_view> parts{first};
    int named_month = 0;
    while (!rest_.empty() && rest_[0] == separator && parts.size() < 3) {
      rest_.remove_prefix(1);
      if (!rest_.empty() && is_letter(rest_[0])) {
        named_month = month_number(ascii_lower(take_while(is_letter)));
        if (named_month == 0) {
          invalid();
        }
        parts.emplace_back();
      } else {
        parts.push_back(take_while(is_digit));
      }
    }
    constexpr std::size_t kDayOfYearDigits = 3;
    if (parts.size() == 2 && parts[0].size() > 2 && parts[1].size() == kDayOfYearDigits) {
      set_day_of_year(year_of(parts[0]), to_int(parts[1]));
      return;
    }
    if (parts.size() != 3) {
      invalid();
    }
    if (named_month != 0) {
      const bool year_first = parts[0].size() > 2;
      result_.date =
          Civil{year_of(parts[year_first ? 0 : 2]), named_month, to_int(parts[year_first ? 2 : 0])};
    } else if (parts[0].size() > 2 || context_.date_style.ends_with("YMD")) {
      result_.date = Civil{year_of(parts[0]), to_int(parts[1]), to_int(parts[2])};
    } else if (context_.date_style.ends_with("DMY")) {
      result_.date = Civil{year_of(parts[2]), to_int(parts[1]), to_int(parts[0])};
    } else {
      result_.date = Civil{year_of(parts[2]), to_int(parts[0]), to_int(parts[1])};
    }
  }
  void set_day_of_year(std::int64_t year, int day) {
    constexpr int kDaysMax = 366;
    if (day < 1 || day > kDaysMax) {
      out_of_range();
    }
    result_.date = civil_from_days(days_from_civil(Civil{year, 1, 1}) + day - 1);
  }
  std::int64_t year_of(std::string_view digits) const {
    const int year = to_int(digits);
    return digits.size() > 2 ? year : (year < 70 ? year + 2000 : year + 1900);
  }

  std::int64_t take_fraction() {
    if (rest_.empty() || rest_[0] != '.') {
      return 0;
    }
    rest_.remove_prefix(1);
    const std::string_view digits = take_while(is_digit);
    const double fraction = digits.empty() ? 0 : std::stod("0." + std::string(digits));
    return static_cast<std::int64_t>(std::nearbyint(fraction * 1e6));
  }

  void parse_clock(int hour) {
    if (result_.time_us) {
      invalid();
    }
    rest_.remove_prefix(1);
    const int minute = to_int(take_while(is_digit));
    int second = 0;
    if (!rest_.empty() && rest_[0] == ':') {
      rest_.remove_prefix(1);
      second = to_int(take_while(is_digit));
    }
    set_time(hour, minute, second, take_fraction());
  }
  void set_time(int hour, int minute, int second, std::int64_t fraction_us) {
    const bool is_midnight = hour == 24 && minute == 0 && second == 0 && fraction_us == 0;
    if ((hour > 23 && !is_midnight) || minute > 59 || second > 60) {
      out_of_range();
    }
    result_.time_us =
        ((std::int64_t{hour} * 60 + minute) * 60 + second) * kUsPerSecond + fraction_us;
  }

  static int month_number(std::string_view word) {
    for (std::size_t i = 0; i < std::size(kMonths); ++i) {
      if (word == kMonths[i] || word == kMonths[i].substr(0, 3) || (word == "sept" && i == 8)) {
        return static_cast<int>(i) + 1;
      }
    }
    return 0;
  }

  void parse_word() {
    const std::string_view before = rest_;
    const std::string word = ascii_lower(take_while(is_letter));
    if (word == "t" && has_date()) {
      return;
    }
    if (word == "am" || word == "pm") {
      if (!result_.time_us || *result_.time_us >= 13 * kUsPerHour) {
        out_of_range();
      }
      const bool is_twelve = *result_.time_us >= 12 * kUsPerHour;
      *result_.time_us +=
          word == "pm" ? (is_twelve ? 0 : 12 * kUsPerHour) : (is_twelve ? -12 * kUsPerHour : 0);
    } else if (word == "bc" || word == "ad") {
      is_bc_ = word == "bc";
    } else if (const int month = month_number(word); month != 0) {
      month_ = month;
    } else if (std::ranges::any_of(kDays, [&](std::string_view day) {
                 return word == day || word == day.substr(0, 3);
               })) {
      return;
    } else if (word == "now") {
      result_.instant = context_.transaction_timestamp_us;
    } else if (word == "today" || word == "tomorrow" || word == "yesterday") {
      result_.is_today = true;
      result_.relative_days = word == "today" ? 0 : (word == "tomorrow" ? 1 : -1);
    } else if (word == "epoch") {
      result_.is_epoch = true;
    } else if (word == "infinity" || word == "inf") {
      result_.is_infinite = true;
    } else if (word == "allballs") {
      result_.time_us = 0;
      result_.zone = "UTC";
    } else {
      rest_ = before;
      parse_zone_name();
    }
  }

  void parse_zone_name() {
    const std::string_view name = take_while([](char c) {
      return is_letter(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
    });
    if (!result_.time_us) {
      invalid();
    }
    if (!is_time_zone(name)) {
      if (name.find('/') != std::string_view::npos) {
        throw SqlError(sqlstate::kInvalidParameterValue,
                       fmt::format("time zone \"{}\" not recognized", ascii_lower(name)));
      }
      invalid();
    }
    result_.zone = std::string(name);
  }

  void parse_offset() {
    std::size_t size = 1;
    while (size < rest_.size() && (is_digit(rest_[size]) || rest_[size] == ':')) {
      ++size;
    }
    const std::string offset(rest_.substr(0, size));
    rest_.remove_prefix(size);
    if (size == 1) {
      invalid();
    }
    if (!is_time_zone(offset)) {
      throw SqlError("22009", fmt::format("time zone displacement out of range: \"{}\"", text_));
    }
    result_.zone = offset;
  }

  /// Month name with loose day and year; checks the calendar.
  void finish_date() {
    if (month_ != 0 && loose_.size() == 2 && !has_date()) {
      const bool year_first = loose_[0].size() > 2;
      result_.date =
          Civil{year_of(loose_[year_first ? 0 : 1]), month_, to_int(loose_[year_first ? 1 : 0])};
    } else if (month_ != 0 || !loose_.empty()) {
      invalid();
    }
    if (!result_.date) {
      return;
    }
    Civil& date = *result_.date;
    if (is_bc_) {
      date.year = 1 - date.year;
    } else if (date.year == 0) {
      out_of_range();
    }
    if (date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_in_month(date.year, date.month)) {
      SqlError error(sqlstate::kDatetimeFieldOverflow,
                     fmt::format("date/time field value out of range: \"{}\"", text_));
      if (date.month > 12) {
        throw std::move(error).hint("Perhaps you need a different \"datestyle\" setting.");
      }
      throw std::move(error);
    }
  }

  std::string_view text_;
  std::string_view type_name_;
  const EvalContext& context_;
  std::string_view rest_;
  Parsed result_;
  std::vector<std::string_view> loose_;
  int month_ = 0;
  bool is_bc_ = false;
};

/// Local time in the session's zone; `is_utc` says that it already is UTC.
struct Local {
  std::int64_t us = 0;
  bool is_utc = false;
};
Local local_of(const Parsed& parsed, const EvalContext& context, std::string_view text,
               std::string_view type_name) {
  if (parsed.instant) {
    return {*parsed.instant, true};
  }
  if (parsed.is_epoch) {
    return {kUnixEpochSeconds * kUsPerSecond, true};
  }
  std::int64_t days = 0;
  if (parsed.is_today) {
    const std::int64_t now = utc_to_local(context.transaction_timestamp_us, context.time_zone);
    days = floor_divide(now, kUsPerDay) + parsed.relative_days;
  } else if (parsed.date) {
    days = days_from_civil(*parsed.date);
  } else {
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("invalid input syntax for type {}: \"{}\"", type_name, text));
  }
  try {
    return {join_timestamp(days, parsed.time_us.value_or(0)), false};
  } catch (const SqlError&) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("timestamp out of range: \"{}\"", text));
  }
}

}  // namespace

std::int32_t parse_date(std::string_view text, const EvalContext& context) {
  const Parsed parsed = DateTimeParser(text, "date", context).parse();
  if (parsed.is_infinite) {
    return parsed.is_negative ? kDateMinusInfinity : kDateInfinity;
  }
  std::int64_t days = 0;
  if (parsed.date) {
    days = days_from_civil(*parsed.date);
  } else {
    const Local local = local_of(parsed, context, text, "date");
    days = floor_divide(parsed.instant ? utc_to_local(local.us, context.time_zone) : local.us,
                        kUsPerDay);
  }
  constexpr std::int64_t kDaysMin = -2451545;
  constexpr std::int64_t kDaysMax = 2145031948;
  if (days < kDaysMin || days > kDaysMax) {
    throw SqlError(sqlstate::kDatetimeFieldOverflow,
                   fmt::format("date out of range: \"{}\"", text));
  }
  return static_cast<std::int32_t>(days);
}

std::int64_t parse_time(std::string_view text, const EvalContext& context) {
  const Parsed parsed = DateTimeParser(text, "time", context).parse();
  if (parsed.instant) {
    const std::int64_t local = utc_to_local(*parsed.instant, context.time_zone);
    return local - floor_divide(local, kUsPerDay) * kUsPerDay;
  }
  if (!parsed.time_us) {
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   fmt::format("invalid input syntax for type time: \"{}\"", text));
  }
  return *parsed.time_us;
}

std::int64_t parse_timestamp(std::string_view text, const EvalContext& context) {
  const Parsed parsed = DateTimeParser(text, "timestamp", context).parse();
  if (parsed.is_infinite) {
    return parsed.is_negative ? kTimestampMinusInfinity : kTimestampInfinity;
  }
  const Local local = local_of(parsed, context, text, "timestamp");
  return parsed.instant ? utc_to_local(local.us, context.time_zone) : local.us;
}

std::int64_t parse_timestamptz(std::string_view text, const EvalContext& context) {
  const Parsed parsed = DateTimeParser(text, "timestamp with time zone", context).parse();
  if (parsed.is_infinite) {
    return parsed.is_negative ? kTimestampMinusInfinity : kTimestampInfinity;
  }
  const Local local = local_of(parsed, context, text, "timestamp with time zone");
  if (local.is_utc) {
    return local.us;
  }
  return local_to_utc(local.us, parsed.zone ? std::string_view(*parsed.zone) : context.time_zone);
}

}  // namespace omen::sql
