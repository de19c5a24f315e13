#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Format pictures of to_char, to_date and to_timestamp: "YYYY-MM-DD HH24:MI".
namespace omen::sql {

enum class DateField {
  Literal,
  YearComma,
  Year4,
  Year3,
  Year2,
  Year1,
  IsoYear,
  MonthName,
  MonthShort,
  MonthNumber,
  MonthRoman,
  Quarter,
  DayName,
  DayShort,
  DayOfYear,
  DayOfMonth,
  DayOfWeek,
  IsoDayOfWeek,
  IsoDayOfYear,
  WeekOfYear,
  IsoWeek,
  WeekOfMonth,
  Century,
  Julian,
  Hour24,
  Hour12,
  Minute,
  Second,
  SecondOfDay,
  Fraction,
  Meridiem,
  Era,
  Zone,
  ZoneHour,
  ZoneMinute,
  ZoneOffset
};
enum class LetterCase { Upper, Capital, Lower };

struct DateFormatPart {
  DateField field = DateField::Literal;
  LetterCase letters = LetterCase::Upper;
  bool fill = true;        ///< false after FM
  bool with_dots = false;  ///< A.M., B.C.
  char ordinal = '\0';     ///< 'T' for TH, 't' for th
  int digits = 0;          ///< of Fraction; 3 for MS, 6 for US
  bool is_quoted = false;  ///< a literal from a quoted string
  std::string literal;
};

std::vector<DateFormatPart> parse_date_format(std::string_view format);

}  // namespace omen::sql
