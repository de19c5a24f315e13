#include "sql/session/copy/copy_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error/sql_error.h"

namespace omen::sql {

std::vector<std::uint16_t> copy_columns(const engine::Table& table,
                                        const std::vector<std::string>& names) {
  std::vector<std::uint16_t> positions;
  if (names.empty()) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (!table.columns[i].dropped) {
        positions.push_back(static_cast<std::uint16_t>(i));
      }
    }
    return positions;
  }
  for (const std::string& name : names) {
    const auto found = std::find_if(
        table.columns.begin(), table.columns.end(),
        [&](const engine::Column& column) { return !column.dropped && column.name == name; });
    if (found == table.columns.end()) {
      throw SqlError(
          sqlstate::kUndefinedColumn,
          fmt::format("column \"{}\" of relation \"{}\" does not exist", name, table.name));
    }
    const auto position = static_cast<std::uint16_t>(found - table.columns.begin());
    if (std::find(positions.begin(), positions.end(), position) != positions.end()) {
      throw SqlError(sqlstate::kDuplicateColumn,
                     fmt::format("column \"{}\" specified more than once", name));
    }
    positions.push_back(position);
  }
  return positions;
}

void refuse_server_file(const ast::CopyStatement& statement) {
  if (statement.program) {
    throw SqlError(sqlstate::kFeatureNotSupported, statement.from
                                                       ? "COPY FROM PROGRAM is not supported"
                                                       : "COPY TO PROGRAM is not supported")
        .hint("Use COPY with STDIN or STDOUT, or psql's \\copy command.");
  }
  if (statement.file) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   statement.from ? "COPY FROM a file on the server is not supported"
                                  : "COPY TO a file on the server is not supported")
        .hint("Use COPY with STDIN or STDOUT, or psql's \\copy command.");
  }
}

}  // namespace omen::sql
