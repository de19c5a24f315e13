#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace omen::sql {

/// A type as it is spelled in text (regtype input, function signatures), taken apart.
struct TypeSpelling {
  std::string name;          ///< pg_type.typname if is_sql_name, else a name as written
  bool is_sql_name = false;  ///< one of the standard's spellings: integer, double precision
  std::vector<std::string> modifiers;
  bool is_array = false;
};

/// 42601 for unbalanced parentheses or brackets.
TypeSpelling parse_type_spelling(std::string_view text);

}  // namespace omen::sql
