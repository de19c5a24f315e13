#include "sql/types/type_io.h"
#include "tests/unit/sql/binder/bind_fixture.h"

namespace omen::sql {

TEST_CASE_METHOD(BindFixture, "a sub-select knows whether it is correlated") {
  const BoundQuery& query =
      bind("SELECT (SELECT max(id) FROM tags t WHERE t.item_id = items.id), (SELECT 1) FROM items");
  CHECK(static_cast<const SubqueryExpression&>(*query.targets[0].expression).correlated);
  CHECK_FALSE(static_cast<const SubqueryExpression&>(*query.targets[1].expression).correlated);
}

TEST_CASE_METHOD(BindFixture, "only LATERAL sees its left neighbours") {
  const BoundQuery& query =
      bind("SELECT * FROM items, LATERAL (SELECT * FROM tags WHERE item_id = items.id) x");
  CHECK(query.relations[1]->lateral);
  CHECK(error_of("SELECT * FROM items, (SELECT * FROM tags WHERE item_id = items.id) x")
            .diagnostic()
            .hint ==
        "There is an entry for table \"items\", but it cannot be referenced from this part of the "
        "query.");
}

TEST_CASE_METHOD(BindFixture, "INSERT fills every column in table order") {
  const BoundQuery& query = bind("INSERT INTO items (v, id) VALUES ('[1,2,3]', 7), (DEFAULT, 8)");
  REQUIRE(query.insert_values.size() == 3);
  CHECK(text(*query.insert_values[0]) == "0.1.1");
  CHECK(query.insert_values[1]->kind == ExpressionKind::Constant);
  CHECK(query.source->values.size() == 2);
  CHECK(query.source->values[0][0]->type == Type{type_oid::kVector, 3});
}

TEST_CASE_METHOD(BindFixture, "ON CONFLICT finds its index and both rows") {
  const BoundQuery& query = bind(
      "INSERT INTO items (id, name) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET name = "
      "excluded.name "
      "WHERE items.id > 3");
  REQUIRE(query.on_conflict->arbiter_indexes.size() == 1);
  REQUIRE(query.excluded_relation >= 0);
  CHECK(text(*query.on_conflict->assignments[0].expression) ==
        "0." + std::to_string(query.excluded_relation) + ".1");
  CHECK(text(*query.on_conflict->where).find("0.0.0") != std::string::npos);
}

TEST_CASE_METHOD(BindFixture, "a recursive CTE refers to itself by index") {
  const BoundQuery& query = bind(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM "
      "n");
  REQUIRE(query.ctes.size() == 1);
  CHECK(query.ctes[0]->recursive);
  const Relation& inner = *query.ctes[0]->query->right->relations[0];
  CHECK(inner.kind == RelationKind::CommonTable);
  CHECK(inner.common_table_levels_up == 2);
  CHECK(query.relations[0]->common_table_levels_up == 0);
}

TEST_CASE_METHOD(BindFixture, "arms of a set operation get one type") {
  const BoundQuery& query = bind("SELECT 1 UNION SELECT 2.5 ORDER BY 1");
  CHECK(query.targets[0].expression->type.oid == type_oid::kNumeric);
  CHECK(query.left->targets[0].expression->type.oid == type_oid::kNumeric);
  CHECK(query.order_by.size() == 1);
}

TEST_CASE_METHOD(BindFixture, "columns that depend on a grouped key are grouped with it") {
  const BoundQuery& query = bind("SELECT name, count(*) FROM items GROUP BY id");
  CHECK(query.group_by.size() == 2);
}

TEST_CASE_METHOD(BindFixture, "an integer becomes an oid by functions, not by its bits") {
  const BoundQuery& query = bind("SELECT 5::oid, 5::oid::int4");
  CHECK(query.targets[0].expression->kind == ExpressionKind::Call);
  CHECK(query.targets[1].expression->kind == ExpressionKind::Call);
}

TEST_CASE_METHOD(BindFixture, "polymorphic operators fit arguments that agree with each other") {
  CHECK(bind("SELECT ARRAY[1] || ARRAY[2.5]").targets[0].expression->type.oid ==
        type_info(type_oid::kNumeric).array_oid);
  CHECK(bind("SELECT ARRAY['a'] || ARRAY['b']").targets.size() == 1);
  CHECK(bind("SELECT ARRAY[1] || 2").targets.size() == 1);
  CHECK(bind("SELECT ARRAY[1::oid] = '{0}'").targets.size() == 1);
}

}  // namespace omen::sql
