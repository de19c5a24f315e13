#pragma once

#include <cstddef>
#include <string_view>

namespace omen::sql {

/// Throws 22021 `invalid byte sequence for encoding "UTF8": 0x..` unless `text` is well-formed
/// UTF-8 without zero bytes.
void check_utf8(std::string_view text);
/// Characters in well-formed UTF-8.
std::size_t count_characters(std::string_view text);

}  // namespace omen::sql
