#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/functions/variadic.h"
#include "sql/types/array.h"
#include "sql/types/integers.h"
#include "sql/types/text.h"
#include "sql/types/type_io.h"

/// Functions that pad, quote and join.
namespace omen::sql {
namespace {

std::vector<Text> characters(Text text) {
  std::vector<Text> result;
  while (!text.empty()) {
    const std::size_t size = std::min(char_bytes(text[0]), text.size());
    result.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return result;
}

Text trim_left_set(Text text, Text set) {
  const std::vector<Text> members = characters(set);
  while (!text.empty()) {
    const Text first = text.substr(0, std::min(char_bytes(text[0]), text.size()));
    if (std::ranges::find(members, first) == members.end()) {
      break;
    }
    text.remove_prefix(first.size());
  }
  return text;
}
Text trim_right_set(Text text, Text set) {
  const std::vector<Text> members = characters(set);
  bool trimmed = true;
  while (trimmed && !text.empty()) {
    trimmed = false;
    for (const Text member : members) {
      if (text.ends_with(member)) {
        text.remove_suffix(member.size());
        trimmed = true;
        break;
      }
    }
  }
  return text;
}
Text trim_both_set(Text text, Text set) {
  return trim_right_set(trim_left_set(text, set), set);
}
Text trim_left(Text text) {
  return trim_left_set(text, " ");
}
Text trim_right(Text text) {
  return strip_blanks(text);
}
Text trim_both(Text text) {
  return trim_left(trim_right(text));
}

/// `count` characters of `fill`, over and over.
std::string padding(Text fill, std::size_t count) {
  const std::vector<Text> members = characters(fill);
  std::string result;
  for (std::size_t i = 0; i < count; ++i) {
    result.append(members[i % members.size()]);
  }
  return result;
}
struct Padded {
  Text kept;
  std::string fill;
};
Padded pad(Text text, Int4 length, Text fill) {
  constexpr Int4 kLengthMax = 1 << 28;
  if (length > kLengthMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "requested length too large");
  }
  const auto wanted = static_cast<std::size_t>(std::max(length, 0));
  const std::size_t count = char_count(text);
  if (count >= wanted || fill.empty()) {
    return {text.substr(0, char_offset(text, wanted)), ""};
  }
  return {text, padding(fill, wanted - count)};
}
std::string pad_left_with(Text text, Int4 length, Text fill) {
  Padded padded = pad(text, length, fill);
  return padded.fill.append(padded.kept);
}
std::string pad_right_with(Text text, Int4 length, Text fill) {
  const Padded padded = pad(text, length, fill);
  return std::string(padded.kept) + padded.fill;
}
std::string pad_left(Text text, Int4 length) {
  return pad_left_with(text, length, " ");
}
std::string pad_right(Text text, Int4 length) {
  return pad_right_with(text, length, " ");
}

std::string translate(Text text, Text from, Text to) {
  const std::vector<Text> sources = characters(from);
  const std::vector<Text> targets = characters(to);
  std::string result;
  for (const Text c : characters(text)) {
    const auto found = std::ranges::find(sources, c);
    if (found == sources.end()) {
      result.append(c);
    } else if (const auto i = static_cast<std::size_t>(found - sources.begin());
               i < targets.size()) {
      result.append(targets[i]);
    }
  }
  return result;
}

Int4 ascii(Text text) {
  return text.empty() ? 0 : static_cast<Int4>(first_code_point(text));
}
std::string character(Int4 code) {
  if (code == 0) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "null character not permitted");
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < 0 || code > 0x10FFFF || is_surrogate) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   code < 0 ? "character number must be positive"
                            : fmt::format("requested character too large for encoding: {}", code));
  }
  std::string result;
  append_code_point(static_cast<char32_t>(code), result);
  return result;
}

std::string quote_ident(Text name) {
  return quote_identifier(name);
}
std::string quote_literal(Text text) {
  return quote_literal_text(text);
}

// ---------------------------------------------------------------- of any type

std::string text_at(const FunctionCall& call, std::size_t argument, std::size_t row) {
  std::string text;
  append_text(call.argument_types[argument].oid, *call.arguments[argument], row, call.context,
              text);
  return text;
}

void quote_literal_any(const FunctionCall& call, engine::ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    out.set_bytes(row, quote_literal_text(text_at(call, 0, row)));
  });
}
void quote_nullable(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    out.set_bytes(
        row, call.arguments[0]->is_null(row) ? "NULL" : quote_literal_text(text_at(call, 0, row)));
  }
}

/// As a cast to text writes it: true and false in full.
std::string cast_text_at(const FunctionCall& call, std::size_t argument, std::size_t row) {
  if (call.argument_types[argument].oid == type_oid::kBool) {
    const engine::ColumnVector& column = *call.arguments[argument];
    return column.values<std::uint8_t>()[column.index(row)] != 0 ? "true" : "false";
  }
  return text_at(call, argument, row);
}

/// text || anything, anything || text.
void concatenate_any(const FunctionCall& call, engine::ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    out.set_bytes(row, cast_text_at(call, 0, row) + cast_text_at(call, 1, row));
  });
}

/// Arguments from `first` on; a single array of a VARIADIC call is spread out by the caller.
void join(const FunctionCall& call, std::size_t first, std::size_t row, Text separator,
          std::string& text) {
  bool any = false;
  for (std::size_t i = first; i < call.arguments.size(); ++i) {
    if (call.arguments[i]->is_null(row)) {
      continue;
    }
    if (any) {
      append_bounded(text, separator);
    }
    any = true;
    std::string part;
    append_text(call.argument_types[i].oid, *call.arguments[i], row, call.context, part);
    append_bounded(text, part);
  }
}
void concat(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    std::string text;
    join(call, 0, row, "", text);
    out.set_bytes(row, text);
  }
}
void concat_with_separator(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      out.set_null(row);
      continue;
    }
    std::string text;
    join(call, 1, row, call.arguments[0]->bytes(row), text);
    out.set_bytes(row, text);
  }
}

[[noreturn]] void bad_format(std::string message) {
  throw SqlError(sqlstate::kInvalidParameterValue, std::move(message));
}

/// %[position$][-][width]type of format().
struct Specifier {
  std::size_t argument = 0;  ///< 1-based; 0: the next one
  bool left = false;
  bool width_from_argument = false;
  std::size_t width = 0;
  char type = '\0';
};
Specifier read_specifier(Text format, std::size_t& at) {
  const auto unterminated = [] {
    throw SqlError(sqlstate::kInvalidParameterValue, "unterminated format() type specifier")
        .hint("For a single \"%\" use \"%%\".");
  };
  const auto number = [&] {
    std::size_t value = 0;
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
      value =
          std::min<std::size_t>(value * 10 + static_cast<std::size_t>(format[at] - '0'), 1U << 28);
    }
    return value;
  };
  Specifier specifier;
  const std::size_t begin = at;
  const std::size_t leading = number();
  if (at > begin && at < format.size() && format[at] == '$') {
    if (leading == 0) {
      bad_format("format specifies argument 0, but arguments are numbered from 1");
    }
    specifier.argument = leading;
    ++at;
  } else {
    at = begin;
  }
  while (at < format.size() && format[at] == '-') {
    specifier.left = true;
    ++at;
  }
  if (at < format.size() && format[at] == '*') {
    specifier.width_from_argument = true;
    ++at;
  } else {
    specifier.width = number();
  }
  if (at == format.size()) {
    unterminated();
  }
  specifier.type = format[at++];
  return specifier;
}

std::string format_row(const FunctionCall& call, std::size_t row) {
  const Text format = call.arguments[0]->bytes(row);
  std::string result;
  std::size_t next = 1;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      result.push_back(format[at++]);
      continue;
    }
    if (++at < format.size() && format[at] == '%') {
      result.push_back('%');
      ++at;
      continue;
    }
    Specifier specifier = read_specifier(format, at);
    if (specifier.type != 's' && specifier.type != 'I' && specifier.type != 'L') {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("unrecognized format() type specifier \"{}\"", specifier.type))
          .hint("For a single \"%\" use \"%%\".");
    }
    const auto require = [&](std::size_t argument) {
      if (argument >= call.arguments.size()) {
        bad_format("too few arguments for format()");
      }
    };
    if (specifier.width_from_argument) {
      require(next);
      const std::string text = call.arguments[next]->is_null(row) ? "0" : text_at(call, next, row);
      const Int4 width = parse_int4(text);
      specifier.left = specifier.left || width < 0;
      specifier.width = static_cast<std::size_t>(std::abs(Int8{width}));
      ++next;
    }
    const std::size_t argument = specifier.argument != 0 ? specifier.argument : next;
    next = argument + 1;
    require(argument);
    std::string piece;
    if (call.arguments[argument]->is_null(row)) {
      if (specifier.type == 'I') {
        throw SqlError(sqlstate::kNullValueNotAllowed,
                       "null values cannot be formatted as an SQL identifier");
      }
      piece = specifier.type == 'L' ? "NULL" : "";
    } else {
      piece = text_at(call, argument, row);
      piece = specifier.type == 'I'   ? quote_identifier(piece)
              : specifier.type == 'L' ? quote_literal_text(piece)
                                      : piece;
    }
    const std::size_t count = char_count(piece);
    const std::string fill(specifier.width > count ? specifier.width - count : 0, ' ');
    append_bounded(result, specifier.left ? piece + fill : fill + piece);
  }
  return result;
}
void format_any(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      out.set_null(row);
    } else {
      out.set_bytes(row, format_row(call, row));
    }
  }
}

/// A NULL array holds no arguments.
void spread_format(const FunctionCall& call, engine::ColumnVector& out) {
  spread<format_any, true>(call, out);
}

Text bool_to_text(bool value) {
  return value ? "true" : "false";
}

constexpr FunctionRow kRows[] = {
    vectorised(10903, "concat(variadic)", {2277}, 25, spread<concat>, "concatenate values")
        .stable(),
    vectorised(10904, "concat_ws(variadic)", {25, 2277}, 25, spread<concat_with_separator>,
               "concatenate values with separators")
        .stable(),
    vectorised(10905, "format(variadic)", {25, 2277}, 25, spread_format, "format text message")
        .stable()
        .non_strict(),
    scalar<bool_to_text>(2971, "text", "convert boolean to text"),
    scalar<trim_left_set>(875, "ltrim", "trim selected characters from left end of string"),
    scalar<trim_right_set>(876, "rtrim", "trim selected characters from right end of string"),
    scalar<trim_both_set>(884, "btrim", "trim selected characters from both ends of string"),
    scalar<trim_left>(881, "ltrim", "trim spaces from left end of string"),
    scalar<trim_right>(882, "rtrim", "trim spaces from right end of string"),
    scalar<trim_both>(885, "btrim", "trim spaces from both ends of string"),
    scalar<pad_left_with>(873, "lpad", "left-pad string to length"),
    scalar<pad_right_with>(874, "rpad", "right-pad string to length"),
    scalar<pad_left>(879, "lpad", "left-pad string to length"),
    scalar<pad_right>(880, "rpad", "right-pad string to length"),
    scalar<translate>(878, "translate", "map a set of characters appearing in string"),
    scalar<ascii>(1620, "ascii", "convert first char to int4"),
    scalar<character>(1621, "chr", "convert int4 to char"),
    scalar<quote_ident>(1282, "quote_ident", "quote an identifier for usage in a querystring"),
    scalar<quote_literal>(1283, "quote_literal", "quote a literal for usage in a querystring"),
    vectorised(1285, "quote_literal", {2283}, 25, quote_literal_any,
               "quote a data value for usage in a querystring")
        .stable(),
    vectorised(1289, "quote_nullable", {25}, 25, quote_nullable,
               "quote a possibly-null literal for usage in a querystring")
        .non_strict(),
    vectorised(1290, "quote_nullable", {2283}, 25, quote_nullable,
               "quote a possibly-null data value for usage in a querystring")
        .stable()
        .non_strict(),
    vectorised(2003, "textanycat", {25, 2776}, 25, concatenate_any, "implementation of || operator")
        .stable(),
    vectorised(2004, "anytextcat", {2776, 25}, 25, concatenate_any, "implementation of || operator")
        .stable(),
    vectorised(3058, "concat", {2276}, 25, concat, "concatenate values")
        .stable()
        .non_strict()
        .variadic(type_oid::kAny),
    vectorised(3059, "concat_ws", {25, 2276}, 25, concat_with_separator,
               "concatenate values with separators")
        .stable()
        .non_strict()
        .variadic(type_oid::kAny),
    vectorised(3539, "format", {25, 2276}, 25, format_any, "format text message")
        .stable()
        .non_strict()
        .variadic(type_oid::kAny),
    vectorised(3540, "format", {25}, 25, format_any, "format text message").stable().non_strict(),
};

}  // namespace

const FunctionTable kStringBuildingFunctions = kRows;

}  // namespace omen::sql
