#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/vector_forms.h"

/// bit(n) and bit varying(n), stored as engine/base/vector_forms.h says.
namespace omen::sql {

constexpr std::uint32_t kBitsMax = 2147483640;  ///< PostgreSQL's: what an int32 of bytes allows

/// A string of zeros, stored; write its bytes from bit_data() on. 54000 above kBitsMax.
std::string zero_bits(std::size_t bit_count);
inline char* bit_data(std::string& stored) {
  return stored.data() + sizeof(std::uint32_t);
}
inline bool get_bit(engine::BitString bits, std::size_t i) {
  return (static_cast<std::uint8_t>(bits.bytes[i / 8]) >> (7 - i % 8) & 1U) != 0;
}
inline void set_bit(std::string& stored, std::size_t i, bool value) {
  char& byte = bit_data(stored)[i / 8];
  const auto mask = static_cast<char>(0x80U >> (i % 8));
  byte = static_cast<char>(value ? byte | mask : byte & ~mask);
}
/// Copies `count` bits of `source` from `source_bit` on to `target_bit` of a string of zeros.
void copy_bits(engine::BitString source, std::size_t source_bit, std::string& target,
               std::size_t target_bit, std::size_t count);
/// Part of a string: bits from `begin` (from 0) to before `end`, cut to what there is.
std::string part_of_bits(engine::BitString bits, std::int64_t begin, std::int64_t end);

/// `101`, `b101` or `x1F`; 22P02.
std::string parse_bits(std::string_view text);
void append_bits_text(engine::BitString bits, std::string& out);
/// bit(n): 22026 unless the length is n.
void check_bit_length(engine::BitString bits, std::int32_t modifier);
/// bit varying(n): 22001 if longer.
void check_varbit_length(engine::BitString bits, std::int32_t modifier);

/// As strings of 0 and 1.
int compare_bits(engine::BitString a, engine::BitString b);

}  // namespace omen::sql
