#include <cmath>

#include "tests/unit/engine/vector/vector_test_support.h"

/// In which order a search that is pulled on and on hands out what it finds.
namespace omen::engine::vector_test {
namespace {

constexpr std::size_t kDimensions = 64;
constexpr std::size_t kRowCount = 15000;
constexpr std::size_t kRowsPulled = 3000;

/// How often a hit is nearer than the one before it.
std::size_t falls(const std::vector<VectorHit>& hits) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < hits.size(); ++i) {
    count += static_cast<std::size_t>(hits[i].distance < hits[i - 1].distance);
  }
  return count;
}

struct Pulled {
  std::size_t falls = 0;
  std::size_t rows = 0;
};

/// Over all of `queries`, pulled `step` rows at a time, every third row being invisible.
Pulled pull(const VectorIndex& index, const Rows& queries, std::size_t step, bool strict_order) {
  const VectorVisibility visibility = [](std::span<const VectorKey> keys,
                                         std::span<std::uint8_t> visible) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      visible[i] = static_cast<std::uint8_t>(keys[i].row_id % 3 != 0);
    }
    return Status();
  };
  Pulled pulled;
  for (const auto& query : queries) {
    const auto search = index.search(
        query, {.ef_search = 1, .row_count_hint = 1, .strict_order = strict_order}, visibility);
    std::vector<VectorHit> hits;
    while (hits.size() < kRowsPulled) {
      const std::size_t before = hits.size();
      const auto more = search->next(step, hits);
      REQUIRE(more.ok());
      REQUIRE(more.value());
      REQUIRE(hits.size() == before + step);
    }
    pulled.falls += falls(hits);
    pulled.rows += hits.size();
  }
  return pulled;
}

}  // namespace

TEST_CASE("under strict order distances never fall, however far a search is pulled") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kRowCount, kDimensions, 11);
  const Rows queries = clustered_rows(20, kDimensions, 12);
  const auto index = create(directory / "index", {.dimensions = kDimensions, .m = 2});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 2, cancel).ok());
  for (const std::size_t step : {1U, 7U, 100U}) {
    INFO("step " << step);
    CHECK(pull(*index, queries, step, true).falls == 0);
    // What strict order is about: wider rounds do find nearer rows.
    CHECK(pull(*index, queries, step, false).falls > 0);
  }
}

TEST_CASE("strict order leaves out few rows, and what has no distance comes last") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kRowCount, kDimensions, 13);
  const auto index =
      create(directory / "index", {.dimensions = kDimensions, .metric = Metric::Cosine});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 2, cancel).ok());
  const std::vector<float> zero(kDimensions);
  REQUIRE(index->append({key_of(kRowCount), std::span<const float>(zero)}).ok());
  REQUIRE(index->append({key_of(kRowCount + 1), std::nullopt}).ok());
  const auto search = index->search(rows[5], {.strict_order = true}, see_all());
  std::vector<VectorHit> hits = drain(*search, 100);
  REQUIRE(hits.size() > kRowCount * 9 / 10);
  CHECK(hits.back().is_null);
  hits.pop_back();
  CHECK(std::isnan(hits.back().distance));
  hits.pop_back();
  CHECK(falls(hits) == 0);
}

TEST_CASE("a search that pauses keeps what passed and hands it out in order") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kRowCount, kDimensions, 14);
  const auto index = create(directory / "index", {.dimensions = kDimensions});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 2, cancel).ok());
  std::size_t asked = 0;
  const VectorVisibility visibility = [&](std::span<const VectorKey> keys,
                                          std::span<std::uint8_t> visible) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      visible[i] = static_cast<std::uint8_t>(keys[i].row_id % 100 == 0);
    }
    asked += keys.size();
    return Status();
  };
  const auto search = index->search(rows[1], {.pauses = true}, visibility);
  std::vector<VectorHit> hits;
  std::size_t pauses = 0;
  std::size_t asked_before = 0;
  while (hits.empty()) {
    const auto more = search->next(10, hits);
    REQUIRE(more.ok());
    REQUIRE(more.value());
    REQUIRE(asked > asked_before);  // each call gets on
    asked_before = asked;
    pauses += static_cast<std::size_t>(hits.empty());
  }
  CHECK(pauses > 2);
  CHECK(hits.size() == 10);
  CHECK(falls(hits) == 0);
  // Pulled to its end it gives the others, and says when there are no more.
  for (bool more = true; more;) {
    const auto outcome = search->next(10, hits);
    REQUIRE(outcome.ok());
    more = outcome.value();
  }
  CHECK(hits.size() == kRowCount / 100);
}

}  // namespace omen::engine::vector_test
