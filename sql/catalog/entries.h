#pragma once

#include <variant>

#include "engine/api/catalog.h"
#include "sql/functions/eval_context.h"

namespace omen::sql {

/// The predefined role that owns schema public; whoever owns the database is its only member.
constexpr engine::Oid kDatabaseOwnerRoleOid = 6171;
constexpr const char* kDatabaseOwnerRoleName = "pg_database_owner";

/// pg_cast numbers the casts from here, in the order of all_casts().
constexpr engine::Oid kFirstCastOid = 10201;

/// pg_type.typcollation: of the elements, for an array.
engine::Oid collation_of(engine::Oid type_oid);

/// Whether pg_attrdef has a row for a column: an identity column's nextval() is no default.
inline bool has_own_default(const engine::Column& column) {
  return !column.dropped && !column.default_sql.empty() &&
         column.identity == engine::Identity::None;
}

/// Calls `visit` with every catalog entry of type T, by oid ascending; none without a catalog.
template <typename T, typename Visit>
void for_each_entry(const EvalContext& context, Visit visit) {
  if (context.catalog == nullptr) {
    return;
  }
  for (const engine::CatalogEntry* entry : context.catalog->entries()) {
    if (const T* object = std::get_if<T>(entry)) {
      visit(*object);
    }
  }
}

}  // namespace omen::sql
