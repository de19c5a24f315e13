#include <cstring>

#include "tests/unit/engine/test_engine.h"

namespace omen::engine {
namespace {

Value vector_of(std::vector<float> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

/// A vector of `dim` equal elements.
Value uniform(std::size_t dim, float value) {
  return vector_of(std::vector<float>(dim, value));
}

void create_items(TestSession& session, std::int32_t dim) {
  Table table;
  table.oid = check(session.transaction().allocate_oid());
  table.schema_oid = kPublicSchemaOid;
  table.name = "items";
  Column id;
  id.name = "id";
  Column embedding;
  embedding.name = "embedding";
  embedding.physical = PhysicalType::Bytes;
  embedding.type_modifier = dim;
  table.columns = {id, embedding};
  check(session.transaction().put(table, session.cancel));
}

void create_hnsw(TestSession& session) {
  Index index = session.index_definition("items", "items_embedding_idx", {1}, false);
  index.method = IndexMethod::Hnsw;
  CHECK_FALSE(session.create_index(index).has_value());
}

/// Ids in the order of their distance from a uniform vector.
std::vector<int> nearest(TestSession& session, std::size_t dim, float value) {
  const Table table = session.table("items");
  const Index index = session.index("items_embedding_idx");
  const std::vector<float> query(dim, value);
  const auto statement = session.statement();
  VectorScan scan{&table, &index, {0, kDistanceColumn}, query};
  std::vector<int> ids;
  for (const TestRow& row : rows_of(*check(statement->scan(std::move(scan))))) {
    ids.push_back(std::get<std::int32_t>(row[0]));
  }
  return ids;
}

}  // namespace

TEST_CASE("a vector index orders rows by distance, rows without a vector last") {
  for (const std::int32_t dim : {3, 100}) {
    const auto width = static_cast<std::size_t>(dim);
    const TestDirectory directory;
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    create_items(session, dim);
    session.insert("items", {{integer(1), uniform(width, 1)}, {integer(2), {}}});
    session.commit();
    session.begin();
    create_hnsw(session);
    session.insert("items", {{integer(3), uniform(width, 3)}, {integer(4), uniform(width, 2)}});
    CHECK(nearest(session, width, 0) == std::vector<int>{1, 4, 3, 2});
    session.commit();
    session.begin();
    CHECK(nearest(session, width, 5) == std::vector<int>{3, 4, 1, 2});
  }
}

TEST_CASE("a vector scan follows updates, deletes and roll-backs") {
  for (const std::int32_t dim : {3, 100}) {
    const auto width = static_cast<std::size_t>(dim);
    const TestDirectory directory;
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    create_items(session, dim);
    create_hnsw(session);
    session.insert("items", {{integer(1), uniform(width, 1)},
                             {integer(2), uniform(width, 2)},
                             {integer(3), uniform(width, 3)}});
    session.commit();
    TestSession other(*engine);
    other.begin();
    session.begin();
    session.update("items", integer(1), {1}, {uniform(width, 9)});
    session.remove("items", integer(2));
    session.update("items", integer(3), {0}, {integer(30)});
    CHECK(nearest(session, width, 0) == std::vector<int>{30, 1});
    CHECK(nearest(other, width, 0) == std::vector<int>{1, 2, 3});
    session.rollback();
    session.begin();
    CHECK(nearest(session, width, 0) == std::vector<int>{1, 2, 3});
    session.update("items", integer(3), {1}, {{}});
    session.commit();
    CHECK(nearest(other, width, 9) == std::vector<int>{2, 1, 3});
  }
}

TEST_CASE("a vector index answers the same after reopening, with and without its files") {
  const TestDirectory directory;
  {
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    create_items(session, 3);
    create_hnsw(session);
    for (int i = 0; i < 50; ++i) {
      session.insert("items", {{integer(i), uniform(3, static_cast<float>(i))}});
    }
    session.commit();
    session.begin();
    session.insert("items", {{integer(100), uniform(3, 0)}});
    session.rollback();
  }
  std::vector<int> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back(i);
  }
  for (const bool lose_files : {false, true}) {
    if (lose_files) {
      std::filesystem::remove_all(directory.path() / "vectors");
    }
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    CHECK(nearest(session, 3, -1) == expected);
    session.insert("items", {{integer(50), uniform(3, 50)}});
    expected.push_back(50);
    CHECK(nearest(session, 3, -1) == expected);
    session.rollback();
    expected.pop_back();
  }
}

TEST_CASE("truncate empties a table with its indexes, for others from its commit on") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  create_items(session, 3);
  create_hnsw(session);
  session.create_index(session.index_definition("items", "items_pkey", {0}, true));
  session.insert("items", {{integer(1), uniform(3, 1)}});
  session.commit();
  session.begin();
  check(session.transaction().truncate(session.table("items").oid, session.cancel));
  CHECK(session.scan("items", {0}).empty());
  CHECK(nearest(session, 3, 0).empty());
  session.rollback();
  session.begin();
  CHECK(nearest(session, 3, 0) == std::vector<int>{1});
  check(session.transaction().truncate(session.table("items").oid, session.cancel));
  CHECK(session.insert("items", {{integer(1), uniform(3, 2)}}).rows_inserted == 1);
  session.commit();
  session.begin();
  CHECK(nearest(session, 3, 0) == std::vector<int>{1});
}

}  // namespace omen::engine
