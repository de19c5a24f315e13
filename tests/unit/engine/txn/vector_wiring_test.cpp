#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "engine/base/failpoint.h"
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
  VectorScan scan{
      .table = &table,
      .index = &index,
      .columns = {0, kDistanceColumn},
      .query = {reinterpret_cast<const char*>(query.data()), query.size() * sizeof(float)}};
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

TEST_CASE("a restart replays what a vector index's checkpoint does not have") {
  constexpr std::size_t kDim = 100;
  const TestDirectory source;
  const TestDirectory directory;
  std::vector<int> expected;
  {
    const auto engine = open_engine(source.path());
    TestSession session(*engine);
    session.begin();
    create_items(session, kDim);
    create_hnsw(session);
    session.commit();
    TestSession open(*engine);  // its records lie before the checkpoint's cursor, its rows do not
    open.begin();
    open.insert("items", {{integer(0), uniform(kDim, 0)}});
    const auto insert = [&](int first, int end) {
      session.begin();
      for (int i = first; i < end; i += 100) {
        TestRows rows;
        for (int id = i; id < i + 100; ++id) {
          rows.push_back({integer(id), uniform(kDim, static_cast<float>(id))});
        }
        session.insert("items", rows);
      }
      session.commit();
    };
    insert(100, 400);
    check(engine->checkpoint());
    insert(400, 1000);
    open.commit();
    session.begin();
    session.remove("items", integer(150));
    session.remove("items", integer(950));
    session.update("items", integer(151), {1}, {uniform(kDim, -1)});
    // The version that wrote this vector is vacuumed, the next one carries it on.
    session.update("items", integer(960), {0}, {integer(9600)});
    session.insert("items", {{integer(2000), {}}});
    session.commit();
    CancelToken cancel;
    check(engine->vacuum(0, cancel));
    session.begin();
    session.insert("items", {{integer(3000), uniform(kDim, 1)}});
    session.rollback();
    session.begin();
    expected = nearest(session, kDim, -2);
    session.rollback();
    std::filesystem::copy(source.path(), directory.path(),
                          std::filesystem::copy_options::recursive);
  }
  REQUIRE(expected.size() == 900);
  CHECK(expected.front() == 151);
  CHECK(expected.back() == 2000);
  CHECK(std::count(expected.begin(), expected.end(), 9600) == 1);
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  CHECK(nearest(session, kDim, -2) == expected);
}

TEST_CASE("a vector index has a checkpoint of all its rows before its creation commits") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  create_items(session, 3);
  session.insert("items", {{integer(1), uniform(3, 1)}});
  session.commit();
  session.begin();
  create_hnsw(session);
  const Index index = session.index("items_embedding_idx");
  session.commit();
  CHECK(std::filesystem::exists(directory.path() / "vectors" / std::to_string(index.storage_id) /
                                "checkpoint"));
  const TestDirectory crashed;
  std::filesystem::copy(directory.path(), crashed.path(), std::filesystem::copy_options::recursive);
  const auto reopened = open_engine(crashed.path());
  TestSession reader(*reopened);
  reader.begin();
  CHECK(nearest(reader, 3, 0) == std::vector<int>{1});
}

TEST_CASE("a vector index whose creation is rolled back leaves nothing behind") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  const auto has_files = [&] {
    return std::filesystem::exists(directory.path() / "vectors") &&
           !std::filesystem::is_empty(directory.path() / "vectors");
  };
  TestSession session(*engine);
  session.begin();
  create_items(session, 3);
  session.insert("items", {{integer(1), uniform(3, 1)}});
  session.commit();

  session.begin();
  create_hnsw(session);
  CHECK(has_files());
  session.rollback();
  CHECK_FALSE(has_files());

  session.begin();
  static_cast<void>(check(session.transaction().savepoint()));
  create_hnsw(session);
  session.insert("items", {{integer(2), uniform(3, 2)}});
  CHECK(has_files());
  check(session.transaction().rollback_to(1));
  CHECK_FALSE(has_files());
  session.insert("items", {{integer(3), uniform(3, 3)}});
  create_hnsw(session);
  CHECK(nearest(session, 3, 0) == std::vector<int>{1, 3});
  session.commit();
  CancelToken cancel;
  check(engine->vacuum(0, cancel));
  CHECK(has_files());
  session.begin();
  CHECK(nearest(session, 3, 0) == std::vector<int>{1, 3});
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

TEST_CASE("a vector index that finds damage in the background is filled again") {
  const TestDirectory directory;
  std::filesystem::path values;
  const auto insert = [](TestSession& session, int first, int end) {
    session.begin();
    TestRows rows;
    for (int id = first; id < end; ++id) {
      rows.push_back({integer(id), uniform(3, static_cast<float>(id))});
    }
    session.insert("items", rows);
    session.commit();
  };
  {
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    create_items(session, 3);
    create_hnsw(session);
    values = directory.path() / "vectors" /
             std::to_string(session.index("items_embedding_idx").storage_id) / "vectors.1";
    session.commit();
    insert(session, 0, 1990);
    check(engine->checkpoint());
  }
  const auto byte_at = [&](std::streamoff place) {
    std::ifstream file(values, std::ios::binary);
    file.seekg(place);
    return file.get();
  };
  constexpr std::streamoff kPlace = 1000 * 3 * sizeof(float) + 3;
  const int whole = byte_at(kPlace);
  {
    std::fstream file(values, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(kPlace);
    file.put(static_cast<char>(whole ^ 0x11));
  }
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  insert(session, 1990, 2100);  // so many get codes, for which all are read
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (byte_at(kPlace) != whole && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(byte_at(kPlace) == whole);
  session.begin();
  const std::vector<int> ids = nearest(session, 3, -1);
  REQUIRE(ids.size() == 2100);
  CHECK(ids[1000] == 1000);
}

TEST_CASE("a search that meets a damaged vector takes its index out of service") {
  const TestDirectory directory;
  std::filesystem::path values;
  {
    const auto engine = open_engine(directory.path());
    TestSession session(*engine);
    session.begin();
    create_items(session, 3);
    create_hnsw(session);
    values = directory.path() / "vectors" /
             std::to_string(session.index("items_embedding_idx").storage_id) / "vectors.1";
    session.insert("items", {{integer(1), uniform(3, 1)}, {integer(2), uniform(3, 2)}});
    session.commit();
    check(engine->checkpoint());
  }
  {
    std::fstream file(values, std::ios::in | std::ios::out | std::ios::binary);
    file.put('\x55');
  }
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  CHECK_THROWS(nearest(session, 3, 0));
  session.rollback();
  session.begin();
  CHECK(nearest(session, 3, 0) == std::vector<int>{1, 2});
}

TEST_CASE("a vector index that cannot be written keeps no other from its checkpoint") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  TestSession session(*engine);
  session.begin();
  create_items(session, 3);
  std::vector<std::filesystem::path> headers;
  for (const char* name : {"first", "second"}) {
    Index index = session.index_definition("items", name, {1}, false);
    index.method = IndexMethod::Hnsw;
    CHECK_FALSE(session.create_index(index).has_value());
    headers.push_back(directory.path() / "vectors" /
                      std::to_string(session.index(name).storage_id) / "checkpoint");
  }
  session.insert("items", {{integer(1), uniform(3, 1)}});
  session.commit();
  const auto bytes_of = [](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string first = bytes_of(headers[0]);
  const std::string second = bytes_of(headers[1]);
  REQUIRE(Failpoints::arm("vector.checkpoint.begun:1:error"));
  CHECK(engine->checkpoint().code() == StatusCode::IoError);
  REQUIRE(Failpoints::arm(""));
  CHECK(bytes_of(headers[0]) == first);
  CHECK(bytes_of(headers[1]) != second);
}

}  // namespace omen::engine
