#pragma once

#include "sql/functions/comparison.h"
#include "sql/functions/sql_values.h"
#include "sql/types/date_time.h"

namespace omen::sql {

template <>
struct SqlValue<Interval> {
  static constexpr Oid kType = type_oid::kInterval;
  using Slot = std::string_view;
  static Interval load(const Slot& slot, engine::Arena& /*scratch*/) {
    return decode_interval(slot);
  }
  static void store(Slot& slot, engine::Arena& arena, const Interval& value) {
    slot = arena.copy(encode_interval(value));
  }
};
inline int three_way(const Interval& a, const Interval& b) {
  return compare_intervals(a, b);
}
inline int three_way(DateValue a, TimestampValue b) {
  return three_way(date_to_timestamp(a.value), b.value);
}
inline int three_way(TimestampValue a, DateValue b) {
  return -three_way(b, a);
}

}  // namespace omen::sql
