#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

#include "engine/base/column_batch.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type.h"

namespace omen::sql {

/// A base relation of pg_catalog as written down: `columns` is "name type, name type, ...".
struct BaseRelation {
  Oid oid = 0;
  std::string_view name;
  std::string_view columns;
  void (*rows)(const EvalContext& context, engine::ColumnBatch& out) = nullptr;
};

/// Sorted by name.
extern const BaseRelation kBaseRelations[];
extern const std::size_t kBaseRelationCount;

/// A view as written down. Its rows come from `sql`, or straight from the server's state by `rows`.
struct SystemView {
  Oid oid = 0;
  Oid schema_oid = 0;
  std::string_view name;
  std::string_view columns;
  std::string_view sql;
  void (*rows)(const EvalContext& context, engine::ColumnBatch& out) = nullptr;
};
std::span<const SystemView> pg_catalog_views();
std::span<const SystemView> information_schema_views();

// Row makers, one for each relation that has rows; see the files named after their topic.
#define OMEN_CATALOG_ROWS(relation) \
  void relation##_rows(const EvalContext& context, engine::ColumnBatch& out)
OMEN_CATALOG_ROWS(pg_aggregate);
OMEN_CATALOG_ROWS(pg_am);
OMEN_CATALOG_ROWS(pg_attrdef);
OMEN_CATALOG_ROWS(pg_attribute);
OMEN_CATALOG_ROWS(pg_authid);
OMEN_CATALOG_ROWS(pg_cast);
OMEN_CATALOG_ROWS(pg_class);
OMEN_CATALOG_ROWS(pg_collation);
OMEN_CATALOG_ROWS(pg_constraint);
OMEN_CATALOG_ROWS(pg_database);
OMEN_CATALOG_ROWS(pg_depend);
OMEN_CATALOG_ROWS(pg_description);
OMEN_CATALOG_ROWS(pg_extension);
OMEN_CATALOG_ROWS(pg_index);
OMEN_CATALOG_ROWS(pg_language);
OMEN_CATALOG_ROWS(pg_namespace);
OMEN_CATALOG_ROWS(pg_opclass);
OMEN_CATALOG_ROWS(pg_operator);
OMEN_CATALOG_ROWS(pg_opfamily);
OMEN_CATALOG_ROWS(pg_proc);
OMEN_CATALOG_ROWS(pg_sequence);
OMEN_CATALOG_ROWS(pg_tablespace);
OMEN_CATALOG_ROWS(pg_type);
OMEN_CATALOG_ROWS(pg_settings);
OMEN_CATALOG_ROWS(pg_stat_activity);
OMEN_CATALOG_ROWS(pg_stat_all_indexes);
OMEN_CATALOG_ROWS(pg_stat_progress_create_index);
OMEN_CATALOG_ROWS(omendb_stat_vector_indexes);
OMEN_CATALOG_ROWS(pg_locks);
OMEN_CATALOG_ROWS(pg_prepared_statements);
#undef OMEN_CATALOG_ROWS

}  // namespace omen::sql
