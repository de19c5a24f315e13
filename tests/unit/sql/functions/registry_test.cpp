#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "sql/functions/function.h"

namespace omen::sql {

TEST_CASE("oids of functions, aggregates and operators are unique") {
  std::set<Oid> seen;
  for (const FunctionDef& function : all_functions()) {
    INFO(function.name << " " << function.oid);
    CHECK(seen.insert(function.oid).second);
    CHECK((function.body != nullptr || function.set_body != nullptr));
  }
  for (const AggregateDef& aggregate : all_aggregates()) {
    INFO(aggregate.name << " " << aggregate.oid);
    CHECK(seen.insert(aggregate.oid).second);
  }
  std::set<Oid> operators;
  for (const OperatorDef& definition : all_operators()) {
    INFO(definition.name << " " << definition.oid);
    CHECK(operators.insert(definition.oid).second);
  }
}

TEST_CASE("the registries are found by name, oid and types") {
  CHECK(find_function(177)->name == "int4pl");
  CHECK(functions_named("length").size() >= 3);
  CHECK(operators_named("=").size() > 10);
  CHECK(find_cast(23, 20) != nullptr);
  CHECK(find_function(1) == nullptr);
}

}  // namespace omen::sql
