#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type.h"

namespace omen::sql {

struct SystemColumn {
  std::string_view name;
  Oid type = 0;
};

/// A base relation of pg_catalog: columns as in PostgreSQL 15, rows made from the live catalog and
/// the registries when scanned. Views of pg_catalog and information_schema are SQL text over these.
struct SystemRelation {
  Oid oid = 0;
  Oid schema_oid = 0;
  std::string_view name;
  std::vector<SystemColumn> columns;
  bool is_view = false;  ///< pg_class.relkind: v, else r
  /// Appends all rows to `out` (columns as above, reset by the caller); nullptr if view_sql has
  /// them.
  void (*rows)(const EvalContext& context, engine::ColumnBatch& out) = nullptr;
  /// The SELECT a view stands for, or empty.
  std::string_view view_sql;
};

/// All of them, sorted by (schema, name).
std::span<const SystemRelation> system_relations();
const SystemRelation* find_system_relation(Oid schema_oid, std::string_view name);
const SystemRelation* find_system_relation(Oid oid);

}  // namespace omen::sql
