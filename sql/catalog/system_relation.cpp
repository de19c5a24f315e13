#include "sql/catalog/system_relation.h"

#include <algorithm>

#include "sql/catalog/base_relations.h"
#include "sql/error/sql_error.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// "name type, name type" to columns.
std::vector<SystemColumn> parse_columns(std::string_view text) {
  std::vector<SystemColumn> columns;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const std::size_t space = item.find(' ');
    const TypeInfo* type = find_type(item.substr(space + 1));
    if (type == nullptr) {
      internal_error("catalog column of an unknown type: " + std::string(item));
    }
    columns.push_back({item.substr(0, space), type->oid});
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 2);
  }
  return columns;
}

std::vector<SystemRelation> make_relations() {
  std::vector<SystemRelation> relations;
  for (const BaseRelation& base : std::span(kBaseRelations, kBaseRelationCount)) {
    relations.push_back({base.oid,
                         engine::kPgCatalogSchemaOid,
                         base.name,
                         parse_columns(base.columns),
                         false,
                         base.rows,
                         {}});
  }
  for (const std::span<const SystemView> views : {pg_catalog_views(), information_schema_views()}) {
    for (const SystemView& view : views) {
      relations.push_back({view.oid, view.schema_oid, view.name, parse_columns(view.columns), true,
                           view.rows, view.sql});
    }
  }
  std::ranges::sort(relations, [](const SystemRelation& a, const SystemRelation& b) {
    return std::tie(a.schema_oid, a.name) < std::tie(b.schema_oid, b.name);
  });
  return relations;
}

}  // namespace

std::span<const SystemRelation> system_relations() {
  static const std::vector<SystemRelation> relations = make_relations();
  return relations;
}

const SystemRelation* find_system_relation(Oid schema_oid, std::string_view name) {
  const std::span<const SystemRelation> all = system_relations();
  const auto found = std::ranges::lower_bound(
      all, std::pair(schema_oid, name), {},
      [](const SystemRelation& r) { return std::pair(r.schema_oid, r.name); });
  return found != all.end() && found->schema_oid == schema_oid && found->name == name ? &*found
                                                                                      : nullptr;
}

const SystemRelation* find_system_relation(Oid oid) {
  const std::span<const SystemRelation> all = system_relations();
  const auto found = std::ranges::find(all, oid, &SystemRelation::oid);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace omen::sql
