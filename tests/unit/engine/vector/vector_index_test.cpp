#include "engine/vector/vector_index.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "tests/unit/engine/vector/vector_test_support.h"

namespace omen::engine::vector_test {
namespace {

void append(VectorIndex& index, std::size_t row, const std::vector<float>& vector) {
  REQUIRE(index.append({key_of(row), std::span<const float>(vector)}).ok());
}

}  // namespace

TEST_CASE("an index returns exact distances of each metric, nearest first") {
  const Rows rows = clustered_rows(300, 20, 1);
  for (const Metric metric : {Metric::L2, Metric::InnerProduct, Metric::Cosine, Metric::L1}) {
    const TemporaryDirectory directory;
    const auto index = create(directory / "index", {.dimensions = 20, .metric = metric});
    CancelToken cancel;
    REQUIRE(index->build(source_of(rows), 1, cancel).ok());
    const auto hits = top(*index, rows[3], 10);
    REQUIRE(hits.size() == 10);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      CHECK(hits[i].distance == exact_distance(metric, rows[3], rows[hits[i].key.row_id - 1]));
      CHECK((i == 0 || hits[i - 1].distance <= hits[i].distance));
    }
    CHECK(hits.back().distance == exact_radius(rows, rows[3], 10, metric));
  }
}

TEST_CASE("zero vectors follow all numbers under cosine and NULLs come last") {
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 2, .metric = Metric::Cosine});
  append(*index, 0, {0, 0});
  REQUIRE(index->append({key_of(1), std::nullopt}).ok());
  append(*index, 2, {1, 0});
  append(*index, 3, {0, 1});
  const std::vector<float> query = {1, 0.1F};
  const auto hits = drain(*index->search(query, {}, see_all()), 3);
  REQUIRE(hits.size() == 4);
  CHECK(hits[0].key == key_of(2));
  CHECK(hits[1].key == key_of(3));
  CHECK(hits[2].key == key_of(0));
  CHECK(std::isnan(hits[2].distance));
  CHECK(hits[3].key == key_of(1));
  CHECK(hits[3].is_null);
}

TEST_CASE("a zero query under cosine still returns every entry") {
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 2, .metric = Metric::Cosine});
  append(*index, 0, {1, 0});
  append(*index, 1, {0, 0});
  const std::vector<float> query = {0, 0};
  const auto hits = drain(*index->search(query, {}, see_all()), 10);
  REQUIRE(hits.size() == 2);
  CHECK(std::isnan(hits[0].distance));
}

TEST_CASE("a search pulled to its end returns every visible entry once") {
  const Rows rows = clustered_rows(3000, 8, 2);
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 8});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    append(*index, row, rows[row]);
  }
  std::multiset<RowId> asked;
  const VectorVisibility odd_rows = [&](std::span<const VectorKey> keys,
                                        std::span<std::uint8_t> visible) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      asked.insert(keys[i].row_id);
      visible[i] = keys[i].row_id % 2;
    }
    return Status();
  };
  const auto hits = drain(*index->search(rows[0], {}, odd_rows), 7);
  std::set<RowId> seen;
  for (const VectorHit& hit : hits) {
    CHECK(hit.key.row_id % 2 == 1);
    seen.insert(hit.key.row_id);
  }
  CHECK(hits.size() == 1500);
  CHECK(seen.size() == 1500);
  CHECK(asked.size() == 3000);
  CHECK(std::set<RowId>(asked.begin(), asked.end()).size() == 3000);
}

TEST_CASE("removed entries are not returned and known keys are not appended twice") {
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 1});
  for (std::size_t row = 0; row < 5; ++row) {
    append(*index, row, {static_cast<float>(row)});
  }
  const std::vector<float> value = {9};
  REQUIRE(index->append_if_absent({key_of(4), std::span<const float>(value)}).ok());
  REQUIRE(index->append_if_absent({key_of(5), std::span<const float>(value)}).ok());
  REQUIRE(index->append_if_absent({key_of(6), std::nullopt}).ok());
  REQUIRE(index->append_if_absent({key_of(6), std::nullopt}).ok());
  const VectorKey dead[] = {key_of(0), key_of(99)};
  index->remove(dead);
  index->remove(dead);
  CHECK(index->statistics().slots == 6);
  CHECK(index->statistics().free_slots == 1);
  const std::vector<float> query = {0};
  const auto hits = drain(*index->search(query, {}, see_all()), 10);
  REQUIRE(hits.size() == 6);
  CHECK(hits[0].key == key_of(1));
  CHECK(hits[4].key == key_of(5));
  CHECK(hits[5].is_null);
}

TEST_CASE("a search sees what was appended before it began and nothing later") {
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 1});
  append(*index, 0, {1});
  const std::vector<float> query = {0};
  const auto search = index->search(query, {}, see_all());
  append(*index, 1, {0});
  CHECK(drain(*search, 10).size() == 1);
  CHECK(top(*index, query, 10).size() == 2);
}

TEST_CASE("an index refuses vectors of other dimensions and directories that exist") {
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 3});
  const std::vector<float> two = {1, 2};
  CHECK(index->append({key_of(0), std::span<const float>(two)}).code() ==
        StatusCode::InvalidArgument);
  CHECK(VectorIndex::create(directory / "index", {.dimensions = 3}).status().code() ==
        StatusCode::AlreadyExists);
  CHECK(VectorIndex::create(directory / "other", {.dimensions = 0}).status().code() ==
        StatusCode::InvalidArgument);
}

TEST_CASE("an error of the visibility check ends the search with it") {
  const TemporaryDirectory directory;
  const auto index = create(directory / "index", {.dimensions = 1});
  append(*index, 0, {1});
  const std::vector<float> query = {0};
  const auto search =
      index->search(query, {}, [](auto, auto) { return Status(StatusCode::Cancelled, "stopped"); });
  std::vector<VectorHit> hits;
  CHECK(search->next(1, hits).status().code() == StatusCode::Cancelled);
}

}  // namespace omen::engine::vector_test
