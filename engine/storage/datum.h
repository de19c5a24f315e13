#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/column_batch.h"
#include "engine/base/types.h"
#include "engine/base/value.h"

namespace omen::engine {

/// One borrowed value between batches, rows and keys: the little-endian bits of a fixed-width
/// value, or a view of bytes.
struct Datum {
  bool null = true;
  std::uint64_t bits = 0;
  std::string_view bytes;
};

inline Datum datum_of(const ColumnVector& column, std::size_t row) {
  Datum datum;
  if (column.is_null(row)) {
    return datum;
  }
  datum.null = false;
  const std::size_t i = column.index(row);
  switch (width_bytes(column.type())) {
    case 1:
      datum.bits = column.values<std::uint8_t>()[i];
      break;
    case 2:
      std::memcpy(&datum.bits, &column.values<std::uint16_t>()[i], 2);
      break;
    case 4:
      std::memcpy(&datum.bits, &column.values<std::uint32_t>()[i], 4);
      break;
    case 8:
      std::memcpy(&datum.bits, &column.values<std::uint64_t>()[i], 8);
      break;
    default:
      datum.bytes = column.values<std::string_view>()[i];
      break;
  }
  return datum;
}

/// Borrows the bytes of a string.
inline Datum datum_of(const Value& value) {
  Datum datum;
  std::visit(
      [&datum]<typename T>(const T& v) {
        if constexpr (std::is_same_v<T, std::string>) {
          datum.bytes = v;
          datum.null = false;
        } else if constexpr (!std::is_same_v<T, std::monostate>) {
          std::memcpy(&datum.bits, &v, sizeof v);
          datum.null = false;
        }
      },
      value);
  return datum;
}

}  // namespace omen::engine
