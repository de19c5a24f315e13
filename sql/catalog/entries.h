#pragma once

#include <variant>

#include "engine/api/catalog.h"
#include "sql/functions/eval_context.h"

namespace omen::sql {

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
