#pragma once

#include <cmath>
#include <string>
#include <type_traits>

#include "sql/error/sql_error.h"

namespace omen::sql {

/// 22003 `integer out of range` and the like.
template <typename T>
[[noreturn]] void integer_out_of_range() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, sizeof(T) == 2   ? "smallint out of range"
                                                    : sizeof(T) == 4 ? "integer out of range"
                                                                     : "bigint out of range");
}

[[noreturn]] inline void division_by_zero() {
  throw SqlError(sqlstate::kDivisionByZero, "division by zero");
}

[[noreturn]] inline void float_overflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value out of range: overflow");
}
[[noreturn]] inline void float_underflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value out of range: underflow");
}

/// `result` of an operation, unless it became infinite from finite operands.
template <typename T, typename... Operands>
T checked_overflow(T result, Operands... operands) {
  if (std::isinf(result) && !(std::isinf(operands) || ...)) {
    float_overflow();
  }
  return result;
}

}  // namespace omen::sql
