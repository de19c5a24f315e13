#pragma once

#include <string>
#include <string_view>

namespace omen::sql {

/// bytea's text: \x hex, or the escape format (\\, \ooo). 22P02, or 22023 for bad hex.
std::string parse_bytea(std::string_view text);
void append_bytea_hex(std::string_view bytes, std::string& out);  ///< without \x
void append_bytea_escape(std::string_view bytes, std::string& out);
/// Hex digits, white space between pairs allowed, to bytes. 22023 `invalid hexadecimal digit: "g"`.
std::string decode_hex(std::string_view digits);

}  // namespace omen::sql
