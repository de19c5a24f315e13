#include "sql/session/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

/// Length a lead byte announces; 1 for a byte that cannot lead.
std::size_t announced_length(std::uint8_t lead) {
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

bool is_valid_sequence(std::string_view sequence) {
  const std::uint8_t lead = byte_at(sequence, 0);
  if (lead < 0x80) {
    return lead != 0;
  }
  if (lead < 0xC2 || lead > 0xF4) {
    return false;
  }
  for (std::size_t i = 1; i < sequence.size(); ++i) {
    if ((byte_at(sequence, i) & 0xC0) != 0x80) {
      return false;
    }
  }
  const std::uint8_t second = byte_at(sequence, 1);
  return !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F) &&
         !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
}

[[noreturn]] void throw_invalid(std::string_view sequence) {
  std::string bytes;
  for (const char c : sequence) {
    bytes += fmt::format("{}0x{:02x}", bytes.empty() ? "" : " ", static_cast<std::uint8_t>(c));
  }
  throw SqlError(sqlstate::kCharacterNotInRepertoire,
                 fmt::format("invalid byte sequence for encoding \"UTF8\": {}", bytes));
}

/// Whether the eight bytes at `bytes` are all ASCII and none is zero.
bool is_plain_word(const char* bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return ((word | (word - kOnes)) & kHighBits) == 0;
}

}  // namespace

void check_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (i + 8 <= text.size() && is_plain_word(text.data() + i)) {
      i += 8;
      continue;
    }
    const std::size_t length = announced_length(byte_at(text, i));
    const std::string_view sequence = text.substr(i, length);
    if (sequence.size() < length || !is_valid_sequence(sequence)) {
      throw_invalid(sequence);
    }
    i += length;
  }
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace omen::sql
