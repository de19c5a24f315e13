#include "tests/unit/sql/binder/bind_fixture.h"

namespace omen::sql {
namespace {

/// A statement PostgreSQL 15 refuses, and how (recorded from it). position: 1-based, 0: none sent.
struct Refused {
  const char* text;
  const char* answer;
  int position;
};

constexpr Refused kRefused[] = {
    {"select id, count(*) from items",
     "42803 column \"items.id\" must appear in the GROUP BY clause or be used in an aggregate "
     "function",
     8},
    {"select (select items.name), count(*) from items group by v",
     "42803 subquery uses ungrouped column \"items.name\" from outer query", 16},
    {"select * from items where id",
     "42804 argument of WHERE must be type boolean, not type bigint", 27},
    {"select 1 where 'x'", "22P02 invalid input syntax for type boolean: \"x\"", 16},
    {"select 1 in ('a')", "22P02 invalid input syntax for type integer: \"a\"", 14},
    {"select case when 1 then 2 end",
     "42804 argument of CASE/WHEN must be type boolean, not type integer", 18},
    {"values (1),('a'::text)", "42804 VALUES types integer and text cannot be matched", 13},
    {"select 1,2 union select 1", "42601 each UNION query must have the same number of columns",
     25},
    {"select array[]", "42P18 cannot determine type of empty array", 8},
    {"insert into items values (1,2,3,4)", "42601 INSERT has more expressions than target columns",
     33},
    {"insert into items(id,name) values (1)",
     "42601 INSERT has more target columns than expressions", 22},
    {"insert into items(id,id) values (1,2)", "42701 column \"id\" specified more than once", 22},
    {"insert into items(id,nope) values (1,2)",
     "42703 column \"nope\" of relation \"items\" does not exist", 22},
    {"insert into items(id) values (true)",
     "42804 column \"id\" is of type bigint but expression is of type boolean", 31},
    {"insert into items values (1) on conflict (name) do nothing",
     "42P10 there is no unique or exclusion constraint matching the ON CONFLICT specification", 0},
    {"insert into items values (1) on conflict (id) do update set name=id",
     "42702 column reference \"id\" is ambiguous", 66},
    {"select 1 order by 2", "42P10 ORDER BY position 2 is not in select list", 19},
    {"select 1 order by 'a'", "42601 non-integer constant in ORDER BY", 19},
    {"select distinct id from items order by name",
     "42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list", 40},
    {"select distinct on (id) id from items order by name",
     "42P10 SELECT DISTINCT ON expressions must match initial ORDER BY expressions", 21},
    {"select count(*) from items where count(*) > 1",
     "42803 aggregate functions are not allowed in WHERE", 34},
    {"select sum(count(*)) from items", "42803 aggregate function calls cannot be nested", 12},
    {"select * from items limit id", "42P10 argument of LIMIT must not contain variables", 27},
    {"select (select 1,2)", "42601 subquery must return only one column", 8},
    {"select 1 in (select 1,2)", "42601 subquery has too many columns", 10},
    {"select (1,2) = (1,2,3)", "42601 unequal number of entries in row expressions", 14},
    {"select 1 = any(1)", "42809 op ANY/ALL (array) requires array on right side", 10},
    {"select 1::vector", "42846 cannot cast type integer to vector", 9},
    {"select null + null", "42725 operator is not unique: unknown + unknown", 13},
    {"select $1", "", 0},
    {"select $1 is null", "42P18 could not determine data type of parameter $1", 0},
    {"select *", "42601 SELECT * with no tables specified is not valid", 8},
    {"with a as (select 1), a as (select 2) select 1",
     "42712 WITH query name \"a\" specified more than once", 23},
    {"select nosuch.f(1)", "3F000 schema \"nosuch\" does not exist", 8},
    {"select id[1] from items",
     "42804 cannot subscript type bigint because it does not support subscripting", 8},
    {"select 1 and true", "42804 argument of AND must be type boolean, not type integer", 8},
    {"select count() from items",
     "42809 count(*) must be used to call a parameterless aggregate function", 8},
};

}  // namespace

TEST_CASE_METHOD(BindFixture, "statements are refused with PostgreSQL's code, text and position") {
  for (const Refused& refused : kRefused) {
    INFO(refused.text);
    if (*refused.answer == '\0') {
      CHECK_NOTHROW(bind(refused.text));
      continue;
    }
    CHECK(message_of(refused.text) == refused.answer);
    CHECK(error_of(refused.text).location() + 1 == refused.position);
  }
}

TEST_CASE_METHOD(BindFixture, "parameters take the types PostgreSQL gives them") {
  using Types = std::vector<Oid>;
  const auto types_of = [&](std::string_view text) {
    bind(text);
    return parameters;
  };
  CHECK(types_of("select $1") == Types{type_oid::kText});
  CHECK(types_of("update items set name = $1, v = $2 where id = $3") ==
        Types{type_oid::kVarchar, type_oid::kVector, type_oid::kInt8});
  CHECK(types_of("insert into items (id) values ($1), ($2)") ==
        Types{type_oid::kInt8, type_oid::kInt8});
  CHECK(types_of("insert into items (id, v) select id, $1 from tags") == Types{type_oid::kVector});
  CHECK(types_of("select * from items limit $1 offset $2") ==
        Types{type_oid::kInt8, type_oid::kInt8});
  CHECK(types_of("select greatest($1, 1), coalesce($2, 'a'), case when $3 then $4 else 1 end") ==
        Types{type_oid::kInt4, type_oid::kText, type_oid::kBool, type_oid::kInt4});
}

TEST_CASE_METHOD(BindFixture, "an expression of the greatest depth is bound") {
  std::string text = "select 1";
  for (int i = 0; i < 990; ++i) {
    text += "+1";
  }
  CHECK_NOTHROW(bind(text));
}

}  // namespace omen::sql
