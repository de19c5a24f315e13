#pragma once

#include <string>
#include <string_view>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// A key column of a btree with its type's default operator class; 42704 if it has none.
engine::IndexColumn btree_column(const engine::Table& table, std::uint16_t position);
/// Creates and fills an index. 23505 `could not create unique index` with the duplicate key.
/// pg_stat_progress_create_index lists it under `command`, a literal.
void build_index(CatalogAccess& access, const engine::Table& table, engine::Index index,
                 std::string_view command = "CREATE INDEX");
/// "(a, b)=(1, x)" of a row, as in DETAIL of unique violations; empty if the row is gone.
std::string key_of_row(CatalogAccess& access, const engine::Table& table,
                       const engine::Index& index, const engine::UniqueConflict& conflict);

}  // namespace omen::sql
