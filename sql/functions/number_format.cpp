#include "sql/functions/number_format.h"

#include <algorithm>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

enum class Token {
  Digit,
  Zero,
  Point,
  Group,
  Sign,
  Minus,
  Plus,
  PlusMinus,
  Ordinal,
  Shift,
  Currency,
  Literal
};
struct Part {
  Token token = Token::Literal;
  std::string text;  ///< of Literal; `TH` or `th` of Ordinal
};
enum class SignStyle { Automatic, Leading, Trailing, Elsewhere, Brackets };

struct Picture {
  std::vector<Part> parts;
  bool fill = true;
  SignStyle sign = SignStyle::Automatic;
  int before = 0;      ///< digit places before the point
  int after = 0;       ///< behind it
  int shift = 0;       ///< digits behind V
  int zero_from = -1;  ///< first place that prints as 0
  int zero_to = -1;    ///< last place behind the point that does, counted from it
};

[[noreturn]] void invalid(std::string message) {
  throw SqlError(sqlstate::kSyntaxError, std::move(message));
}

Picture parse_picture(std::string_view format) {
  Picture out;
  bool has_point = false;
  bool has_shift = false;
  std::string upper(format);
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  for (std::size_t i = 0; i < format.size();) {
    const std::string_view rest = std::string_view(upper).substr(i);
    const auto add = [&](Token token, std::size_t size) {
      out.parts.push_back({token, std::string(format.substr(i, size))});
      i += size;
    };
    if (rest[0] == '"') {
      std::string text;
      for (++i; i < format.size() && format[i] != '"'; ++i) {
        text.push_back(format[i]);
      }
      ++i;
      out.parts.push_back({Token::Literal, text});
    } else if (rest[0] == '9' || rest[0] == '0') {
      if (out.sign == SignStyle::Brackets) {
        invalid("\"9\" must be ahead of \"PR\"");
      }
      int& places = has_point ? out.after : out.before;
      if (rest[0] == '0') {
        if (has_point) {
          out.zero_to = places;
        } else if (out.zero_from < 0) {
          out.zero_from = places;
        }
      }
      ++places;
      out.shift += has_shift ? 1 : 0;
      add(rest[0] == '0' ? Token::Zero : Token::Digit, 1);
    } else if (rest[0] == '.' || rest[0] == 'D') {
      if (has_point) {
        invalid("multiple decimal points");
      }
      if (has_shift) {
        invalid("cannot use \"V\" and decimal point together");
      }
      has_point = true;
      add(Token::Point, 1);
    } else if (rest[0] == ',' || rest[0] == 'G') {
      add(Token::Group, 1);
    } else if (rest.starts_with("FM")) {
      out.fill = false;
      i += 2;
    } else if (rest.starts_with("MI")) {
      out.sign = SignStyle::Elsewhere;
      add(Token::Minus, 2);
    } else if (rest.starts_with("PL")) {
      out.sign = SignStyle::Elsewhere;
      add(Token::Plus, 2);
    } else if (rest.starts_with("SG")) {
      out.sign = SignStyle::Elsewhere;
      add(Token::PlusMinus, 2);
    } else if (rest.starts_with("PR")) {
      out.sign = SignStyle::Brackets;
      i += 2;
    } else if (rest.starts_with("TH")) {
      add(Token::Ordinal, 2);
    } else if (rest.starts_with("EEEE") || rest.starts_with("RN")) {
      unsupported(rest[0] == 'E' ? "EEEE in a number format" : "RN in a number format");
    } else if (rest[0] == 'S') {
      out.sign = out.before == 0 && out.after == 0 ? SignStyle::Leading : SignStyle::Trailing;
      add(Token::Sign, 1);
    } else if (rest[0] == 'V') {
      has_shift = true;
      add(Token::Shift, 1);
    } else if (rest[0] == 'L') {
      add(Token::Currency, 1);
    } else if (rest[0] == 'B') {
      ++i;
    } else {
      add(Token::Literal, std::min(char_bytes(format[i]), format.size() - i));
    }
  }
  return out;
}

/// The digits of a rounded number: as many before the point as there are places, blanks in front.
struct Digits {
  std::string before;
  std::string after;
  bool negative = false;
};
Digits digits_of(const Numeric& value, const Picture& picture) {
  Digits out;
  const auto places = static_cast<std::size_t>(picture.before);
  if (!value.is_finite()) {
    out.before.assign(places, '#');
    out.after.assign(static_cast<std::size_t>(picture.after), '#');
    return out;
  }
  const Numeric shifted =
      picture.shift > 0 ? multiply(value, Numeric(power_of_ten(picture.shift))) : value;
  const Numeric rounded = round(shifted, picture.after);
  out.negative = rounded.sign() < 0;
  std::string text = absolute(rounded).to_string();
  const std::size_t point = text.find('.');
  out.before = text.substr(0, point);
  out.after = point == std::string::npos ? "" : text.substr(point + 1);
  out.after.resize(static_cast<std::size_t>(picture.after), '0');
  if (out.before == "0" && picture.after > 0) {
    out.before.clear();
  }
  if (out.before.size() > places) {
    out.before.assign(places, '#');
    out.after.assign(out.after.size(), '#');
  }
  out.before.insert(0, places - out.before.size(), ' ');
  if (picture.zero_from >= 0) {
    for (auto i = static_cast<std::size_t>(picture.zero_from); i < places; ++i) {
      out.before[i] = out.before[i] == ' ' ? '0' : out.before[i];
    }
  }
  return out;
}

std::string_view ordinal(const std::string& number, bool upper) {
  const char last = number.empty() ? '0' : number.back();
  const bool teen = number.size() > 1 && number[number.size() - 2] == '1';
  if (!teen && last == '1') {
    return upper ? "ST" : "st";
  }
  if (!teen && last == '2') {
    return upper ? "ND" : "nd";
  }
  if (!teen && last == '3') {
    return upper ? "RD" : "rd";
  }
  return upper ? "TH" : "th";
}

class Writer {
 public:
  Writer(const Picture& picture, Digits digits) : picture_(picture), digits_(std::move(digits)) {
    if (!picture_.fill) {
      // What stands behind the last digit that matters is left out.
      std::size_t kept = digits_.after.find_last_not_of('0');
      kept = kept == std::string::npos ? 0 : kept + 1;
      after_kept_ = std::max(kept, static_cast<std::size_t>(picture_.zero_to + 1));
    } else {
      after_kept_ = digits_.after.size();
    }
  }

  std::string write() {
    for (const Part& part : picture_.parts) {
      put(part);
    }
    if (picture_.sign == SignStyle::Brackets) {
      out_.append(digits_.negative ? ">" : (picture_.fill ? " " : ""));
    }
    return std::move(out_);
  }

 private:
  /// The sign in front of the first digit.
  void begin_number() {
    if (started_) {
      return;
    }
    started_ = true;
    switch (picture_.sign) {
      case SignStyle::Automatic:
        out_.append(digits_.negative ? "-" : (picture_.fill ? " " : ""));
        break;
      case SignStyle::Leading:
        out_.append(digits_.negative ? "-" : "+");
        break;
      case SignStyle::Brackets:
        out_.append(digits_.negative ? "<" : (picture_.fill ? " " : ""));
        break;
      case SignStyle::Trailing:
      case SignStyle::Elsewhere:
        break;
    }
  }
  void put_digit() {
    if (behind_point_) {
      if (after_at_ < after_kept_) {
        out_.push_back(digits_.after[after_at_]);
      }
      ++after_at_;
      return;
    }
    const char digit = digits_.before[before_at_++];
    if (digit == ' ') {
      out_.append(picture_.fill ? " " : "");
      return;
    }
    begin_number();
    out_.push_back(digit);
  }

  void put(const Part& part) {
    switch (part.token) {
      case Token::Digit:
      case Token::Zero:
        put_digit();
        break;
      case Token::Point:
        begin_number();
        behind_point_ = true;
        out_.push_back('.');
        break;
      case Token::Group:
        if (started_) {
          out_.push_back(',');
        } else {
          out_.append(picture_.fill ? " " : "");
        }
        break;
      case Token::Sign:
        if (picture_.sign == SignStyle::Trailing) {
          out_.push_back(digits_.negative ? '-' : '+');
        }
        break;
      case Token::Minus:
        out_.append(digits_.negative ? "-" : (picture_.fill ? " " : ""));
        break;
      case Token::Plus:
        out_.append(!digits_.negative ? "+" : (picture_.fill ? " " : ""));
        break;
      case Token::PlusMinus:
        out_.push_back(digits_.negative ? '-' : '+');
        break;
      case Token::Ordinal:
        if (!digits_.negative && picture_.after == 0) {
          out_.append(ordinal(digits_.before, part.text[0] == 'T'));
        }
        break;
      case Token::Currency:
        out_.append(picture_.fill ? " " : "");
        break;
      case Token::Literal:
        out_.append(part.text);
        break;
      case Token::Shift:
        break;
    }
  }

  const Picture& picture_;
  Digits digits_;
  std::string out_;
  std::size_t after_kept_ = 0;
  std::size_t before_at_ = 0;
  std::size_t after_at_ = 0;
  bool started_ = false;
  bool behind_point_ = false;
};

}  // namespace

std::string write_number_format(const Numeric& value, std::string_view format) {
  const Picture picture = parse_picture(format);
  return Writer(picture, digits_of(value, picture)).write();
}

}  // namespace omen::sql
