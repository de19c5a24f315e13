#include "sql/types/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

bool is_continuation(char c) {
  return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80;
}

/// Bytes of the valid character at the front, or 0.
std::size_t valid_char_bytes(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    return first == 0 ? 0 : 1;
  }
  const std::size_t size = char_bytes(text[0]);
  if (first < 0xC2 || first > 0xF4 || text.size() < size) {
    return 0;
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) {
      return 0;
    }
  }
  const std::uint8_t second = byte(1);
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : size;
}

SqlError too_long(std::string_view type_name, std::size_t length_max) {
  return {sqlstate::kStringDataRightTruncation,
          fmt::format("value too long for type {}({})", type_name, length_max)};
}

}  // namespace

void append_bounded(std::string& out, std::string_view part) {
  if (out.size() + part.size() >= kValueBytesMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "out of memory")
        .detail(fmt::format("Cannot enlarge string buffer containing {} bytes by {} more bytes.",
                            out.size(), part.size()));
  }
  out.append(part);
}

std::size_t char_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

std::size_t char_offset(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  while (index > 0 && at < text.size()) {
    at += char_bytes(text[at]);
    --index;
  }
  return std::min(at, text.size());
}

std::string_view clip_bytes(std::string_view text, std::size_t size_bytes_max) {
  if (text.size() <= size_bytes_max) {
    return text;
  }
  std::size_t end = size_bytes_max;
  while (end > 0 && is_continuation(text[end])) {
    --end;
  }
  return text.substr(0, end);
}

char32_t first_code_point(std::string_view text) {
  const auto byte = [&text](std::size_t i) {
    return i < text.size() ? char32_t{static_cast<std::uint8_t>(text[i])} : char32_t{0};
  };
  switch (char_bytes(text[0])) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3:
      return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default:
      return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 |
             (byte(3) & 0x3F);
  }
}

void append_code_point(char32_t code_point, std::string& out) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

void verify_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = valid_char_bytes(text);
    if (size == 0) {
      std::string shown;
      for (const char c : text.substr(0, char_bytes(text[0]))) {
        shown += fmt::format("{}0x{:02x}", shown.empty() ? "" : " ", static_cast<std::uint8_t>(c));
      }
      throw SqlError(sqlstate::kCharacterNotInRepertoire,
                     "invalid byte sequence for encoding \"UTF8\": " + shown);
    }
    text.remove_prefix(size);
  }
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + ('a' - 'A'));
    }
  }
  return lower;
}

std::string_view strip_blanks(std::string_view text) {
  const std::size_t last = text.find_last_not_of(' ');
  return last == std::string_view::npos ? text.substr(0, 0) : text.substr(0, last + 1);
}

std::string_view fit_varchar(std::string_view text, std::int32_t modifier, bool is_explicit) {
  if (modifier < 4 || text.size() <= static_cast<std::size_t>(modifier - 4)) {
    return text;
  }
  const auto length_max = static_cast<std::size_t>(modifier - 4);
  const std::size_t end = char_offset(text, length_max);
  if (!is_explicit && text.find_first_not_of(' ', end) != std::string_view::npos) {
    throw too_long("character varying", length_max);
  }
  return text.substr(0, end);
}

std::string fit_bpchar(std::string_view text, std::int32_t modifier, bool is_explicit) {
  if (modifier < 4) {
    return std::string(text);
  }
  const auto length = static_cast<std::size_t>(modifier - 4);
  const std::size_t count = char_count(text);
  if (count <= length) {
    return std::string(text) + std::string(length - count, ' ');
  }
  const std::size_t end = char_offset(text, length);
  if (!is_explicit && text.find_first_not_of(' ', end) != std::string_view::npos) {
    throw too_long("character", length);
  }
  return std::string(text.substr(0, end));
}

std::string quote_literal_text(std::string_view text) {
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') {
      quoted.push_back(c);
    }
    quoted.push_back(c);
  }
  quoted.push_back('\'');
  return quoted;
}

}  // namespace omen::sql
