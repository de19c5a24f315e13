#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <re2/re2.h>

#include <deque>
#include <utility>

#include "sql/error/sql_error.h"
#include "sql/functions/pattern.h"
#include "sql/functions/regex_translation.h"

namespace omen::sql {
namespace {

/// PostgreSQL's words for what RE2 found wrong; empty: nothing, it is only too large for RE2.
std::string_view message_of(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
    case RE2::ErrorTrailingBackslash:
      return "invalid escape \\ sequence";
    case RE2::ErrorBadCharClass:
    case RE2::ErrorBadCharRange:
      return code == RE2::ErrorBadCharRange ? "invalid character range" : "invalid character class";
    case RE2::ErrorMissingBracket:
      return "brackets [] not balanced";
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen:
      return "parentheses () not balanced";
    case RE2::ErrorRepeatArgument:
    case RE2::ErrorRepeatOp:
      return "quantifier operand invalid";
    case RE2::ErrorRepeatSize:
    case RE2::ErrorPatternTooLarge:
      return {};
    default:
      return "invalid regular expression";
  }
}

std::string_view message_of_pcre(int code) {
  switch (code) {
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
    case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
      return "parentheses () not balanced";
    case PCRE2_ERROR_QUANTIFIER_INVALID:
      return "quantifier operand invalid";
    case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE:
      return "invalid backreference number";
    case PCRE2_ERROR_CLASS_RANGE_ORDER:
    case PCRE2_ERROR_CLASS_INVALID_RANGE:
      return "invalid character range";
    case PCRE2_ERROR_UNKNOWN_POSIX_CLASS:
      return "invalid character class";
    case PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH:
      return {};
    default:
      return "invalid regular expression";
  }
}

}  // namespace

struct Regex::Code {
  std::unique_ptr<RE2> automaton;  ///< or
  pcre2_code* code = nullptr;
  pcre2_match_data* match = nullptr;
  Code() = default;
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() {
    pcre2_match_data_free(match);
    pcre2_code_free(code);
  }
  bool compile_automaton(const RegexTranslation& translation);
  void compile_backtracking(const RegexTranslation& translation);
};

/// False if RE2 cannot do it.
bool Regex::Code::compile_automaton(const RegexTranslation& translation) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  options.set_case_sensitive(!translation.options.fold_case);
  const std::string text =
      (translation.options.newline_sensitive ? "(?m)" : "(?s)") + translation.text;
  auto compiled = std::make_unique<RE2>(text, options);
  if (!compiled->ok()) {
    const std::string_view message = message_of(compiled->error_code());
    if (message.empty()) {
      return false;
    }
    invalid_regex(message);
  }
  automaton = std::move(compiled);
  return true;
}

void Regex::Code::compile_backtracking(const RegexTranslation& translation) {
  std::uint32_t flags = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_DOLLAR_ENDONLY;
  flags |= translation.options.fold_case ? PCRE2_CASELESS : 0;
  flags |= translation.options.newline_sensitive ? PCRE2_MULTILINE : PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE offset = 0;
  code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translation.text.data()),
                       translation.text.size(), flags, &error, &offset, nullptr);
  if (code == nullptr) {
    if (message_of_pcre(error).empty()) {
      throw SqlError(sqlstate::kFeatureNotSupported,
                     "lookbehind of variable length in a regular expression is not supported");
    }
    invalid_regex(message_of_pcre(error));
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  match = pcre2_match_data_create_from_pattern(code, nullptr);
}

Regex::Regex(std::string_view pattern, Options options) : code_(std::make_unique<Code>()) {
  const RegexTranslation translation = translate_regex(pattern, options);
  if (translation.needs_backtracking || !code_->compile_automaton(translation)) {
    code_->compile_backtracking(translation);
  }
}

Regex::~Regex() = default;
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;

std::vector<Regex::Group> Regex::search(std::string_view text, std::size_t from) const {
  if (code_->automaton != nullptr) {
    const re2::StringPiece subject(text.data(), text.size());
    const auto count = static_cast<std::size_t>(code_->automaton->NumberOfCapturingGroups()) + 1;
    std::vector<re2::StringPiece> found(count);
    if (!code_->automaton->Match(subject, from, text.size(), RE2::UNANCHORED, found.data(),
                                 static_cast<int>(count))) {
      return {};
    }
    std::vector<Group> groups(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (found[i].data() != nullptr) {
        groups[i].start = static_cast<std::size_t>(found[i].data() - text.data());
        groups[i].end = groups[i].start + found[i].size();
      }
    }
    return groups;
  }
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

bool Regex::matches(std::string_view text) const {
  if (code_->automaton != nullptr) {
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *code_->automaton);
  }
  return !search(text).empty();
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

}  // namespace omen::sql
