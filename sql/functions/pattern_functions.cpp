#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/pattern.h"
#include "sql/functions/registry.h"
#include "sql/types/array.h"
#include "sql/types/text.h"

namespace omen::sql {
namespace {

enum class Sense : std::uint8_t { Match, NoMatch };
enum class Case : std::uint8_t { Exact, Fold };

template <typename T>
Text text_of(T value) {
  if constexpr (std::is_same_v<T, Text>) {
    return value;
  } else {
    return value.value;
  }
}

template <typename T, Sense kSense, Case kCase>
bool like(T text, Text pattern) {
  return matches_like(text_of(text), pattern, kCase == Case::Fold) == (kSense == Sense::Match);
}
template <typename T, Sense kSense, Case kCase>
bool regex(T text, Text pattern) {
  const Regex& compiled = cached_regex(pattern, {.fold_case = kCase == Case::Fold});
  return compiled.matches(text_of(text)) == (kSense == Sense::Match);
}

/// LIKE ... ESCAPE: rewrites the pattern to one with backslash as escape.
std::string like_escape(Text pattern, Text escape) {
  if (char_count(escape) > 1) {
    throw SqlError(sqlstate::kInvalidEscapeSequence, "invalid escape string")
        .hint("Escape string must be empty or one character.");
  }
  std::string result;
  for (std::size_t at = 0; at < pattern.size();) {
    if (!escape.empty() && pattern.substr(at).starts_with(escape)) {
      result.push_back('\\');
      at += escape.size();
      if (at == pattern.size()) {
        break;
      }
    } else if (pattern[at] == '\\') {
      result.push_back('\\');
    }
    const std::size_t size = std::min(char_bytes(pattern[at]), pattern.size() - at);
    result.append(pattern.substr(at, size));
    at += size;
  }
  return result;
}

/// SIMILAR TO's pattern as a regular expression.
std::string similar_to_escape(Text pattern, Text escape) {
  if (char_count(escape) > 1) {
    throw SqlError(sqlstate::kInvalidEscapeSequence, "invalid escape string")
        .hint("Escape string must be empty or one character.");
  }
  std::string result = "^(?:";
  bool in_bracket = false;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (!escape.empty() && pattern.substr(at).starts_with(escape)) {
      at += escape.size();
      if (at < pattern.size()) {
        const std::size_t size = std::min(char_bytes(pattern[at]), pattern.size() - at);
        result.append("\\").append(pattern.substr(at, size));
        at += size;
      }
      continue;
    }
    if (in_bracket) {
      in_bracket = c != ']';
      result.append(c == '\\' ? "\\\\" : std::string(1, c));
    } else if (c == '%') {
      result.append(".*");
    } else if (c == '_') {
      result.push_back('.');
    } else if (c == '(') {
      result.append("(?:");
    } else if (c == '\\' || c == '.' || c == '^' || c == '$') {
      result.append({'\\', c});
    } else {
      in_bracket = c == '[';
      result.push_back(c);
    }
    ++at;
  }
  return result + ")$";
}
std::string similar_to_escape_default(Text pattern) {
  return similar_to_escape(pattern, "\\");
}

// ---------------------------------------------------------------- regexp_*

RegexFlags flags_without_global(Text flags, std::string_view function) {
  const RegexFlags parsed = parse_regex_flags(flags);
  if (parsed.global) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   std::string(function) + "() does not support the \"global\" option")
        .hint("Use the regexp_matches function instead.");
  }
  return parsed;
}

/// \1 to \9 and \& of the replacement.
void append_replacement(Text replacement, Text text, const std::vector<Regex::Group>& groups,
                        std::string& out) {
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    if (replacement[i] != '\\' || i + 1 == replacement.size()) {
      out.push_back(replacement[i]);
      continue;
    }
    const char next = replacement[++i];
    const bool is_group = next == '&' || (next >= '1' && next <= '9');
    if (!is_group) {
      out.append(next == '\\' ? "\\" : std::string{'\\', next});
      continue;
    }
    const auto number = next == '&' ? std::size_t{0} : static_cast<std::size_t>(next - '0');
    if (number < groups.size() && groups[number].start != Text::npos) {
      append_bounded(out,
                     text.substr(groups[number].start, groups[number].end - groups[number].start));
    }
  }
}

/// Behind a match; one character further if it was empty.
std::size_t after(const Regex::Group& match, Text text) {
  if (match.end > match.start) {
    return match.end;
  }
  return match.end < text.size() ? match.end + char_bytes(text[match.end]) : text.size() + 1;
}

std::string replace_with(Text text, Text pattern, Text replacement, const RegexFlags& flags) {
  const Regex& compiled = cached_regex(pattern, flags.options);
  std::string result;
  std::size_t copied = 0;
  for (std::size_t from = 0; from <= text.size();) {
    const std::vector<Regex::Group> groups = compiled.search(text, from);
    if (groups.empty()) {
      break;
    }
    append_bounded(result, text.substr(copied, groups[0].start - copied));
    append_replacement(replacement, text, groups, result);
    copied = groups[0].end;
    from = after(groups[0], text);
    if (!flags.global) {
      break;
    }
  }
  append_bounded(result, text.substr(copied));
  return result;
}
std::string regexp_replace(Text text, Text pattern, Text replacement) {
  return replace_with(text, pattern, replacement, {});
}
std::string regexp_replace_flags(Text text, Text pattern, Text replacement, Text flags) {
  return replace_with(text, pattern, replacement, parse_regex_flags(flags));
}

/// The groups of a match as text[]; the whole match if there are none.
std::string groups_array(Text text, const std::vector<Regex::Group>& groups) {
  ArrayBuilder builder(type_oid::kText);
  for (std::size_t i = groups.size() > 1 ? 1 : 0; i < groups.size(); ++i) {
    if (groups[i].start == Text::npos) {
      builder.add_null();
    } else {
      builder.add_bytes(text.substr(groups[i].start, groups[i].end - groups[i].start));
    }
  }
  return builder.finish();
}

std::optional<Owned<1009>> regexp_match_flags(Text text, Text pattern, Text flags) {
  const RegexFlags parsed = flags_without_global(flags, "regexp_match");
  const std::vector<Regex::Group> groups = cached_regex(pattern, parsed.options).search(text);
  return groups.empty() ? std::nullopt : std::optional(Owned<1009>{groups_array(text, groups)});
}
std::optional<Owned<1009>> regexp_match(Text text, Text pattern) {
  return regexp_match_flags(text, pattern, "");
}

std::optional<std::string> substring_pattern(Text text, Text pattern) {
  const std::vector<Regex::Group> groups = cached_regex(pattern, {}).search(text);
  if (groups.empty()) {
    return std::nullopt;
  }
  const Regex::Group& part = groups[groups.size() > 1 ? 1 : 0];
  if (part.start == Text::npos) {
    return std::nullopt;
  }
  return std::string(text.substr(part.start, part.end - part.start));
}

std::vector<Text> split(Text text, Text pattern, Text flags, std::string_view function) {
  const Regex& compiled = cached_regex(pattern, flags_without_global(flags, function).options);
  std::vector<Text> parts;
  std::size_t copied = 0;
  for (std::size_t from = 0; from <= text.size();) {
    const std::vector<Regex::Group> groups = compiled.search(text, from);
    if (groups.empty()) {
      break;
    }
    from = after(groups[0], text);
    // An empty match at either end or right behind the last separator splits nothing.
    const bool is_empty = groups[0].start == groups[0].end;
    if (is_empty && (groups[0].start == copied || groups[0].start == text.size())) {
      continue;
    }
    parts.push_back(text.substr(copied, groups[0].start - copied));
    copied = groups[0].end;
  }
  parts.push_back(text.substr(copied));
  return parts;
}
Owned<1009> split_to_array_flags(Text text, Text pattern, Text flags) {
  ArrayBuilder builder(type_oid::kText);
  for (const Text part : split(text, pattern, flags, "regexp_split_to_array")) {
    builder.add_bytes(part);
  }
  return {builder.finish()};
}
Owned<1009> split_to_array(Text text, Text pattern) {
  return split_to_array_flags(text, pattern, "");
}

/// Rows of a set function from a list made anew for each call: fine for short lists.
bool emit(const std::vector<std::string>& rows, std::uint64_t position, engine::ColumnBatch& out) {
  std::size_t row = out.row_count();
  const std::size_t end = std::min<std::size_t>(rows.size(), position + engine::kBatchRowsMax);
  out.resize(row + (end > position ? end - position : 0));
  for (std::size_t i = position; i < end; ++i) {
    out.column(0).set_bytes(row++, rows[i]);
  }
  return end < rows.size();
}

bool any_null(const FunctionCall& call) {
  return std::ranges::any_of(call.arguments, [](const auto* column) { return column->is_null(0); });
}

bool regexp_matches(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (any_null(call)) {
    return false;
  }
  const Text text = call.arguments[0]->bytes(0);
  const RegexFlags flags =
      parse_regex_flags(call.arguments.size() > 2 ? call.arguments[2]->bytes(0) : Text());
  const Regex& compiled = cached_regex(call.arguments[1]->bytes(0), flags.options);
  std::vector<std::string> rows;
  for (std::size_t from = 0; from <= text.size();) {
    const std::vector<Regex::Group> groups = compiled.search(text, from);
    if (groups.empty()) {
      break;
    }
    rows.push_back(groups_array(text, groups));
    from = after(groups[0], text);
    if (!flags.global) {
      break;
    }
  }
  return emit(rows, position, out);
}

bool split_to_table(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (any_null(call)) {
    return false;
  }
  std::vector<std::string> rows;
  const Text flags = call.arguments.size() > 2 ? call.arguments[2]->bytes(0) : Text();
  for (const Text part : split(call.arguments[0]->bytes(0), call.arguments[1]->bytes(0), flags,
                               "regexp_split_to_table")) {
    rows.emplace_back(part);
  }
  return emit(rows, position, out);
}

using enum Sense;
using enum Case;

constexpr FunctionRow kRows[] = {
    scalar<regex<Name, Match, Exact>>(79, "nameregexeq", "implementation of ~ operator"),
    scalar<like<Text, Match, Exact>>(850, "textlike", "implementation of ~~ operator"),
    scalar<like<Text, NoMatch, Exact>>(851, "textnlike", "implementation of !~~ operator"),
    scalar<like<Name, Match, Exact>>(858, "namelike", "implementation of ~~ operator"),
    scalar<like<Name, NoMatch, Exact>>(859, "namenlike", "implementation of !~~ operator"),
    scalar<regex<Text, Match, Fold>>(1238, "texticregexeq", "implementation of ~* operator"),
    scalar<regex<Text, NoMatch, Fold>>(1239, "texticregexne", "implementation of !~* operator"),
    scalar<regex<Name, Match, Fold>>(1240, "nameicregexeq", "implementation of ~* operator"),
    scalar<regex<Name, NoMatch, Fold>>(1241, "nameicregexne", "implementation of !~* operator"),
    scalar<regex<Name, NoMatch, Exact>>(1252, "nameregexne", "implementation of !~ operator"),
    scalar<regex<Text, Match, Exact>>(1254, "textregexeq", "implementation of ~ operator"),
    scalar<regex<Text, NoMatch, Exact>>(1256, "textregexne", "implementation of !~ operator"),
    scalar<like<Bpchar, Match, Exact>>(1631, "bpcharlike", "implementation of ~~ operator"),
    scalar<like<Bpchar, NoMatch, Exact>>(1632, "bpcharnlike", "implementation of !~~ operator"),
    scalar<like<Text, Match, Fold>>(1633, "texticlike", "implementation of ~~* operator"),
    scalar<like<Text, NoMatch, Fold>>(1634, "texticnlike", "implementation of !~~* operator"),
    scalar<like<Name, Match, Fold>>(1635, "nameiclike", "implementation of ~~* operator"),
    scalar<like<Name, NoMatch, Fold>>(1636, "nameicnlike", "implementation of !~~* operator"),
    scalar<regex<Bpchar, Match, Fold>>(1656, "bpcharicregexeq", "implementation of ~* operator"),
    scalar<regex<Bpchar, NoMatch, Fold>>(1657, "bpcharicregexne", "implementation of !~* operator"),
    scalar<regex<Bpchar, Match, Exact>>(1658, "bpcharregexeq", "implementation of ~ operator"),
    scalar<regex<Bpchar, NoMatch, Exact>>(1659, "bpcharregexne", "implementation of !~ operator"),
    scalar<like<Bpchar, Match, Fold>>(1660, "bpchariclike", "implementation of ~~* operator"),
    scalar<like<Bpchar, NoMatch, Fold>>(1661, "bpcharicnlike", "implementation of !~~* operator"),
    scalar<like<Text, Match, Exact>>(1569, "like", "matches LIKE expression"),
    scalar<like<Name, Match, Exact>>(1571, "like", "matches LIKE expression"),
    scalar<like<Text, NoMatch, Exact>>(1570, "notlike", "does not match LIKE expression"),
    scalar<like<Name, NoMatch, Exact>>(1572, "notlike", "does not match LIKE expression"),
    scalar<like_escape>(1637, "like_escape", "convert LIKE pattern to use backslash escapes"),
    scalar<similar_to_escape>(1986, "similar_to_escape",
                              "convert SQL regexp pattern to POSIX style"),
    scalar<similar_to_escape_default>(1987, "similar_to_escape",
                                      "convert SQL regexp pattern to POSIX style"),
    scalar<regexp_replace>(2284, "regexp_replace", "replace text using regexp"),
    scalar<regexp_replace_flags>(2285, "regexp_replace", "replace text using regexp"),
    scalar<regexp_match>(3396, "regexp_match", "find first match for regexp"),
    scalar<regexp_match_flags>(3397, "regexp_match", "find first match for regexp"),
    scalar<substring_pattern>(2073, "substring", "extract text matching regular expression"),
    scalar<split_to_array>(2767, "regexp_split_to_array", "split string by pattern"),
    scalar<split_to_array_flags>(2768, "regexp_split_to_array", "split string by pattern"),
    set_returning(2763, "regexp_matches", {25, 25}, 1009, regexp_matches,
                  "find match(es) for regexp"),
    set_returning(2764, "regexp_matches", {25, 25, 25}, 1009, regexp_matches,
                  "find match(es) for regexp"),
    set_returning(2765, "regexp_split_to_table", {25, 25}, 25, split_to_table,
                  "split string by pattern"),
    set_returning(2766, "regexp_split_to_table", {25, 25, 25}, 25, split_to_table,
                  "split string by pattern"),
};

}  // namespace

const FunctionTable kPatternFunctions = kRows;

}  // namespace omen::sql
