#include "sql/planner/planned_expression.h"

#include <catch2/catch.hpp>

namespace omen::sql {
namespace {

PlannedColumn* leaf_column(engine::Arena& arena, int leaf, int column) {
  auto* made = arena.make<PlannedColumn>(Type{type_oid::kBool, -1});
  made->relation = leaf;
  made->column = column;
  return made;
}

Expression* both(engine::Arena& arena, Expression* a, Expression* b) {
  auto* made = arena.make<BooleanExpression>(ExpressionKind::And);
  made->arguments = {a, b};
  return made;
}

}  // namespace

TEST_CASE("Planned expressions are equal when they read the same columns the same way") {
  engine::Arena arena;
  const Expression* a = both(arena, leaf_column(arena, 0, 1), leaf_column(arena, 1, 0));
  const Expression* b = both(arena, leaf_column(arena, 0, 1), leaf_column(arena, 1, 0));
  const Expression* c = both(arena, leaf_column(arena, 1, 0), leaf_column(arena, 0, 1));
  REQUIRE(same_value(*a, *b));
  REQUIRE_FALSE(same_value(*a, *c));
}

TEST_CASE("A transformation copies what it does not replace and leaves the original alone") {
  engine::Arena arena;
  PlannedColumn* kept = leaf_column(arena, 0, 1);
  PlannedColumn* replaced = leaf_column(arena, 1, 0);
  const Expression* original = both(arena, kept, replaced);
  PlannedColumn* stand_in = leaf_column(arena, 2, 2);
  const Expression* made = transform(
      arena, *original, [&](const Expression& e) { return &e == replaced ? stand_in : nullptr; });
  REQUIRE(made != original);
  const auto& arguments = static_cast<const BooleanExpression*>(made)->arguments;
  REQUIRE(arguments[0] != kept);
  REQUIRE(same_value(*arguments[0], *kept));
  REQUIRE(arguments[1] == stand_in);
  REQUIRE(static_cast<const BooleanExpression*>(original)->arguments[1] == replaced);
}

}  // namespace omen::sql
