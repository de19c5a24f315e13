#include "tests/unit/engine/test_engine.h"

using std::string_literals::operator""s;

namespace omen::engine {
namespace {

const std::vector<PhysicalType> kItem = {PhysicalType::Int32, PhysicalType::Bytes};

}  // namespace

TEST_CASE("a new directory has schema public and role postgres") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  REQUIRE(engine->catalog()->find_schema("public") != nullptr);
  CHECK(engine->catalog()->find_schema("public")->oid == kPublicSchemaOid);
  REQUIRE(engine->catalog()->find_role("postgres") != nullptr);
  CHECK(engine->catalog()->find_role("postgres")->superuser);
}

TEST_CASE("rows committed are read back after reopening, rows rolled back are not") {
  const TestDirectory directory;
  const std::string long_text(5000, 'x');
  {
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    session.create_table("items", kItem);
    session.insert("items",
                   {{integer(1), text("one")}, {integer(2), {}}, {integer(3), text(long_text)}});
    session.commit();
    session.begin();
    session.insert("items", {{integer(4), text("lost")}});
    session.rollback();
  }
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  const TestRows rows = session.scan("items", {0, 1});
  CHECK(rows ==
        TestRows{{integer(1), text("one")}, {integer(2), {}}, {integer(3), text(long_text)}});
}

TEST_CASE("nobody sees a transaction's rows and tables before it commits, itself excepted") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession writer(*engine);
  TestSession reader(*engine);
  writer.begin();
  writer.create_table("items", kItem);
  CHECK(engine->catalog()->find_relation(kPublicSchemaOid, "items") == nullptr);
  writer.commit();
  writer.begin();
  reader.begin();
  writer.insert("items", {{integer(1), text("one")}});
  CHECK(writer.scan("items", {0}).size() == 1);
  CHECK(reader.scan("items", {0}).empty());
  writer.commit();
  CHECK(reader.scan("items", {0}).size() == 1);
}

TEST_CASE("a unique index serves look-ups and reports the row that holds a key") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  const InsertOutcome first =
      session.insert("items", {{integer(7), text("a")}, {integer(5), text("b")}});
  CHECK(first.rows_inserted == 2);
  session.commit();
  session.begin();
  const InsertOutcome second =
      session.insert("items", {{integer(6), text("c")}, {integer(5), text("d")}, {integer(8), {}}});
  CHECK(second.rows_inserted == 1);
  REQUIRE(second.conflict.has_value());
  CHECK(second.conflict->row_id == first.row_ids[1]);
  CHECK_FALSE(second.conflict->modified_by_statement);
  CHECK(session.scan_index("items", "items_pkey", {1}, bound({integer(6)}), bound({integer(6)})) ==
        TestRows{{text("c")}});
  CHECK(session.scan_index("items", "items_pkey", {0}, std::nullopt, std::nullopt) ==
        TestRows{{integer(5)}, {integer(6)}, {integer(7)}});
  CHECK(session.scan_index("items", "items_pkey", {0}, bound({integer(5)}, false), std::nullopt,
                           true) == TestRows{{integer(7)}, {integer(6)}});
}

TEST_CASE("a statement reports a key it inserted itself as its own") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  const InsertOutcome outcome = session.insert("items", {{integer(1), {}}, {integer(1), {}}});
  CHECK(outcome.rows_inserted == 1);
  REQUIRE(outcome.conflict.has_value());
  CHECK(outcome.conflict->modified_by_statement);
}

TEST_CASE("update and delete follow keys through an index") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", kItem);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(1), text("one")}, {integer(2), text(std::string(3000, 'w'))}});
  CHECK(session.update("items", integer(2), {0}, {integer(3)}).result == WriteResult::Done);
  CHECK(session.scan_index("items", "items_pkey", {0, 1}, std::nullopt, std::nullopt) ==
        TestRows{{integer(1), text("one")}, {integer(3), text(std::string(3000, 'w'))}});
  CHECK(session.update("items", integer(3), {0}, {integer(2)}).result == WriteResult::Done);
  CHECK(session.update("items", integer(2), {0}, {integer(1)}).result ==
        WriteResult::UniqueViolation);
  CHECK(session.remove("items", integer(1)).result == WriteResult::Done);
  CHECK(session.scan_index("items", "items_pkey", {0}, std::nullopt, std::nullopt) ==
        TestRows{{integer(2)}});
  CHECK(session.insert("items", {{integer(1), {}}}).rows_inserted == 1);
}

TEST_CASE("a directory in use, or of something else, is refused") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  EngineOptions options;
  options.data_directory = directory.path();
  CHECK(Engine::open(options).status().message() ==
        "data directory \"" + directory.path().string() + "\" is in use by another process");
  options.data_directory = directory.path().parent_path();
  CHECK(Engine::open(options).status().message() ==
        "directory \"" + directory.path().parent_path().string() +
            "\" exists but is not an OmenDB data directory");
}

TEST_CASE("a table scan finds each row's own large values") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  session.create_table("items", {PhysicalType::Int32, PhysicalType::Bytes, PhysicalType::Bytes});
  const auto large = [](int seed, std::size_t size) {
    return text(std::string(size, static_cast<char>('a' + seed % 26)));
  };
  TestRows expected;
  for (int i = 0; i < 700; ++i) {
    Value first = i % 7 == 0 ? text("short") : large(i, 300 + static_cast<std::size_t>(i) * 5);
    Value second = i % 5 == 0 ? Value() : large(i + 1, i == 333 ? 900'000 : 1000);
    expected.push_back({integer(i), std::move(first), std::move(second)});
  }
  session.insert("items", expected);
  session.commit();
  TestSession older(*engine, {.isolation = IsolationLevel::RepeatableRead});
  older.begin();
  CHECK(older.scan("items", {0, 1, 2}) == expected);
  const TestRows before = expected;
  session.begin();
  for (int i = 100; i < 130; ++i) {
    session.update("items", integer(i), {2}, {large(i + 7, 2000)});
    expected[static_cast<std::size_t>(i)][2] = large(i + 7, 2000);
  }
  for (int i = 200; i < 240; ++i) {
    session.remove("items", integer(i));
  }
  expected.erase(expected.begin() + 200, expected.begin() + 240);
  session.commit();
  session.begin();
  session.update("items", integer(150), {1}, {large(3, 5000)});
  session.rollback();
  check(engine->checkpoint());
  session.begin();
  CHECK(session.scan("items", {0, 1, 2}) == expected);
  CHECK(older.scan("items", {0, 1, 2}) == before);
  TestRows thirds;
  for (const TestRow& row : expected) {
    thirds.push_back({row[2]});
  }
  CHECK(session.scan("items", {2}) == thirds);
}

}  // namespace omen::engine
