#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "sql/error/sql_error.h"

namespace omen::sql {

/// Reads big-endian fields of a binary parameter; 08P01 when the field is too short.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T integer() {
    using Unsigned = std::make_unsigned_t<T>;
    const std::string_view raw = take(sizeof(T));
    Unsigned value = 0;
    for (const char c : raw) {
      value = static_cast<Unsigned>((static_cast<std::uint64_t>(value) << 8) |
                                    static_cast<std::uint8_t>(c));
    }
    return static_cast<T>(value);
  }
  float float4() { return std::bit_cast<float>(integer<std::uint32_t>()); }
  double float8() { return std::bit_cast<double>(integer<std::uint64_t>()); }
  std::string_view take(std::size_t size_bytes) {
    if (bytes_.size() < size_bytes) {
      throw SqlError(sqlstate::kProtocolViolation, "insufficient data left in message");
    }
    const std::string_view result = bytes_.substr(0, size_bytes);
    bytes_.remove_prefix(size_bytes);
    return result;
  }
  std::string_view take_rest() { return take(bytes_.size()); }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

/// Appends an integer (or float, by its bits) in network order.
template <typename T>
void append_big_endian(T value, std::string& out) {
  if constexpr (std::is_same_v<T, float>) {
    append_big_endian(std::bit_cast<std::uint32_t>(value), out);
  } else if constexpr (std::is_same_v<T, double>) {
    append_big_endian(std::bit_cast<std::uint64_t>(value), out);
  } else {
    const auto raw = static_cast<std::uint64_t>(value);
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>(raw >> shift));
    }
  }
}

}  // namespace omen::sql
