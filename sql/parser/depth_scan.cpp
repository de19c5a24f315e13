#include "sql/parser/depth_scan.h"

#include <algorithm>
#include <array>
#include <vector>

namespace omen::sql {
namespace {

bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) {
  return is_word_start(c) || (c >= '0' && c <= '9') || c == '$';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool equals_keyword(std::string_view word, std::string_view upper) {
  return word.size() == upper.size() &&
         std::equal(word.begin(), word.end(), upper.begin(), [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
         });
}

class DepthScan {
 public:
  explicit DepthScan(std::string_view text) : text_(text) {}

  std::size_t run() {
    while (at_ < text_.size()) {
      step();
    }
    return deepest_;
  }

 private:
  struct Level {
    std::size_t chain = 0;  ///< tokens since the last comma, AND or OR
    std::size_t joins = 0;  ///< joins and set operations
  };

  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = text_[at_];
    if (is_space(c)) {
      ++at_;
    } else if (c == '-' && peek(1) == '-') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '/' && peek(1) == '*') {
      skip_comment();
    } else if (c == '\'') {
      const bool escapes = at_ > 0 && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') &&
                           (at_ == 1 || !is_word(text_[at_ - 2]));
      skip_quoted('\'', escapes);
      token();
    } else if (c == '"') {
      skip_quoted('"', false);
      token();
    } else if (c == '$' && skip_dollar_quoted()) {
      token();
    } else if (is_word_start(c)) {
      word();
    } else {
      ++at_;
      symbol(c);
    }
  }

  void symbol(char c) {
    switch (c) {
      case '(':
      case '[':
        open();
        break;
      case ')':
      case ']':
        close();
        break;
      case ',':
        reset_chain();
        break;
      case ';':
        levels_.assign(1, Level{});
        total_ = 0;
        break;
      default:
        if (c >= '0' && c <= '9') {
          while (at_ < text_.size() && is_word(text_[at_])) {
            ++at_;
          }
        }
        token();
        break;
    }
  }

  void word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) {
      ++at_;
    }
    const std::string_view name = text_.substr(start, at_ - start);
    if (equals_keyword(name, "AND") || equals_keyword(name, "OR")) {
      reset_chain();
    } else if (equals_keyword(name, "CASE")) {
      open();
    } else if (equals_keyword(name, "END")) {
      close();
    } else if (equals_keyword(name, "JOIN") || equals_keyword(name, "UNION") ||
               equals_keyword(name, "INTERSECT") || equals_keyword(name, "EXCEPT")) {
      ++levels_.back().joins;
      ++total_;
      reset_chain();
    } else {
      token();
    }
    deepest_ = std::max(deepest_, total_);
  }

  void token() {
    ++levels_.back().chain;
    ++total_;
    deepest_ = std::max(deepest_, total_);
  }
  void open() {
    token();
    levels_.push_back({});
  }
  void close() {
    if (levels_.size() > 1) {
      total_ -= levels_.back().chain + levels_.back().joins;
      levels_.pop_back();
    }
  }
  void reset_chain() {
    total_ -= levels_.back().chain;
    levels_.back().chain = 0;
  }

  void skip_quoted(char quote, bool escapes) {
    ++at_;
    while (at_ < text_.size()) {
      if (escapes && text_[at_] == '\\') {
        at_ += 2;
      } else if (text_[at_] == quote) {
        ++at_;
        if (peek(0) != quote) {
          return;
        }
        ++at_;
      } else {
        ++at_;
      }
    }
    at_ = std::min(at_, text_.size());
  }

  void skip_comment() {
    std::size_t open_comments = 0;
    while (at_ < text_.size()) {
      if (text_[at_] == '/' && peek(1) == '*') {
        ++open_comments;
        at_ += 2;
      } else if (text_[at_] == '*' && peek(1) == '/') {
        at_ += 2;
        if (--open_comments == 0) {
          return;
        }
      } else {
        ++at_;
      }
    }
  }

  bool skip_dollar_quoted() {
    std::size_t end = at_ + 1;
    if (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') {
      return false;
    }
    while (end < text_.size() && is_word(text_[end]) && text_[end] != '$') {
      ++end;
    }
    if (end >= text_.size() || text_[end] != '$') {
      return false;
    }
    const std::string_view tag = text_.substr(at_, end + 1 - at_);
    const std::size_t close = text_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? text_.size() : close + tag.size();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Level> levels_ = std::vector<Level>(1);
  std::size_t total_ = 0;
  std::size_t deepest_ = 0;
};

}  // namespace

std::size_t estimate_depth(std::string_view text) {
  return DepthScan(text).run();
}

}  // namespace omen::sql
