#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "engine/vector/generation_search.h"
#include "engine/vector/graph_builder.h"
#include "engine/vector/reachability.h"
#include "tests/unit/engine/vector/vector_test_support.h"

namespace omen::engine::vector_test {
namespace {

constexpr std::size_t kGraphRows = Generation::kCodeScanMax + 1000;

Rows read_bytes_rows(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t kDimensions = 128;
  Rows rows;
  for (std::size_t at = 0; at + 4 + kDimensions <= bytes.size(); at += 4 + kDimensions) {
    std::vector<float> row;
    for (std::size_t i = 0; i < kDimensions; ++i) {
      row.push_back(static_cast<unsigned char>(bytes[at + 4 + i]));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// A trained and linked generation, whatever the number of rows.
std::shared_ptr<Generation> linked_generation(const TemporaryDirectory& directory, const Rows& rows,
                                              const VectorIndexOptions& options) {
  auto created = Generation::create(directory / "", 1, options);
  REQUIRE(created.ok());
  std::shared_ptr<Generation> generation = created.value();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    REQUIRE(generation->append({key_of(row), std::span<const float>(rows[row])}, false).ok());
  }
  CancelToken cancel;
  REQUIRE(generation->train(2, cancel).value());
  REQUIRE(generation->finish_training().ok());
  generation->begin_graph();
  GraphBuilder builder(*generation, *generation->space());
  const std::vector<std::uint32_t> slots = generation->pending().front(rows.size());
  REQUIRE(slots.size() == rows.size());
  std::vector<std::uint8_t> linked(slots.size());
  REQUIRE(builder.link(slots, linked, 2, cancel).ok());
  generation->finish_linking(slots, linked, false);
  generation->set_unreachable(Reachability(*generation, *generation->space()).connect());
  return generation;
}

double generation_recall(const std::shared_ptr<Generation>& generation, const Rows& rows,
                         const Rows& queries, std::size_t ef) {
  std::size_t found = 0;
  for (const auto& query : queries) {
    const double radius = exact_radius(rows, query, 10, generation->options().metric);
    GenerationSearch search(generation, query, {.ef_search = ef}, see_all());
    std::vector<VectorHit> hits;
    REQUIRE(search.next(10, hits).ok());
    for (const VectorHit& hit : hits) {
      found += hit.distance <= radius + 1e-6 * std::abs(radius) ? 1 : 0;
    }
  }
  return static_cast<double>(found) / static_cast<double>(10 * queries.size());
}

}  // namespace

TEST_CASE("a graph over real descriptors finds 95 of 100 neighbours and leaves nobody out") {
  const auto fixtures = std::filesystem::path(OMEN_TEST_FIXTURES) / "vector";
  const Rows rows = read_bytes_rows(fixtures / "sift_base.bvecs");
  const Rows queries = read_bytes_rows(fixtures / "sift_query.bvecs");
  REQUIRE(rows.size() == 2000);
  for (const Metric metric : {Metric::L2, Metric::Cosine, Metric::InnerProduct}) {
    const TemporaryDirectory directory;
    const auto generation =
        linked_generation(directory, rows, {.dimensions = 128, .metric = metric});
    CHECK(generation->unreachable() == 0);
    CHECK(generation_recall(generation, rows, queries, 40) >= 0.95);
  }
}

TEST_CASE("codes of every width guide the graph well") {
  for (const std::uint32_t dimensions : {3U, 33U, 100U, 300U, 520U}) {
    INFO(dimensions << " dimensions");
    const TemporaryDirectory directory;
    const Rows rows = clustered_rows(1200, dimensions, 3);
    const Rows queries = clustered_rows(30, dimensions, 4);
    const auto generation = linked_generation(directory, rows, {.dimensions = dimensions});
    CHECK(generation_recall(generation, rows, queries, 100) >= 0.95);
  }
}

TEST_CASE("duplicates neither hide each other nor anyone else") {
  const TemporaryDirectory directory;
  Rows rows = clustered_rows(1500, 24, 5);
  for (std::size_t row = 1000; row < rows.size(); ++row) {
    rows[row] = rows[row % 10];
  }
  const auto generation = linked_generation(directory, rows, {.dimensions = 24});
  CHECK(generation->unreachable() == 0);
  GenerationSearch search(generation, rows[3], {}, see_all());
  const auto hits = drain(search, 64);
  CHECK(hits.size() == rows.size());
  CHECK(std::count_if(hits.begin(), hits.end(),
                      [](const VectorHit& hit) { return hit.distance == 0; }) == 51);
}

TEST_CASE("vectors whose codes would overflow are compared exactly") {
  const TemporaryDirectory directory;
  Rows rows = clustered_rows(500, 16, 6);
  rows[7].assign(16, 3e38F);
  const auto generation = linked_generation(directory, rows, {.dimensions = 16});
  GenerationSearch search(generation, rows[0], {}, see_all());
  const auto hits = drain(search, 100);
  REQUIRE(hits.size() == rows.size());
  CHECK(hits.back().key == key_of(7));
  CHECK(std::isinf(hits.back().distance));
}

TEST_CASE("a search over the graph, pulled to its end, is complete and ascends within each pull") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(3000, 20, 7);
  const auto generation = linked_generation(directory, rows, {.dimensions = 20});
  GenerationSearch search(generation, rows[11], {}, see_all());
  std::set<RowId> seen;
  std::vector<VectorHit> hits;
  while (true) {
    hits.clear();
    if (!search.next(50, hits).value()) {
      break;
    }
    for (std::size_t i = 0; i < hits.size(); ++i) {
      CHECK(seen.insert(hits[i].key.row_id).second);
      CHECK((i == 0 || hits[i - 1].distance <= hits[i].distance));
    }
  }
  CHECK(seen.size() == rows.size());
}

TEST_CASE("a visibility that hides nearly everything still finds the nearest of the rest") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(3000, 20, 8);
  const auto generation = linked_generation(directory, rows, {.dimensions = 20});
  const auto live = [](std::size_t row) { return row % 100 == 0; };
  GenerationSearch search(generation, rows[5], {}, [&](auto keys, auto visible) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      visible[i] = live(keys[i].row_id - 1) ? 1 : 0;
    }
    return Status();
  });
  std::vector<VectorHit> hits;
  REQUIRE(search.next(10, hits).value());
  REQUIRE(hits.size() == 10);
  CHECK(hits.back().distance == exact_radius(rows, rows[5], 10, Metric::L2, live));
}

TEST_CASE("a bulk build links everything and meets its recall target by default") {
  const TemporaryDirectory directory;
  Rows rows = clustered_rows(kGraphRows + 50, 32, 9);
  const Rows queries(rows.end() - 50, rows.end());
  rows.resize(kGraphRows);
  const auto index = create(directory / "index", {.dimensions = 32});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 2, cancel).ok());
  const auto statistics = index->statistics();
  CHECK(statistics.slots == rows.size());
  CHECK(statistics.tail == 0);
  CHECK(statistics.unreachable == 0);
  CHECK(recall(*index, rows, queries, 10, Metric::L2) >= 0.95);
}

TEST_CASE("a cancelled build says so") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(100, 4, 11);
  const auto index = create(directory / "index", {.dimensions = 4});
  CancelToken cancel;
  cancel.cancel(CancelReason::UserRequest);
  CHECK(index->build(source_of(rows), 1, cancel).code() == StatusCode::Cancelled);
}

TEST_CASE("appends beside searches and removals are linked, and recall holds under churn") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kGraphRows + 3000, 16, 12);
  const Rows queries = clustered_rows(20, 16, 13);
  const auto index = create(directory / "index", {.dimensions = 16});
  std::atomic<bool> done{false};
  std::thread searcher([&] {
    std::size_t i = 0;
    while (!done.load()) {
      const auto search =
          index->search(queries[i++ % queries.size()], {.ef_search = 40}, see_all());
      std::vector<VectorHit> hits;
      const bool searched = search->next(10, hits).ok();
      if (!searched) {
        done.store(true);
      }
    }
  });
  const auto dead = [](std::size_t row) { return row % 3 == 0; };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
    if (row >= 100 && dead(row - 100)) {
      const VectorKey key = key_of(row - 100);
      index->remove({&key, 1});
    }
  }
  for (std::size_t row = rows.size() - 100; row < rows.size(); ++row) {
    const VectorKey key = key_of(row);
    if (dead(row)) {
      index->remove({&key, 1});
    }
  }
  CancelToken cancel;
  REQUIRE(index->wait_linked(cancel).ok());
  CHECK_FALSE(done.exchange(true));
  searcher.join();
  const auto live = [&](std::size_t row) { return !dead(row); };
  CHECK(recall(*index, rows, queries, 10, Metric::L2, 100, live) >= 0.95);
  CHECK(index->statistics().tail == 0);
  // A third is dead: the graph must have been rid of most of it.
  CHECK(index->statistics().tombstones < rows.size() / 10);
  CHECK(index->statistics().unreachable == 0);
  const auto hits = drain(*index->search(queries[0], {}, see_all()), 500);
  CHECK(hits.size() == rows.size() - (rows.size() + 2) / 3);
}

}  // namespace omen::engine::vector_test
