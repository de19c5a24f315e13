#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "engine/base/types.h"

namespace omen::engine {

/// One value outside a batch: a constant, a parameter, an index bound. monostate is NULL.
/// The alternative held is the one of the column's PhysicalType (Bool: bool; Bytes, Numeric:
/// string).
using Value = std::variant<std::monostate, bool, std::int16_t, std::int32_t, std::int64_t, float,
                           double, std::string>;

inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

}  // namespace omen::engine
