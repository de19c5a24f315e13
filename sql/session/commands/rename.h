#pragma once

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// RENAME of a relation, column or constraint, and SET SCHEMA.
void rename(CatalogAccess& access, const engine::CatalogEntry& entry,
            const ast::AlterTableStatement& statement, const ast::AlterCommand& command);
/// ALTER SCHEMA name RENAME / OWNER TO, ALTER EXTENSION name SET SCHEMA.
void alter_schema_or_extension(CatalogAccess& access, const ast::AlterTableStatement& statement);

}  // namespace omen::sql
