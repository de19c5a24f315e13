#include "sql/functions/pattern.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

char32_t next_char(std::string_view text, std::size_t& at, bool fold_case) {
  const char32_t c = first_code_point(text.substr(at));
  at = std::min(at + char_bytes(text[at]), text.size());
  return fold_case ? static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))) : c;
}

[[noreturn]] void dangling_escape() {
  throw SqlError(sqlstate::kInvalidEscapeSequence,
                 "LIKE pattern must not end with escape character");
}

}  // namespace

bool matches_like(std::string_view text, std::string_view pattern, bool fold_case) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t resume_text = kNone;     // where to go on if the rest does not match
  std::size_t resume_pattern = kNone;  // behind the last %
  while (true) {
    bool failed = false;
    if (p == pattern.size()) {
      if (t == text.size()) {
        return true;
      }
      failed = true;
    } else if (pattern[p] == '%') {
      resume_pattern = ++p;
      resume_text = t;
      continue;
    } else {
      const bool any = pattern[p] == '_';
      if (t == text.size()) {
        failed = true;
      } else if (pattern[p] == '\\' && ++p == pattern.size()) {
        dangling_escape();
      } else {
        const char32_t wanted = next_char(pattern, p, fold_case);
        failed = next_char(text, t, fold_case) != wanted && !any;
      }
    }
    if (failed) {
      if (resume_pattern == kNone || resume_text >= text.size()) {
        return false;
      }
      resume_text = std::min(resume_text + char_bytes(text[resume_text]), text.size());
      t = resume_text;
      p = resume_pattern;
    }
  }
}

RegexFlags parse_regex_flags(std::string_view flags) {
  RegexFlags result;
  for (const char flag : flags) {
    switch (flag) {
      case 'g':
        result.global = true;
        break;
      case 'i':
        result.options.fold_case = true;
        break;
      case 'c':
        result.options.fold_case = false;
        break;
      case 'n':
      case 'm':
        result.options.newline_sensitive = true;
        break;
      case 's':
        result.options.newline_sensitive = false;
        break;
      case 'x':
        result.options.expanded = true;
        break;
      case 't':
        result.options.expanded = false;
        break;
      case 'e':
        break;
      default:
        throw SqlError(sqlstate::kInvalidParameterValue,
                       "invalid regular expression option: \"" + std::string(1, flag) + "\"");
    }
  }
  return result;
}

}  // namespace omen::sql
