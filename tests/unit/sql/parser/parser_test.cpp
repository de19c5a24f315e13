#include "sql/parser/parser.h"

#include <catch2/catch.hpp>
#include <string>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

std::string repeat(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += part;
  }
  return out;
}

SqlError error_of(std::string_view text) {
  try {
    parse(text);
  } catch (const SqlError& error) {
    return error;
  }
  FAIL("parsed: " << text);
  throw;  // not reached
}

const ast::SelectStatement& select_of(const ParsedText& parsed) {
  REQUIRE(parsed.statements.size() == 1);
  REQUIRE(parsed.statements[0]->kind == ast::StatementKind::Select);
  return ast::as<ast::SelectStatement>(*parsed.statements[0]);
}

}  // namespace

TEST_CASE("an empty text has no statements") {
  CHECK(parse("").statements.empty());
  CHECK(parse(" ; -- nothing\n;").statements.empty());
}

TEST_CASE("statements of one text know their place") {
  const ParsedText parsed = parse("SELECT 1; SELECT 2");
  REQUIRE(parsed.statements.size() == 2);
  CHECK(parsed.statements[0]->location == 0);
  CHECK(parsed.statements[0]->length == 8);
  CHECK(parsed.statements[1]->location == 9);
  CHECK(parsed.statements[1]->length == 0);
}

TEST_CASE("a syntax error has PostgreSQL's text, code and byte offset") {
  const SqlError error = error_of("SELECT 'ä' FROM FROM t");
  CHECK(error.diagnostic().message == "syntax error at or near \"FROM\"");
  CHECK(error.diagnostic().sqlstate == "42601");
  CHECK(error.location() == 17);
  CHECK(error_of("SELECT (").diagnostic().message == "syntax error at end of input");
  CHECK(error_of("SELECT * FROM (SELECT 1)").diagnostic().hint ==
        "For example, FROM (SELECT ...) [AS] foo.");
}

TEST_CASE("a nearest neighbour query is converted") {
  const ParsedText parsed = parse("SELECT id, v <-> $1 AS d FROM items ORDER BY v <-> $1 LIMIT 5");
  const ast::SelectStatement& select = select_of(parsed);
  REQUIRE(select.targets.size() == 2);
  CHECK(select.targets[1]->alias == "d");
  REQUIRE(select.order_by.size() == 1);
  REQUIRE(select.order_by[0]->expression->kind == ast::ExprKind::Operator);
  const auto& distance = ast::as<ast::Operator>(*select.order_by[0]->expression);
  CHECK(distance.name == ast::QualifiedName{"<->"});
  REQUIRE(distance.right->kind == ast::ExprKind::Parameter);
  CHECK(ast::as<ast::Parameter>(*distance.right).number == 1);
  REQUIRE(select.limit != nullptr);
  CHECK(ast::as<ast::Constant>(*select.limit).integer == 5);
}

TEST_CASE("deep nesting is refused, not overflowed") {
  for (const std::string& text :
       {"SELECT 1" + repeat("+1", 3000), "SELECT " + repeat("(1+", 2000) + "1" + repeat(")", 2000),
        "SELECT " + repeat("NOT ", 2000) + "true", "SELECT 1" + repeat(" UNION SELECT 1", 3000),
        "SELECT * FROM a" + repeat(" JOIN a ON true AND true", 3000),
        repeat("SELECT (", 1500) + "SELECT 1" + repeat(")", 1500),
        "SELECT " + repeat("f(", 2000) + "1", "SELECT 1" + repeat("+1", 3000000),
        repeat("(", 3000000),
        "SELECT " + repeat("CASE WHEN true AND ", 2000) + "1" + repeat(" THEN 1 END", 2000)}) {
    const SqlError error = error_of(text);
    INFO(text.substr(0, 60));
    CHECK((error.diagnostic().sqlstate == "54001" || error.diagnostic().sqlstate == "42601"));
  }
  CHECK(error_of("SELECT 1" + repeat("+1", 1000)).diagnostic().sqlstate == "54001");
  CHECK(parse("SELECT 1" + repeat("+1", 990)).statements.size() == 1);
}

TEST_CASE("long statements that do not nest are parsed") {
  CHECK(parse("SELECT 1 IN (1" + repeat(", 1", 10000) + ")").statements.size() == 1);
  CHECK(parse("INSERT INTO t VALUES (1, 'x')" + repeat(", (1, 'x')", 10000)).statements.size() ==
        1);
  CHECK(parse("SELECT true" + repeat(" OR a = 1", 10000)).statements.size() == 1);
  CHECK(parse("SELECT '" + repeat("[1,2]", 200000) + "'").statements.size() == 1);
}

TEST_CASE("what has no place in the tree is refused by name") {
  CHECK(error_of("SELECT 1 FROM t TABLESAMPLE system (1)").diagnostic().sqlstate == "0A000");
  CHECK(error_of("LISTEN x").diagnostic().message == "LISTEN is not supported");
  CHECK(error_of("CREATE TABLE t (a int) PARTITION BY RANGE (a)").diagnostic().sqlstate == "0A000");
}

}  // namespace omen::sql
