#include <catch2/catch.hpp>

#include "sql/parser/parser.h"

namespace omen::sql {
namespace {

/// Parses one statement and hands it out as T; the tree lives in the returned object.
template <typename T>
class Parsed {
 public:
  explicit Parsed(std::string_view text) : text_(parse(text)) {
    REQUIRE(text_.statements.size() == 1);
  }
  const T* operator->() const { return static_cast<const T*>(text_.statements[0]); }

 private:
  ParsedText text_;
};

}  // namespace

TEST_CASE("CREATE TABLE keeps types, modifiers and constraints") {
  const Parsed<ast::CreateTableStatement> create(
      "CREATE TABLE IF NOT EXISTS s.items (id bigserial PRIMARY KEY, v vector(3) NOT NULL, "
      "n numeric(10,2) DEFAULT 1.5 CHECK (n > 0), CONSTRAINT u UNIQUE (id, n))");
  REQUIRE(create->kind == ast::StatementKind::CreateTable);
  CHECK(create->if_not_exists);
  CHECK(create->table->name == ast::QualifiedName{"s", "items"});
  REQUIRE(create->columns.size() == 3);
  CHECK(create->columns[1]->type->names == ast::QualifiedName{"vector"});
  REQUIRE(create->columns[1]->type->modifiers.size() == 1);
  CHECK(create->columns[1]->constraints[0]->kind == ast::ConstraintKind::NotNull);
  CHECK(create->columns[2]->constraints[1]->kind == ast::ConstraintKind::Check);
  REQUIRE(create->constraints.size() == 1);
  CHECK(create->constraints[0]->name == "u");
  CHECK(create->constraints[0]->columns == std::vector<std::string>{"id", "n"});
}

TEST_CASE("CREATE INDEX keeps method, operator class and options") {
  const Parsed<ast::CreateIndexStatement> create(
      "CREATE INDEX CONCURRENTLY i ON items USING hnsw (v vector_l2_ops) WITH (m = 8, "
      "ef_construction = 32)");
  CHECK(create->method == "hnsw");
  CHECK(create->concurrently);
  REQUIRE(create->elements.size() == 1);
  CHECK(create->elements[0]->column == "v");
  CHECK(create->elements[0]->opclass == ast::QualifiedName{"vector_l2_ops"});
  REQUIRE(create->options.size() == 2);
  CHECK(create->options[0].name == "m");
  CHECK(create->options[0].value == "8");
}

TEST_CASE("ALTER TABLE becomes commands") {
  const Parsed<ast::AlterTableStatement> alter(
      "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int, ALTER b TYPE text USING b::text, DROP "
      "CONSTRAINT c CASCADE");
  REQUIRE(alter->commands.size() == 3);
  CHECK(alter->commands[0]->kind == ast::AlterKind::AddColumn);
  CHECK(alter->commands[0]->if_not_exists);
  CHECK(alter->commands[1]->kind == ast::AlterKind::AlterType);
  CHECK(alter->commands[1]->expression != nullptr);
  CHECK(alter->commands[2]->cascade);
  const Parsed<ast::AlterTableStatement> rename("ALTER TABLE t RENAME COLUMN a TO b");
  CHECK(rename->commands[0]->kind == ast::AlterKind::RenameColumn);
  CHECK(rename->commands[0]->new_name == "b");
}

TEST_CASE("utility statements keep what was written") {
  const Parsed<ast::TransactionStatement> begin("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  CHECK(begin->modes.isolation == "repeatable read");
  CHECK(begin->modes.read_only == true);
  const Parsed<ast::SetStatement> set("SET LOCAL search_path = a, \"B\"");
  CHECK(set->local);
  CHECK(set->values == std::vector<std::string>{"a", "B"});
  const Parsed<ast::CopyStatement> copy(
      "COPY t (a, b) FROM STDIN WITH (FORMAT binary, FORCE_NULL (a))");
  CHECK(copy->from);
  CHECK_FALSE(copy->file.has_value());
  CHECK(copy->options[0].value == "binary");
  CHECK(copy->options[1].list == std::vector<std::string>{"a"});
  const Parsed<ast::DropStatement> drop("DROP TABLE IF EXISTS a, s.b CASCADE");
  CHECK(drop->names == std::vector<ast::QualifiedName>{{"a"}, {"s", "b"}});
  CHECK(drop->if_exists);
  const Parsed<ast::CreateTableAsStatement> into("SELECT 1 AS a INTO TEMP t");
  CHECK(into->kind == ast::StatementKind::CreateTableAs);
  CHECK(into->persistence == 't');
}

}  // namespace omen::sql
