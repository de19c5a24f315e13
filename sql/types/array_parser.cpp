#include "sql/types/array_parser.h"

#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/types/integers.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

class ArrayParser {
 public:
  explicit ArrayParser(std::string_view text) : text_(text) {}

  ParsedArray parse() {
    parse_bounds();
    skip_spaces();
    if (at_end() || peek() != '{') {
      malformed(bounds_.empty() ? "Array value must start with \"{\" or dimension information."
                                : "Array contents must start with \"{\".");
    }
    parse_braces(0);
    skip_spaces();
    if (!at_end()) {
      malformed("Junk after closing right brace.");
    }
    finish_dimensions();
    return std::move(result_);
  }

 private:
  [[noreturn]] void malformed(std::string detail) const {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("malformed array literal: \"{}\"", text_))
        .detail(std::move(detail));
  }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  [[nodiscard]] char peek() const { return text_[at_]; }
  void skip_spaces() {
    while (!at_end() && is_space(peek())) {
      ++at_;
    }
  }

  std::int32_t parse_bound() {
    const std::size_t begin = at_;
    while (!at_end() && (peek() == '-' || peek() == '+' || (peek() >= '0' && peek() <= '9'))) {
      ++at_;
    }
    if (begin == at_) {
      malformed("\"[\" must introduce explicitly-specified array dimensions.");
    }
    return parse_int4(text_.substr(begin, at_ - begin));
  }

  /// [lower:upper]... =
  void parse_bounds() {
    for (skip_spaces(); !at_end() && peek() == '['; skip_spaces()) {
      ++at_;
      if (bounds_.size() == kArrayDimensionsMax) {
        too_many_dimensions();
      }
      std::int32_t lower = 1;
      std::int32_t upper = parse_bound();
      if (!at_end() && peek() == ':') {
        ++at_;
        lower = upper;
        upper = parse_bound();
      }
      if (at_end() || peek() != ']') {
        malformed("Missing \"]\" after array dimensions.");
      }
      ++at_;
      if (upper < lower) {
        throw SqlError(sqlstate::kArraySubscriptError,
                       "upper bound cannot be less than lower bound");
      }
      bounds_.push_back({upper - lower + 1, lower});
    }
    if (!bounds_.empty()) {
      if (at_end() || peek() != '=') {
        malformed("Missing \"=\" after array dimensions.");
      }
      ++at_;
    }
  }

  [[noreturn]] void too_many_dimensions() const {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                               kArrayDimensionsMax + 1, kArrayDimensionsMax));
  }

  /// From `{` behind its `}`; `depth` counts the braces around.
  void parse_braces(std::size_t depth) {
    if (depth == kArrayDimensionsMax) {
      too_many_dimensions();
    }
    ++at_;
    skip_spaces();
    std::int32_t count = 0;
    if (!at_end() && peek() == '}' && depth + 1 > lengths_.size() && !leaf_depth_) {
      ++at_;
      note_length(depth, 0);
      return;
    }
    while (true) {
      skip_spaces();
      if (at_end()) {
        malformed("Unexpected end of input.");
      }
      if (peek() == '{') {
        if (leaf_depth_ && *leaf_depth_ <= depth) {
          malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
        }
        parse_braces(depth + 1);
      } else {
        if (leaf_depth_ && *leaf_depth_ != depth) {
          malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
        }
        leaf_depth_ = depth;
        parse_element();
      }
      ++count;
      skip_spaces();
      if (at_end()) {
        malformed("Unexpected end of input.");
      }
      const char c = text_[at_++];
      if (c == '}') {
        break;
      }
      if (c != ',') {
        malformed("Unexpected array element.");
      }
    }
    note_length(depth, count);
  }

  /// All sub-arrays of one depth have one length.
  void note_length(std::size_t depth, std::int32_t count) {
    if (lengths_.size() <= depth) {
      lengths_.resize(depth + 1, -1);
    }
    if (lengths_[depth] >= 0 && lengths_[depth] != count) {
      malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
    lengths_[depth] = count;
  }

  void parse_element() {
    std::string element;
    bool quoted = false;
    std::size_t kept = 0;  // trailing unquoted blanks are dropped, escaped ones are not
    if (peek() == '}' || peek() == ',') {
      malformed(fmt::format("Unexpected \"{}\" character.", peek()));
    }
    while (!at_end() && peek() != ',' && peek() != '}') {
      const char c = text_[at_++];
      if (c == '"') {
        if (quoted || kept > 0) {
          malformed("Unexpected array element.");
        }
        quoted = true;
        parse_quoted(element);
        kept = element.size();
      } else if (c == '{') {
        malformed("Unexpected \"{\" character.");
      } else if (c == '\\') {
        if (at_end()) {
          malformed("Unexpected end of input.");
        }
        element.push_back(text_[at_++]);
        kept = element.size();
        has_escape_ = true;
      } else {
        if (quoted && !is_space(c)) {
          malformed("Unexpected array element.");
        }
        element.push_back(c);
        kept = is_space(c) ? kept : element.size();
      }
    }
    element.resize(kept);
    const bool is_null = !quoted && !has_escape_ && ascii_lower(element) == "null";
    has_escape_ = false;
    if (is_null) {
      result_.elements.emplace_back();
    } else {
      result_.elements.emplace_back(std::move(element));
    }
  }

  void parse_quoted(std::string& element) {
    while (!at_end() && peek() != '"') {
      if (peek() == '\\') {
        ++at_;
        if (at_end()) {
          break;
        }
      }
      element.push_back(text_[at_++]);
    }
    if (at_end()) {
      malformed("Unexpected end of input.");
    }
    ++at_;
  }

  void finish_dimensions() {
    if (result_.elements.empty()) {
      return;
    }
    for (const std::int32_t length : lengths_) {
      result_.dimensions.push_back({length, 1});
    }
    if (bounds_.empty()) {
      return;
    }
    if (bounds_.size() != result_.dimensions.size()) {
      malformed("Specified array dimensions do not match array contents.");
    }
    for (std::size_t i = 0; i < bounds_.size(); ++i) {
      if (bounds_[i].length != result_.dimensions[i].length) {
        malformed("Specified array dimensions do not match array contents.");
      }
    }
    result_.dimensions = bounds_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<ArrayDimension> bounds_;
  std::vector<std::int32_t> lengths_;
  std::optional<std::size_t> leaf_depth_;
  bool has_escape_ = false;
  ParsedArray result_;
};

}  // namespace

ParsedArray parse_array_literal(std::string_view text) {
  return ArrayParser(text).parse();
}

}  // namespace omen::sql
