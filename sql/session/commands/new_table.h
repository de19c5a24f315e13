#pragma once

#include <optional>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

struct NewTable {
  const ast::QualifiedName& name;
  bool if_not_exists = false;
  char persistence = 'p';
};
/// An empty table under a free name, not yet in the catalog. nullopt (and a notice) if the name is
/// taken and IF NOT EXISTS was given; 42P07 otherwise; 0A000 for temporary and unlogged tables.
std::optional<engine::Table> new_table(CatalogAccess& access, const NewTable& request);

}  // namespace omen::sql
