#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// UTF-8 text: what length, padding and truncation mean for it. The server's encoding is UTF8.
namespace omen::sql {

/// Bytes a name holds at most (NAMEDATALEN - 1).
constexpr std::size_t kNameBytesMax = 63;
/// Longest varchar(n) and char(n).
constexpr std::int32_t kTextLengthMax = 10485760;

/// Bytes any value holds at most (PostgreSQL's MaxAllocSize).
constexpr std::size_t kValueBytesMax = 0x3fffffff;

/// Appends `part`; 54000 `out of memory` if the value would grow beyond kValueBytesMax.
void append_bounded(std::string& out, std::string_view part);

/// Characters in valid UTF-8.
std::size_t char_count(std::string_view text);
/// Byte offset of character `index`; text.size() if there are fewer.
std::size_t char_offset(std::string_view text, std::size_t index);
/// Bytes of the character that starts with this byte.
constexpr std::size_t char_bytes(char first) {
  const auto byte = static_cast<std::uint8_t>(first);
  return byte < 0x80 ? 1 : (byte < 0xE0 ? 2 : (byte < 0xF0 ? 3 : 4));
}
/// The longest prefix of whole characters within `size_bytes_max`.
std::string_view clip_bytes(std::string_view text, std::size_t size_bytes_max);
/// Code point of the (valid) character at the front.
char32_t first_code_point(std::string_view text);
void append_code_point(char32_t code_point, std::string& out);
/// 22021 `invalid byte sequence for encoding "UTF8": 0x..`.
void verify_utf8(std::string_view text);

/// A-Z to a-z, everything else as it is.
std::string ascii_lower(std::string_view text);

/// Without trailing blanks, as char(n) compares and converts.
std::string_view strip_blanks(std::string_view text);

/// The input, assignment and cast rules of varchar(n) and char(n); modifier as in pg_attribute
/// (n + 4, or -1). `is_explicit` truncates silently, else 22001 unless only blanks are lost.
std::string_view fit_varchar(std::string_view text, std::int32_t modifier, bool is_explicit);
std::string fit_bpchar(std::string_view text, std::int32_t modifier, bool is_explicit);

/// `name` in double quotes if it needs them.
std::string quote_identifier(std::string_view name);
/// 'text', with E'' if it has backslashes.
std::string quote_literal_text(std::string_view text);

}  // namespace omen::sql
