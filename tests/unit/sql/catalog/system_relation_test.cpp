#include "sql/catalog/system_relation.h"

#include <catch2/catch.hpp>

#include "sql/catalog/opclass.h"
#include "sql/types/type_io.h"

namespace omen::sql {

TEST_CASE("every system relation makes rows of its own shape without a catalog") {
  const EvalContext context;
  for (const SystemRelation& relation : system_relations()) {
    INFO(relation.name);
    REQUIRE((relation.rows != nullptr) == relation.view_sql.empty());
    CHECK(find_system_relation(relation.oid) == &relation);
    CHECK(find_system_relation(relation.schema_oid, relation.name) == &relation);
    if (relation.rows == nullptr) {
      continue;
    }
    std::vector<PhysicalType> types;
    for (const SystemColumn& column : relation.columns) {
      types.push_back(type_info(column.type).physical);
    }
    engine::ColumnBatch batch;
    batch.reset(types);
    relation.rows(context, batch);
    for (std::size_t i = 0; i < batch.column_count(); ++i) {
      CHECK(batch.column(i).size() == batch.row_count());
    }
  }
}

TEST_CASE("pg_type lists int4 and leaves vector out without the extension") {
  const SystemRelation* pg_type = find_system_relation(engine::kPgCatalogSchemaOid, "pg_type");
  REQUIRE(pg_type != nullptr);
  std::vector<PhysicalType> types;
  for (const SystemColumn& column : pg_type->columns) {
    types.push_back(type_info(column.type).physical);
  }
  engine::ColumnBatch batch;
  batch.reset(types);
  pg_type->rows(EvalContext(), batch);
  bool has_int4 = false;
  bool has_vector = false;
  for (std::size_t row = 0; row < batch.row_count(); ++row) {
    has_int4 = has_int4 || batch.column(1).bytes(row) == "int4";
    has_vector = has_vector || batch.column(1).bytes(row) == "vector";
  }
  CHECK(has_int4);
  CHECK_FALSE(has_vector);
}

TEST_CASE("an array has the array class and varchar the text class by default") {
  namespace am = access_method_oid;
  REQUIRE(default_operator_class(am::kBtree, type_oid::kVarchar) != nullptr);
  CHECK(default_operator_class(am::kBtree, type_oid::kVarchar)->name == "text_ops");
  CHECK(default_operator_class(am::kBtree, 1007)->name == "array_ops");
  CHECK(default_operator_class(am::kHnsw, type_oid::kVector) == nullptr);
}

}  // namespace omen::sql
