#include "tests/unit/sql/binder/bind_fixture.h"

namespace omen::sql {

TEST_CASE_METHOD(BindFixture, "a nearest neighbour query types its parameters") {
  const BoundQuery& query =
      bind("SELECT id, v <-> $1 AS d FROM items WHERE id > $2 ORDER BY d LIMIT $3");
  CHECK(parameters == std::vector<Oid>{type_oid::kVector, type_oid::kInt8, type_oid::kInt8});
  REQUIRE(query.targets.size() == 2);
  CHECK(query.targets[0].name == "id");
  CHECK(query.targets[0].column_number == 1);
  CHECK(query.targets[1].name == "d");
  CHECK(query.targets[1].expression->type.oid == type_oid::kFloat8);
  REQUIRE(query.order_by.size() == 1);
  CHECK(query.order_by[0].target == 1);
}

TEST_CASE_METHOD(BindFixture, "stars show visible columns in order") {
  CHECK(bind("SELECT * FROM items").targets.size() == 3);
  CHECK(bind("SELECT t.*, i.id FROM items i, tags t").targets.size() == 4);
  CHECK(bind("SELECT * FROM items JOIN tags USING (id)").targets.size() == 5);
  CHECK(bind("SELECT * FROM items NATURAL JOIN tags").targets[0].name == "id");
}

TEST_CASE_METHOD(BindFixture, "output columns are named as in PostgreSQL") {
  const BoundQuery& query = bind(
      "SELECT 1, 'a'::text, 1::int4, length('x'), CASE WHEN true THEN 1 END, ARRAY[1], (SELECT 5 "
      "AS five), "
      "EXISTS (SELECT 1), coalesce(1), true, name FROM items");
  std::vector<std::string> names;
  for (const BoundTarget& target : query.targets) {
    names.push_back(target.name);
  }
  CHECK(names == std::vector<std::string>{"?column?", "text", "int4", "length", "case", "array",
                                          "five", "exists", "coalesce", "?column?", "name"});
}

TEST_CASE_METHOD(BindFixture, "names that do not exist are refused as in PostgreSQL") {
  CHECK(message_of("SELECT * FROM nothing") == "42P01 relation \"nothing\" does not exist");
  CHECK(message_of("SELECT nam FROM items") == "42703 column \"nam\" does not exist");
  CHECK(error_of("SELECT nam FROM items").diagnostic().hint ==
        "Perhaps you meant to reference the column \"items.name\".");
  CHECK(error_of("SELECT nam FROM items").location() == 7);
  CHECK(message_of("SELECT x.id FROM items") == "42P01 missing FROM-clause entry for table \"x\"");
  CHECK(message_of("SELECT items.id FROM items i") ==
        "42P01 invalid reference to FROM-clause entry for table \"items\"");
  CHECK(message_of("SELECT id FROM items, tags") == "42702 column reference \"id\" is ambiguous");
  CHECK(message_of("SELECT 1 FROM items, items") ==
        "42712 table name \"items\" specified more than once");
  CHECK(message_of("SELECT nofun(1)") == "42883 function nofun(integer) does not exist");
  CHECK(message_of("SELECT 1 + true") == "42883 operator does not exist: integer + boolean");
  CHECK(message_of("SELECT 1::nothing") == "42704 type \"nothing\" does not exist");
}

TEST_CASE_METHOD(BindFixture, "without the extension there are no vectors") {
  without_extension();
  const SqlError error = error_of("SELECT '[1,2,3]'::vector");
  CHECK(error.diagnostic().message == "type \"vector\" does not exist");
  CHECK(error.diagnostic().hint.find("CREATE EXTENSION vector;") != std::string::npos);
  CHECK(message_of("SELECT l2_distance(null, null)") ==
        "42883 function l2_distance(unknown, unknown) does not exist");
}

}  // namespace omen::sql
