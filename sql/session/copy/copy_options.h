#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sql/parser/ast.h"

namespace omen::sql {

enum class CopyFormat : std::uint8_t { Text, Csv, Binary };
enum class CopyHeader : std::uint8_t { None, Present, Match };

/// WITH (...) of COPY, checked as a whole.
struct CopyOptions {
  CopyFormat format = CopyFormat::Text;
  char delimiter = '\t';
  std::string null_text = "\\N";
  CopyHeader header = CopyHeader::None;
  char quote = '"';
  char escape = '"';
  /// Column names as written; star: all of them.
  struct Columns {
    bool is_given = false;
    bool star = false;
    std::vector<std::string> names;
  };
  Columns force_quote, force_not_null, force_null;
};

/// Throws 42601, 22023, 0A000 with PostgreSQL's texts.
CopyOptions parse_copy_options(const ast::CopyStatement& statement);

/// Which of `columns` an option names; 42P10 if it names another. `option` as in the error text.
std::vector<bool> chosen_columns(const CopyOptions::Columns& chosen,
                                 const std::vector<std::string>& columns, std::string_view option);

}  // namespace omen::sql
