#pragma once

#include "sql/binder/bind_state.h"
#include "sql/catalog/system_relation.h"

namespace omen::sql {

/// A relation of the catalog or of the system; neither if there is none.
struct FoundRelation {
  const engine::CatalogEntry* entry = nullptr;
  const SystemRelation* system = nullptr;
  explicit operator bool() const { return entry != nullptr || system != nullptr; }
};

/// By name on the search path; pg_catalog comes first unless the path names it.
FoundRelation find_any_relation(const engine::Catalog& catalog,
                                const std::vector<std::string>& search_path,
                                const ast::QualifiedName& name);
/// 42P01 relation "x" does not exist.
[[noreturn]] void undefined_relation(const ast::QualifiedName& name, int location);

/// A type by the names in its TypeName, or nullptr.
const TypeInfo* find_visible_type(const BindState& state, const ast::QualifiedName& name);
Type resolve_type(BindState& state, const ast::TypeName& name);

}  // namespace omen::sql
