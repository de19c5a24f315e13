#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omen::sql {

/// Text forms of the integers: blanks around, one sign, decimal digits. 22P02 or 22003.
std::int16_t parse_int2(std::string_view text);
std::int32_t parse_int4(std::string_view text);
std::int64_t parse_int8(std::string_view text);
void append_integer(std::int64_t value, std::string& out);

}  // namespace omen::sql
