#pragma once

#include <string>
#include <string_view>

#include "sql/functions/pattern.h"

namespace omen::sql {

/// An ARE in the syntax that RE2 and PCRE2 share.
struct RegexTranslation {
  std::string text;
  Regex::Options options;  ///< the caller's, changed by embedded options `(?i)`
  bool needs_backtracking =
      false;  ///< back references, lookaround, non-greedy quantifiers, word ends
};

/// Translates what is written differently: escapes, embedded options, brackets, white space of
/// expanded syntax. 2201B for what only ARE forbids (repetition counts above 255).
RegexTranslation translate_regex(std::string_view pattern, Regex::Options options);

/// 2201B `invalid regular expression: <what>`.
[[noreturn]] void invalid_regex(std::string_view what);

}  // namespace omen::sql
