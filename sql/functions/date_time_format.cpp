#include "sql/functions/date_time_format.h"

#include <utility>

#include "sql/types/text.h"

namespace omen::sql {
namespace {

struct Keyword {
  std::string_view name;  ///< in upper case; longer ones first
  DateField field;
  int digits = 0;
  bool with_dots = false;
};
constexpr Keyword kKeywords[] = {
    {"SSSSS", DateField::SecondOfDay},
    {"Y,YYY", DateField::YearComma},
    {"MONTH", DateField::MonthName},
    {"A.M.", DateField::Meridiem, 0, true},
    {"P.M.", DateField::Meridiem, 0, true},
    {"A.D.", DateField::Era, 0, true},
    {"B.C.", DateField::Era, 0, true},
    {"YYYY", DateField::Year4},
    {"IYYY", DateField::IsoYear, 4},
    {"IDDD", DateField::IsoDayOfYear},
    {"HH24", DateField::Hour24},
    {"HH12", DateField::Hour12},
    {"SSSS", DateField::SecondOfDay},
    {"YYY", DateField::Year3},
    {"IYY", DateField::IsoYear, 3},
    {"MON", DateField::MonthShort},
    {"DAY", DateField::DayName},
    {"DDD", DateField::DayOfYear},
    {"TZH", DateField::ZoneHour},
    {"TZM", DateField::ZoneMinute},
    {"FF1", DateField::Fraction, 1},
    {"FF2", DateField::Fraction, 2},
    {"FF3", DateField::Fraction, 3},
    {"FF4", DateField::Fraction, 4},
    {"FF5", DateField::Fraction, 5},
    {"FF6", DateField::Fraction, 6},
    {"YY", DateField::Year2},
    {"IY", DateField::IsoYear, 2},
    {"MM", DateField::MonthNumber},
    {"RM", DateField::MonthRoman},
    {"DY", DateField::DayShort},
    {"DD", DateField::DayOfMonth},
    {"ID", DateField::IsoDayOfWeek},
    {"WW", DateField::WeekOfYear},
    {"IW", DateField::IsoWeek},
    {"CC", DateField::Century},
    {"HH", DateField::Hour12},
    {"MI", DateField::Minute},
    {"SS", DateField::Second},
    {"MS", DateField::Fraction, 3},
    {"US", DateField::Fraction, 6},
    {"AM", DateField::Meridiem},
    {"PM", DateField::Meridiem},
    {"AD", DateField::Era},
    {"BC", DateField::Era},
    {"TZ", DateField::Zone},
    {"OF", DateField::ZoneOffset},
    {"Y", DateField::Year1},
    {"I", DateField::IsoYear, 1},
    {"D", DateField::DayOfWeek},
    {"W", DateField::WeekOfMonth},
    {"J", DateField::Julian},
    {"Q", DateField::Quarter},
};

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool starts_with_keyword(std::string_view text, std::string_view keyword) {
  if (text.size() < keyword.size()) {
    return false;
  }
  for (std::size_t i = 0; i < keyword.size(); ++i) {
    const char c = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 32) : text[i];
    if (c != keyword[i]) {
      return false;
    }
  }
  return true;
}
/// Names follow the letters of the picture: MONTH, Month, month.
LetterCase letters_of(std::string_view written) {
  if (!is_upper(written[0])) {
    return LetterCase::Lower;
  }
  return written.size() > 1 && !is_upper(written[1]) && written[1] != '.' ? LetterCase::Capital
                                                                          : LetterCase::Upper;
}

void add_literal(std::vector<DateFormatPart>& parts, char c, bool is_quoted) {
  if (parts.empty() || parts.back().field != DateField::Literal ||
      parts.back().is_quoted != is_quoted) {
    parts.emplace_back();
    parts.back().is_quoted = is_quoted;
  }
  parts.back().literal.push_back(c);
}

/// Text in double quotes, a backslash before what stands for itself; returns the rest.
std::string_view take_quoted(std::string_view rest, std::vector<DateFormatPart>& parts) {
  rest.remove_prefix(1);
  while (!rest.empty() && rest[0] != '"') {
    if (rest[0] == '\\' && rest.size() > 1) {
      rest.remove_prefix(1);
    }
    add_literal(parts, rest[0], true);
    rest.remove_prefix(1);
  }
  rest.remove_prefix(rest.empty() ? 0 : 1);
  return rest;
}

}  // namespace

std::vector<DateFormatPart> parse_date_format(std::string_view format) {
  std::vector<DateFormatPart> parts;
  std::string_view rest = format;
  while (!rest.empty()) {
    if (rest[0] == '"') {
      rest = take_quoted(rest, parts);
      continue;
    }
    bool fill = true;
    std::string_view after = rest;
    while (starts_with_keyword(after, "FM") || starts_with_keyword(after, "TM") ||
           starts_with_keyword(after, "FX")) {
      fill = fill && !starts_with_keyword(after, "FM");
      after.remove_prefix(2);
    }
    const Keyword* found = nullptr;
    for (const Keyword& keyword : kKeywords) {
      if (starts_with_keyword(after, keyword.name)) {
        found = &keyword;
        break;
      }
    }
    if (found == nullptr) {
      if (after.size() != rest.size()) {
        rest = after;  // a modifier of nothing
        continue;
      }
      add_literal(parts, rest[0], false);
      rest.remove_prefix(1);
      continue;
    }
    DateFormatPart part;
    part.field = found->field;
    part.letters = letters_of(after);
    part.fill = fill;
    part.with_dots = found->with_dots;
    part.digits = found->digits;
    rest = after.substr(found->name.size());
    if (rest.starts_with("TH") || rest.starts_with("th")) {
      part.ordinal = rest[0];
      rest.remove_prefix(2);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace omen::sql
