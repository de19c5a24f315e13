#include "sql/functions/regex_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "sql/error/sql_error.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

constexpr long kRepetitionsMax = 255;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Translator {
 public:
  Translator(std::string_view pattern, Regex::Options options) : rest_(pattern) {
    out_.options = options;
  }

  RegexTranslation run() {
    if (rest_.starts_with("***=")) {
      quote(rest_.substr(4));
      return std::move(out_);
    }
    if (rest_.starts_with("***:")) {
      rest_.remove_prefix(4);
    }
    if (embedded_options()) {
      return std::move(out_);
    }
    while (!rest_.empty()) {
      step();
    }
    return std::move(out_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void quote(std::string_view text) {
    for (const char c : text) {
      literal(static_cast<unsigned char>(c));
    }
  }
  /// A character that stands for itself; bytes of longer characters are passed on.
  void literal(char32_t c) {
    if (c < 0x80 && !is_letter(static_cast<char>(c)) && !is_digit(static_cast<char>(c))) {
      out_.text.append(fmt::format("\\x{{{:x}}}", static_cast<std::uint32_t>(c)));
    } else {
      out_.text.push_back(static_cast<char>(c));
    }
  }
  void code_point(unsigned long c) { out_.text.append(fmt::format("\\x{{{:x}}}", c)); }

  /// `(?letters)` at the front. True if the rest is quoted text.
  bool embedded_options() {
    const std::size_t end = rest_.find(')');
    if (!rest_.starts_with("(?") || end == std::string_view::npos || rest_.size() < 3 ||
        !is_letter(rest_[2])) {
      return false;
    }
    const std::string_view letters = rest_.substr(2, end - 2);
    bool quoted = false;
    for (const char letter : letters) {
      if (letter == 'q') {
        quoted = true;
      } else if (std::string_view("bceimnpstwx").find(letter) == std::string_view::npos) {
        invalid_regex("invalid embedded option");
      }
    }
    std::string known;
    for (const char letter : letters) {
      if (letter == 'b' || letter == 'p' || letter == 'w') {
        throw SqlError(
            sqlstate::kFeatureNotSupported,
            fmt::format("embedded option \"{}\" of regular expressions is not supported", letter));
      }
      if (letter != 'q') {
        known.push_back(letter);
      }
    }
    const RegexFlags flags = parse_regex_flags(known);
    for (const char letter : known) {
      out_.options.fold_case = letter == 'i' || (letter != 'c' && out_.options.fold_case);
    }
    out_.options.newline_sensitive =
        flags.options.newline_sensitive ||
        (known.find('s') == std::string::npos && out_.options.newline_sensitive);
    out_.options.expanded = flags.options.expanded || out_.options.expanded;
    rest_.remove_prefix(end + 1);
    if (quoted) {
      quote(rest_);
    }
    return quoted;
  }

  void step() {
    if (rest_.starts_with("[[:<:]]") || rest_.starts_with("[[:>:]]")) {
      out_.text.append(rest_[3] == '<' ? "\\b(?=\\w)" : "\\b(?<=\\w)");
      out_.needs_backtracking = true;
      rest_.remove_prefix(7);
      return;
    }
    const char c = take();
    if (out_.options.expanded && (c == ' ' || (c >= '\t' && c <= '\r'))) {
      return;
    }
    if (out_.options.expanded && c == '#') {
      const std::size_t end = rest_.find('\n');
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      return;
    }
    switch (c) {
      case '\\':
        escape(false);
        return;
      case '[':
        bracket();
        return;
      case '(':
        group();
        return;
      case '*':
      case '+':
      case '?':
        out_.text.push_back(c);
        quantified();
        return;
      case '{':
        if (!rest_.empty() && is_digit(rest_.front())) {
          bounds();
          return;
        }
        literal(static_cast<unsigned char>(c));
        return;
      case '^':
      case '$':
      case '.':
      case '|':
      case ')':
        out_.text.push_back(c);
        return;
      default:
        literal(static_cast<unsigned char>(c));
    }
  }

  /// What may follow a quantifier: ? prefers few, another quantifier is an error.
  void quantified() {
    if (rest_.starts_with("?")) {
      out_.text.push_back(take());
      out_.needs_backtracking = true;
    }
    if (!rest_.empty() && (rest_.front() == '*' || rest_.front() == '+' || rest_.front() == '?')) {
      invalid_regex("quantifier operand invalid");
    }
  }

  void bounds() {
    char* end = nullptr;
    const std::string text(rest_);
    const long low = std::strtol(text.c_str(), &end, 10);
    long high = low;
    bool is_open = false;
    if (*end == ',') {
      const char* from = end + 1;
      is_open = !is_digit(*from);
      high = is_open ? low : std::strtol(from, &end, 10);
      end = is_open ? end + 1 : end;
    }
    if (low > kRepetitionsMax || high > kRepetitionsMax || high < low) {
      invalid_regex("invalid repetition count(s)");
    }
    if (*end != '}') {
      invalid_regex(*end == '\0' ? "braces {} not balanced" : "invalid repetition count(s)");
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - text.c_str()) + 1);
    out_.text.append(is_open       ? fmt::format("{{{},}}", low)
                     : low == high ? fmt::format("{{{}}}", low)
                                   : fmt::format("{{{},{}}}", low, high));
    quantified();
  }

  void group() {
    if (rest_.starts_with("?#")) {
      const std::size_t end = rest_.find(')');
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      return;
    }
    out_.text.push_back('(');
    for (const std::string_view opening : {"?:", "?=", "?!", "?<=", "?<!"}) {
      if (rest_.starts_with(opening)) {
        out_.text.append(opening);
        rest_.remove_prefix(opening.size());
        out_.needs_backtracking = out_.needs_backtracking || opening != "?:";
        return;
      }
    }
    if (rest_.starts_with("?")) {
      invalid_regex("quantifier operand invalid");
    }
  }

  unsigned long hexadecimal(std::size_t digits_max) {
    std::size_t count = 0;
    while (count < rest_.size() && count < digits_max &&
           std::isxdigit(static_cast<unsigned char>(rest_[count])) != 0) {
      ++count;
    }
    if (count == 0) {
      invalid_regex("invalid escape \\ sequence");
    }
    const unsigned long value =
        std::strtoul(std::string(rest_.substr(0, count)).c_str(), nullptr, 16);
    rest_.remove_prefix(count);
    return value;
  }

  void escape(bool in_bracket) {
    if (rest_.empty()) {
      invalid_regex("invalid escape \\ sequence");
    }
    const char c = take();
    switch (c) {
      case 'a':
        return code_point(0x07);
      case 'b':
        return code_point(0x08);
      case 'B':
        return code_point('\\');
      case 'c':
        if (rest_.empty()) {
          invalid_regex("invalid escape \\ sequence");
        }
        return code_point(static_cast<unsigned char>(take()) & 0x1F);
      case 'e':
        return code_point(0x1B);
      case 'f':
        return code_point(0x0C);
      case 'n':
        return code_point(0x0A);
      case 'r':
        return code_point(0x0D);
      case 't':
        return code_point(0x09);
      case 'u':
        return code_point(hexadecimal(4));
      case 'U':
        return code_point(hexadecimal(8));
      case 'v':
        return code_point(0x0B);
      case 'x':
        return code_point(hexadecimal(255));
      case '0':
        return code_point(0);
      case 'd':
      case 's':
      case 'w':
      case 'D':
      case 'S':
      case 'W':
        if (in_bracket && c <= 'Z') {
          invalid_regex("invalid escape \\ sequence");
        }
        out_.text.append({'\\', c});
        return;
      default:
        break;
    }
    if (!in_bracket && constraint(c)) {
      return;
    }
    if (is_letter(c) || is_digit(c)) {
      invalid_regex("invalid escape \\ sequence");
    }
    literal(static_cast<unsigned char>(c));
  }

  /// Escapes that match no character; true if `c` is one.
  bool constraint(char c) {
    switch (c) {
      case 'A':
        out_.text.append("\\A");
        return true;
      case 'Z':
        out_.text.append("\\z");
        return true;
      case 'm':
      case 'M':
        out_.text.append(c == 'm' ? "\\b(?=\\w)" : "\\b(?<=\\w)");
        out_.needs_backtracking = true;
        return true;
      case 'y':
        out_.text.append("\\b");
        return true;
      case 'Y':
        out_.text.append("\\B");
        return true;
      default:
        break;
    }
    if (c >= '1' && c <= '9') {
      out_.text.append({'\\', c});
      out_.needs_backtracking = true;
      return true;
    }
    return false;
  }

  static void check_class(std::string_view name) {
    constexpr std::string_view kClasses[] = {"alnum", "alpha", "blank", "cntrl", "digit",
                                             "graph", "lower", "print", "punct", "space",
                                             "upper", "word",  "xdigit"};
    if (std::ranges::find(kClasses, name) == std::end(kClasses)) {
      invalid_regex("invalid character class");
    }
  }

  void bracket() {
    out_.text.push_back('[');
    if (rest_.starts_with("^")) {
      out_.text.push_back(take());
      if (out_.options.newline_sensitive) {
        out_.text.append("\\n");
      }
    }
    bool first = true;
    while (!rest_.empty() && (first || rest_.front() != ']')) {
      first = false;
      if (rest_.starts_with("[:")) {
        const std::size_t end = rest_.find(":]");
        if (end == std::string_view::npos) {
          invalid_regex("brackets [] not balanced");
        }
        check_class(rest_.substr(2, end - 2));
        out_.text.append(rest_.substr(0, end + 2));
        rest_.remove_prefix(end + 2);
        continue;
      }
      if (rest_.starts_with("[.") || rest_.starts_with("[=")) {
        const std::string closing{rest_[1], ']'};
        const std::size_t end = rest_.find(closing, 2);
        if (end == std::string_view::npos || char_count(rest_.substr(2, end - 2)) != 1) {
          invalid_regex("invalid collating element");
        }
        quote(rest_.substr(2, end - 2));
        rest_.remove_prefix(end + 2);
        continue;
      }
      const char c = take();
      if (c == '\\') {
        escape(true);
      } else if (c == '-') {
        const bool at_end = rest_.starts_with("]");
        const bool at_start = out_.text.ends_with("[") || out_.text.ends_with("[^");
        at_end || at_start ? literal('-') : out_.text.push_back('-');
      } else {
        literal(static_cast<unsigned char>(c));
      }
    }
    if (rest_.empty()) {
      invalid_regex("brackets [] not balanced");
    }
    out_.text.push_back(take());
  }

  std::string_view rest_;
  RegexTranslation out_;
};

}  // namespace

void invalid_regex(std::string_view what) {
  throw SqlError(sqlstate::kInvalidRegularExpression,
                 fmt::format("invalid regular expression: {}", what));
}

RegexTranslation translate_regex(std::string_view pattern, Regex::Options options) {
  return Translator(pattern, options).run();
}

}  // namespace omen::sql
