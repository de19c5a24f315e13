#pragma once

#include <string>
#include <vector>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// Positions of the columns COPY names in a table, or of all its columns. 42703, 42701.
std::vector<std::uint16_t> copy_columns(const engine::Table& table,
                                        const std::vector<std::string>& names);
/// 0A000 for files and programs on the server.
void refuse_server_file(const ast::CopyStatement& statement);

}  // namespace omen::sql
