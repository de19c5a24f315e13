#include "sql/types/type_name.h"

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/types/text.h"
#include "sql/types/type_codec.h"

namespace omen::sql {
namespace {

/// The standard's names, which the grammar (not the catalog) knows.
constexpr std::pair<std::string_view, std::string_view> kSqlNames[] = {
    {"int", "int4"},
    {"integer", "int4"},
    {"smallint", "int2"},
    {"bigint", "int8"},
    {"real", "float4"},
    {"float", "float8"},
    {"double precision", "float8"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"boolean", "bool"},
    {"character", "bpchar"},
    {"char", "bpchar"},
    {"character varying", "varchar"},
    {"char varying", "varchar"},
    {"bit varying", "varbit"},
    {"time without time zone", "time"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamptz"},
};

/// Words separated by single blanks, lower case outside quotes.
std::string normalise(std::string_view text) {
  std::string result;
  bool quoted = false;
  for (const char c : trim_spaces(text)) {
    quoted = c == '"' ? !quoted : quoted;
    if (!quoted && is_space(c)) {
      if (!result.empty() && result.back() != ' ') {
        result.push_back(' ');
      }
      continue;
    }
    result.push_back(!quoted && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  return result;
}

SqlError syntax_error(std::string_view text) {
  return {sqlstate::kSyntaxError, "syntax error in type name \"" + std::string(text) + "\""};
}

}  // namespace

TypeSpelling parse_type_spelling(std::string_view text) {
  TypeSpelling spelling;
  std::string name = normalise(text);
  while (name.ends_with(']')) {
    const std::size_t open = name.rfind('[');
    if (open == std::string::npos) {
      throw syntax_error(text);
    }
    spelling.is_array = true;
    name = std::string(trim_spaces(std::string_view(name).substr(0, open)));
  }
  if (const std::size_t open = name.find('('); open != std::string::npos) {
    const std::size_t close = name.find(')', open);
    if (close == std::string::npos) {
      throw syntax_error(text);
    }
    std::string_view list = std::string_view(name).substr(open + 1, close - open - 1);
    while (true) {
      const std::size_t comma = list.find(',');
      spelling.modifiers.emplace_back(trim_spaces(list.substr(0, comma)));
      if (comma == std::string_view::npos) {
        break;
      }
      list.remove_prefix(comma + 1);
    }
    const std::string before(trim_spaces(std::string_view(name).substr(0, open)));
    const std::string after(trim_spaces(std::string_view(name).substr(close + 1)));
    name = after.empty() ? before : before + " " + after;
  }
  for (const auto& [sql_name, type_name] : kSqlNames) {
    if (name == sql_name) {
      spelling.is_sql_name = true;
      name = type_name;
      break;
    }
  }
  spelling.name = std::move(name);
  return spelling;
}

}  // namespace omen::sql
