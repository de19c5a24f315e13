#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sql/types/date_time.h"

namespace omen::sql {

/// What to_char writes: a moment of the local calendar, or an interval's fields.
struct CharTime {
  Civil date;
  std::int64_t days = 0;     ///< since 2000-01-01
  std::int64_t time_us = 0;  ///< of the day; of an interval all of it
  std::string zone;          ///< abbreviation; empty without zone
  int offset_s = 0;          ///< east of UTC
  bool is_interval = false;
};

/// `time` as the picture wants it; see date_time_format.h.
std::string write_date_format(const CharTime& time, std::string_view format);

}  // namespace omen::sql
