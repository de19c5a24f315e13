#pragma once

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// ALTER COLUMN TYPE. A change that leaves every stored value as it is touches the catalog alone;
/// any other rewrites the table: its rows, converted, wait in a table without a known name while
/// the table gets new storage, and its indexes are built anew. 42804 where there is no assignment
/// cast and no fitting USING.
void alter_column_type(CatalogAccess& access, engine::Oid table_oid, std::uint16_t position,
                       const ast::AlterCommand& command);

}  // namespace omen::sql
