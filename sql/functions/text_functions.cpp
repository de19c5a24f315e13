#include <unicode/uchar.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/registry.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;

std::string concatenate(Text a, Text b) {
  std::string result;
  result.reserve(a.size() + b.size());
  return result.append(a).append(b);
}
Owned<type_oid::kBytea> concatenate_bytea(Bytea a, Bytea b) {
  return {concatenate(a.value, b.value)};
}

Int4 length(Text text) {
  return static_cast<Int4>(char_count(text));
}
Int4 length_bpchar(Bpchar text) {
  return length(strip_blanks(text.value));
}
Int4 byte_length(Text text) {
  return static_cast<Int4>(text.size());
}
Int4 byte_length_bpchar(Bpchar text) {
  return byte_length(text.value);
}
Int4 byte_length_bytea(Bytea bytes) {
  return byte_length(bytes.value);
}
Int4 bit_length(Text text) {
  return static_cast<Int4>(text.size() * 8);
}
Int4 bit_length_bytea(Bytea bytes) {
  return bit_length(bytes.value);
}

template <UChar32 (*kMap)(UChar32)>
std::string map_characters(Text text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = std::min(char_bytes(text[0]), text.size());
    append_code_point(static_cast<char32_t>(kMap(static_cast<UChar32>(first_code_point(text)))),
                      result);
    text.remove_prefix(size);
  }
  return result;
}
UChar32 to_upper(UChar32 c) {
  return u_toupper(c);
}
UChar32 to_lower(UChar32 c) {
  return u_tolower(c);
}
std::string upper(Text text) {
  return map_characters<to_upper>(text);
}
std::string lower(Text text) {
  return map_characters<to_lower>(text);
}

/// First letter of each word in upper case, the rest in lower case.
std::string initial_capitals(Text text) {
  std::string result;
  bool in_word = false;
  while (!text.empty()) {
    const auto c = static_cast<UChar32>(first_code_point(text));
    append_code_point(static_cast<char32_t>(in_word ? u_tolower(c) : u_toupper(c)), result);
    in_word = u_isalnum(c) != 0;
    text.remove_prefix(std::min(char_bytes(text[0]), text.size()));
  }
  return result;
}

// ---------------------------------------------------------------- casts

Text bpchar_to_text(Bpchar text) {
  return strip_blanks(text.value);
}
Text name_to_text(Name name) {
  return name.value;
}
Name text_to_name(Text text) {
  return {clip_bytes(text, kNameBytesMax)};
}
Name bpchar_to_name(Bpchar text) {
  return text_to_name(strip_blanks(text.value));
}
Name varchar_to_name(Varchar text) {
  return text_to_name(text.value);
}
Bpchar name_to_bpchar(Name name) {
  return {name.value};
}
Varchar name_to_varchar(Name name) {
  return {name.value};
}
Text char_to_text(CharByte byte) {
  return byte.value;
}
CharByte text_to_char(Text text) {
  return {text.substr(0, 1)};
}
Int4 char_to_int4(CharByte byte) {
  return byte.value.empty() ? 0 : static_cast<Int4>(static_cast<signed char>(byte.value[0]));
}
Owned<type_oid::kChar> int4_to_char(Int4 value) {
  if (value < -128 || value > 127) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "\"char\" out of range");
  }
  return {value == 0 ? std::string() : std::string(1, static_cast<char>(value))};
}
Bpchar char_to_bpchar(CharByte byte) {
  return {byte.value};
}
Varchar resize_varchar(Varchar text, Int4 modifier, bool is_explicit) {
  return {fit_varchar(text.value, modifier, is_explicit)};
}
Owned<type_oid::kBpchar> resize_bpchar(Bpchar text, Int4 modifier, bool is_explicit) {
  return {fit_bpchar(text.value, modifier, is_explicit)};
}

// ---------------------------------------------------------------- parts

[[noreturn]] void negative_length() {
  throw SqlError(sqlstate::kSubstringError, "negative substring length not allowed");
}

/// Characters start .. start + length - 1, counted from 1, as far as they exist.
Text substring_length(Text text, Int4 start, Int4 count) {
  if (count < 0) {
    negative_length();
  }
  const std::int64_t end = std::max<std::int64_t>(std::int64_t{start} + count, 1);
  const std::int64_t begin = std::max<std::int64_t>(start, 1);
  if (end <= begin) {
    return {};
  }
  const std::size_t from = char_offset(text, static_cast<std::size_t>(begin - 1));
  const Text rest = text.substr(from);
  return rest.substr(0, char_offset(rest, static_cast<std::size_t>(end - begin)));
}
Text substring_from(Text text, Int4 start) {
  return text.substr(char_offset(text, static_cast<std::size_t>(std::max(start, 1) - 1)));
}
Bytea bytea_substring_length(Bytea bytes, Int4 start, Int4 count) {
  if (count < 0) {
    negative_length();
  }
  const std::int64_t end = std::max<std::int64_t>(std::int64_t{start} + count, 1);
  const std::int64_t begin = std::max<std::int64_t>(start, 1);
  if (end <= begin || static_cast<std::size_t>(begin) > bytes.value.size()) {
    return {};
  }
  return {bytes.value.substr(static_cast<std::size_t>(begin - 1),
                             static_cast<std::size_t>(end - begin))};
}
Bytea bytea_substring_from(Bytea bytes, Int4 start) {
  return {bytes.value.substr(
      std::min(static_cast<std::size_t>(std::max(start, 1) - 1), bytes.value.size()))};
}

/// A negative count leaves out that many at the other end.
Text left(Text text, Int4 count) {
  const auto kept =
      count >= 0 ? std::int64_t{count} : static_cast<std::int64_t>(char_count(text)) + count;
  return text.substr(0,
                     char_offset(text, static_cast<std::size_t>(std::max<std::int64_t>(kept, 0))));
}
Text right(Text text, Int4 count) {
  const auto skipped =
      count >= 0 ? static_cast<std::int64_t>(char_count(text)) - count : -std::int64_t{count};
  return text.substr(
      char_offset(text, static_cast<std::size_t>(std::max<std::int64_t>(skipped, 0))));
}

Int4 position(Text text, Text part) {
  const std::size_t at = text.find(part);
  return at == Text::npos ? 0 : static_cast<Int4>(char_count(text.substr(0, at)) + 1);
}

std::string replace(Text text, Text from, Text to) {
  if (from.empty()) {
    return std::string(text);
  }
  std::string result;
  while (true) {
    const std::size_t at = text.find(from);
    append_bounded(result, text.substr(0, at));
    if (at == Text::npos) {
      return result;
    }
    append_bounded(result, to);
    text.remove_prefix(at + from.size());
  }
}

std::string reverse(Text text) {
  std::string result(text.size(), '\0');
  std::size_t end = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min(char_bytes(text[at]), text.size() - at);
    end -= size;
    std::ranges::copy(text.substr(at, size), result.begin() + static_cast<std::ptrdiff_t>(end));
    at += size;
  }
  return result;
}

std::string repeat(Text text, Int4 count) {
  const auto times = static_cast<std::size_t>(std::max(count, 0));
  if (times * text.size() >= kTextBytesMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "requested length too large");
  }
  std::string result;
  result.reserve(times * text.size());
  for (std::size_t i = 0; i < times; ++i) {
    result.append(text);
  }
  return result;
}

Text split_part(Text text, Text separator, Int4 number) {
  if (number == 0) {
    throw SqlError(sqlstate::kInvalidParameterValue, "field position must not be zero");
  }
  if (separator.empty()) {
    return number == 1 || number == -1 ? text : Text();
  }
  std::vector<Text> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == Text::npos) {
      break;
    }
    text.remove_prefix(at + separator.size());
  }
  const std::int64_t index =
      number > 0 ? std::int64_t{number} - 1 : static_cast<std::int64_t>(parts.size()) + number;
  return index < 0 || index >= static_cast<std::int64_t>(parts.size())
             ? Text()
             : parts[static_cast<std::size_t>(index)];
}

bool starts_with(Text text, Text prefix) {
  return text.starts_with(prefix);
}

constexpr FunctionRow kRows[] = {
    scalar<concatenate>(1258, "textcat", "implementation of || operator"),
    scalar<concatenate_bytea>(2011, "byteacat", "implementation of || operator"),
    scalar<length>(1317, "length", "length"),
    scalar<length>(1381, "char_length", "character length"),
    scalar<length>(1369, "character_length", "character length"),
    scalar<length_bpchar>(1318, "length", "character length"),
    scalar<length_bpchar>(1372, "char_length", "character length"),
    scalar<length_bpchar>(1367, "character_length", "character length"),
    scalar<byte_length_bytea>(2010, "length", "octet length"),
    scalar<byte_length>(1374, "octet_length", "octet length"),
    scalar<byte_length_bpchar>(1375, "octet_length", "octet length"),
    scalar<byte_length_bytea>(720, "octet_length", "octet length"),
    scalar<bit_length>(1811, "bit_length", "length in bits"),
    scalar<bit_length_bytea>(1810, "bit_length", "length in bits"),
    scalar<upper>(871, "upper", "uppercase"),
    scalar<lower>(870, "lower", "lowercase"),
    scalar<initial_capitals>(872, "initcap", "capitalize each word"),
    scalar<bpchar_to_text>(401, "text", "convert char(n) to text"),
    scalar<name_to_text>(406, "text", "convert name to text"),
    scalar<text_to_name>(407, "name", "convert text to name"),
    scalar<bpchar_to_name>(409, "name", "convert char(n) to name"),
    scalar<varchar_to_name>(1400, "name", "convert varchar to name"),
    scalar<name_to_bpchar>(408, "bpchar", "convert name to char(n)"),
    scalar<name_to_varchar>(1401, "varchar", "convert name to varchar"),
    scalar<char_to_text>(946, "text", "convert char to text"),
    scalar<text_to_char>(944, "char", "convert text to char"),
    scalar<char_to_int4>(77, "int4", "convert char to int4"),
    scalar<int4_to_char>(78, "char", "convert int4 to char"),
    scalar<char_to_bpchar>(860, "bpchar", "convert char to char(n)"),
    scalar<resize_varchar>(669, "varchar", "adjust varchar() to typmod length"),
    scalar<resize_bpchar>(668, "bpchar", "adjust char() to typmod length"),
    scalar<substring_length>(936, "substring", "extract portion of string"),
    scalar<substring_from>(937, "substring", "extract portion of string"),
    scalar<substring_length>(877, "substr", "extract portion of string"),
    scalar<substring_from>(883, "substr", "extract portion of string"),
    scalar<bytea_substring_length>(2012, "substring", "extract portion of string"),
    scalar<bytea_substring_from>(2013, "substring", "extract portion of string"),
    scalar<bytea_substring_length>(2085, "substr", "extract portion of string"),
    scalar<bytea_substring_from>(2086, "substr", "extract portion of string"),
    scalar<left>(3060, "left", "extract the first n characters"),
    scalar<right>(3061, "right", "extract the last n characters"),
    scalar<position>(849, "position", "position of substring"),
    scalar<position>(868, "strpos", "position of substring"),
    scalar<replace>(2087, "replace",
                    "replace all occurrences in string of old_substr with new_substr"),
    scalar<reverse>(3062, "reverse", "reverse text"),
    scalar<repeat>(1622, "repeat", "replicate string n times"),
    scalar<split_part>(2088, "split_part", "split string by field_sep and return field_num"),
    scalar<starts_with>(3696, "starts_with", "implementation of ^@ operator"),
};

}  // namespace

const FunctionTable kTextFunctions = kRows;

}  // namespace omen::sql
