#define PCRE2_CODE_UNIT_WIDTH 8
#include "sql/functions/pattern.h"

#include <pcre2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <deque>
#include <utility>

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

/// ARE to PCRE2: class shorthands inside brackets and anchors are alike; the embedded prefixes
/// `***:` and `***=` and the escapes \m \M \y \Y \A \Z are not.
std::string translate(std::string_view pattern) {
  if (pattern.starts_with("***=")) {
    return "\\Q" + std::string(pattern.substr(4)) + "\\E";
  }
  if (pattern.starts_with("***:")) {
    pattern.remove_prefix(4);
  }
  std::string result;
  bool in_bracket = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      switch (in_bracket ? '\0' : next) {
        case 'm':
          result.append("\\b(?=\\w)");
          break;
        case 'M':
          result.append("\\b(?<=\\w)");
          break;
        case 'y':
          result.append("\\b");
          break;
        case 'Y':
          result.append("\\B");
          break;
        case 'Z':
          result.append("\\z");
          break;
        default:
          result.append({c, next});
          break;
      }
      continue;
    }
    if (in_bracket && c == '[' && i + 1 < pattern.size() && pattern[i + 1] == ':') {
      const std::size_t end = pattern.find(":]", i + 2);
      if (end != kNone) {
        result.append(pattern.substr(i, end + 2 - i));
        i = end + 1;
        continue;
      }
    }
    if (in_bracket && c == '[') {
      result.append("\\[");
      continue;
    }
    if (!in_bracket && pattern.substr(i).starts_with("[[:<:]]")) {
      result.append("\\b(?=\\w)");
      i += 6;
      continue;
    }
    if (!in_bracket && pattern.substr(i).starts_with("[[:>:]]")) {
      result.append("\\b(?<=\\w)");
      i += 6;
      continue;
    }
    result.push_back(c);
    if (!in_bracket && c == '[') {
      in_bracket = true;
      // A leading ] (after an optional ^) stands for itself.
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') {
        result.push_back(pattern[++i]);
      }
      if (i + 1 < pattern.size() && pattern[i + 1] == ']') {
        result.append("\\]");
        ++i;
      }
    } else if (in_bracket && c == ']') {
      in_bracket = false;
    }
  }
  return result;
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

struct Regex::Code {
  pcre2_code* code = nullptr;
  pcre2_match_data* match = nullptr;
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() {
    pcre2_match_data_free(match);
    pcre2_code_free(code);
  }
};

Regex::Regex(std::string_view pattern, Options options) : code_(std::make_unique<Code>()) {
  const std::string translated = translate(pattern);
  std::uint32_t flags = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY;
  flags |= options.fold_case ? PCRE2_CASELESS : 0;
  flags |= options.newline_sensitive ? PCRE2_MULTILINE : PCRE2_DOTALL;
  flags |= options.expanded ? PCRE2_EXTENDED : 0;
  int error = 0;
  PCRE2_SIZE offset = 0;
  code_->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                              flags, &error, &offset, nullptr);
  if (code_->code == nullptr) {
    char message[256];
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(message), sizeof message);
    throw SqlError(sqlstate::kInvalidRegularExpression,
                   "invalid regular expression: " + std::string(message));
  }
  pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE);
  code_->match = pcre2_match_data_create_from_pattern(code_->code, nullptr);
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

std::vector<Regex::Group> Regex::search(std::string_view text, std::size_t from) const {
  const int count = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                from, PCRE2_NO_UTF_CHECK, code_->match, nullptr);
  if (count == PCRE2_ERROR_NOMATCH) {
    return {};
  }
  if (count < 0) {
    throw SqlError(sqlstate::kInvalidRegularExpression,
                   "regular expression failed: too complex for this text");
  }
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(code_->match);
  std::vector<Group> groups(pcre2_get_ovector_count(code_->match));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    if (offsets[2 * i] != PCRE2_UNSET) {
      groups[i] = {offsets[2 * i], offsets[2 * i + 1]};
    }
  }
  return groups;
}

const Regex& cached_regex(std::string_view pattern, Regex::Options options) {
  struct Entry {
    std::string key;
    Regex regex;
  };
  constexpr std::size_t kCachedMax = 32;
  thread_local std::deque<Entry> cache;
  std::string key(pattern);
  key.append({options.fold_case ? '1' : '0', options.newline_sensitive ? '1' : '0',
              options.expanded ? '1' : '0'});
  for (const Entry& entry : cache) {
    if (entry.key == key) {
      return entry.regex;
    }
  }
  Regex regex(pattern, options);
  if (cache.size() == kCachedMax) {
    cache.pop_back();
  }
  cache.push_front({std::move(key), std::move(regex)});
  return cache.front().regex;
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
