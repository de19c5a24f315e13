#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sql/types/date_time.h"

namespace omen::sql {

/// What to_date and to_timestamp found in a text; absent fields were not read.
struct ReadTime {
  std::optional<std::int64_t> year, month, day, day_of_year, julian;
  std::optional<std::int64_t> hour, minute, second, second_of_day, fraction_us;
  std::optional<std::int64_t> zone_s;  ///< seconds east of UTC

  /// Days since 2000-01-01; what is absent is the first of its kind, of the year 1 BC. `text` is
  /// for
  /// the message: 22008.
  [[nodiscard]] std::int64_t days(std::string_view text) const;
  [[nodiscard]] std::int64_t time_us(std::string_view text) const;
};

/// Reads `text` as the picture says (see date_time_format.h); 22007.
ReadTime read_date_format(std::string_view text, std::string_view format);

}  // namespace omen::sql
