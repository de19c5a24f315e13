#include <algorithm>
#include <atomic>
#include <random>
#include <set>

#include "engine/base/failpoint.h"
#include "engine/txn/local_engine.h"
#include "tests/unit/engine/test_engine.h"

/// What can be seen of the making of an index, and what it leaves behind when it fails.
namespace omen::engine {
namespace {

constexpr int kRowCount = 12000;  // enough for a graph
constexpr std::size_t kDimensions = 16;

void fill_items(Engine& engine) {
  TestSession session(engine);
  session.begin();
  Table table;
  table.oid = check(session.transaction().allocate_oid());
  table.schema_oid = kPublicSchemaOid;
  table.name = "items";
  Column id;
  id.name = "id";
  Column embedding;
  embedding.name = "embedding";
  embedding.physical = PhysicalType::Bytes;
  embedding.type_modifier = kDimensions;
  table.columns = {id, embedding};
  check(session.transaction().put(table, session.cancel));
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (int first = 0; first < kRowCount; first += 1000) {
    TestRows rows;
    for (int row = first; row < first + 1000; ++row) {
      std::vector<float> vector(kDimensions);
      std::generate(vector.begin(), vector.end(), [&] { return normal(random); });
      rows.push_back({integer(row), std::string(reinterpret_cast<const char*>(vector.data()),
                                                kDimensions * sizeof(float))});
    }
    session.insert("items", rows);
  }
  session.commit();
}

Index hnsw_definition(TestSession& session) {
  Index index = session.index_definition("items", "items_embedding_idx", {1}, false);
  index.method = IndexMethod::Hnsw;
  return index;
}

std::size_t files_in(const std::filesystem::path& directory) {
  std::size_t count = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(directory, error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  return count;
}

/// After a failed build and its roll-back.
void check_nothing_left(Engine& engine, const TestDirectory& directory) {
  CHECK(engine.index_builds().empty());
  CHECK(engine.catalog()->find_relation(kPublicSchemaOid, "items_embedding_idx") == nullptr);
  CHECK(files_in(directory.path() / "vectors") == 0);
}

}  // namespace

TEST_CASE("an index whose making fails at any step leaves nothing, and can be made afterwards") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  fill_items(*engine);
  for (const char* place : {"vector.train.publish", "vector.link.step", "vector.link.connected",
                            "vector.checkpoint.begun", "vector.checkpoint.base_array",
                            "vector.checkpoint.base_synced", "vector.checkpoint.vectors_synced",
                            "vector.checkpoint.header_written", "vector.checkpoint.renamed"}) {
    INFO(place);
    TestSession session(*engine);
    session.begin();
    REQUIRE(Failpoints::arm(std::string(place) + ":1:error"));
    std::optional<UniqueConflict> conflict;
    const Status outcome =
        session.transaction().create_index(hnsw_definition(session), session.cancel, conflict);
    const std::uint64_t passages = Failpoints::passages()[place];
    REQUIRE(Failpoints::arm(""));
    CHECK(passages > 0);
    CHECK(outcome.code() == StatusCode::IoError);
    session.rollback();
    check_nothing_left(*engine, directory);
  }
  TestSession session(*engine);
  session.begin();
  CHECK_FALSE(session.create_index(hnsw_definition(session)).has_value());
  session.commit();
  session.begin();
  const std::optional<VectorIndexReport> report =
      engine->vector_index_report(session.index("items_embedding_idx"));
  REQUIRE(report.has_value());
  CHECK(report->ready);
  CHECK(report->nodes == kRowCount);
  CHECK(report->unsaved_bytes == 0);
}

TEST_CASE("the making of an index can be watched, and cancelled in any phase") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  fill_items(*engine);
  std::set<IndexPhase> caught;
  for (const IndexPhase phase : {IndexPhase::Loading, IndexPhase::Coding, IndexPhase::Linking,
                                 IndexPhase::Measuring, IndexPhase::Saving}) {
    TestSession session(*engine);
    session.begin();
    const Index index = hnsw_definition(session);
    std::atomic<bool> ended{false};
    std::atomic<bool> is_caught{false};
    TestThreads threads;
    threads.start([&] {
      while (!ended) {
        for (const IndexBuildProgress& build : engine->index_builds()) {
          ensure(build.index_oid == index.oid, "the index is named");
          ensure(build.table_oid == index.table_oid, "the table is named");
          ensure(build.rows_total == 0 || build.rows_done <= build.rows_total, "not over 100 %");
          ensure(build.phase != IndexPhase::Loading || build.rows_total == kRowCount,
                 "the rows of the table are known");
          if (build.phase == phase && !is_caught.exchange(true)) {
            session.cancel.cancel(CancelReason::UserRequest);
          }
        }
      }
    });
    std::optional<UniqueConflict> conflict;
    const Status outcome = session.transaction().create_index(index, session.cancel, conflict);
    ended = true;
    threads.join();
    if (is_caught && outcome.code() == StatusCode::Cancelled) {
      caught.insert(phase);
    } else {
      CHECK(outcome.ok());  // it was over before anybody saw the phase
    }
    session.rollback();
    check_nothing_left(*engine, directory);
  }
  CHECK(caught.contains(IndexPhase::Linking));
}

TEST_CASE("making a btree index shows the rows read") {
  const TestDirectory directory;
  const auto engine = open_engine(directory.path());
  fill_items(*engine);
  TestSession session(*engine);
  session.begin();
  const Index index = session.index_definition("items", "items_id_idx", {0}, true);
  std::atomic<bool> ended{false};
  std::set<IndexPhase> seen;
  TestThreads threads;
  threads.start([&] {
    while (!ended) {
      for (const IndexBuildProgress& build : engine->index_builds()) {
        ensure(build.rows_total == 0 || build.rows_done <= build.rows_total, "not over 100 %");
        seen.insert(build.phase);
      }
    }
  });
  CHECK_FALSE(session.create_index(index).has_value());
  ended = true;
  threads.join();
  CHECK(seen.contains(IndexPhase::Loading));
  CHECK(engine->index_builds().empty());
  session.commit();
}

}  // namespace omen::engine
