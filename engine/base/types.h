#pragma once

#include <cstdint>

namespace omen::engine {

using Oid = std::uint32_t;    ///< catalog object; 0 is none
using RowId = std::uint64_t;  ///< stable over UPDATE, never reused within a table
using Xid = std::uint64_t;    ///< transaction or subtransaction; dense; 0 is none

/// How a column's values lie in memory and in rows. A SQL type has one; several share one.
enum class PhysicalType : std::uint8_t {
  Bool,  ///< uint8_t 0 or 1
  Int16,
  Int32,
  Int64,  ///< also oid (0..2^32-1), timestamps (microseconds since 2000-01-01)
  Float32,
  Float64,
  /// Text, bytea, uuid (16 bytes), vectors (float32 little-endian, dim = size / 4), arrays
  Bytes,
  /// 2 bytes of display scale (big-endian), then bytes whose memcmp order is the value order
  Numeric,
};

/// Width of a value in a column's data array; Bytes and Numeric are std::string_view there.
constexpr std::uint32_t width_bytes(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool:
      return 1;
    case PhysicalType::Int16:
      return 2;
    case PhysicalType::Int32:
    case PhysicalType::Float32:
      return 4;
    case PhysicalType::Int64:
    case PhysicalType::Float64:
      return 8;
    case PhysicalType::Bytes:
    case PhysicalType::Numeric:
      return 16;
  }
  return 0;
}

constexpr bool is_bytes(PhysicalType type) {
  return type == PhysicalType::Bytes || type == PhysicalType::Numeric;
}

}  // namespace omen::engine
