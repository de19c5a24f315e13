#include <cmath>
#include <numeric>
#include <set>

#include "tests/unit/engine/vector/vector_test_support.h"

/// Searches restricted to rows: k come back whenever k match, at every share and correlation.
namespace omen::engine::vector_test {
namespace {

constexpr std::size_t kDimensions = 32;
constexpr std::size_t kRowsAsked = 10;

/// The share of the true nearest of `rows` among `allowed` that the index returns, by distance.
double filtered_recall(const VectorIndex& index, const Rows& rows, const Rows& queries,
                       const std::vector<RowId>& allowed) {
  std::size_t found = 0;
  std::size_t wanted = 0;
  for (const auto& query : queries) {
    std::vector<double> truth;
    for (const RowId row_id : allowed) {
      truth.push_back(exact_distance(Metric::L2, rows[row_id - 1], query));
    }
    std::sort(truth.begin(), truth.end());
    truth.resize(std::min(truth.size(), kRowsAsked));
    std::vector<VectorHit> hits;
    const auto search = index.search(query, {.row_count_hint = kRowsAsked}, see_all());
    search->restrict_to(allowed);
    REQUIRE(search->next(kRowsAsked, hits).ok());
    REQUIRE(hits.size() == truth.size());
    const std::set<RowId> members(allowed.begin(), allowed.end());
    for (const VectorHit& hit : hits) {
      REQUIRE(members.contains(hit.key.row_id));
      found += static_cast<std::size_t>(hit.distance <= truth.back());
    }
    wanted += truth.size();
  }
  return wanted == 0 ? 1.0 : static_cast<double>(found) / static_cast<double>(wanted);
}

}  // namespace

TEST_CASE("a search restricted to rows finds them at every share, random or clustered") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(20000, kDimensions, 1);
  const Rows queries = clustered_rows(20, kDimensions, 2);
  const auto index = create(directory / "index", {.dimensions = kDimensions});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 2, cancel).ok());
  std::vector<RowId> random(rows.size());
  std::iota(random.begin(), random.end(), RowId{1});
  std::shuffle(random.begin(), random.end(), std::mt19937(3));
  std::vector<RowId> farthest = random;
  std::sort(farthest.begin(), farthest.end(), [&](RowId a, RowId b) {
    return exact_distance(Metric::L2, rows[a - 1], rows[0]) >
           exact_distance(Metric::L2, rows[b - 1], rows[0]);
  });
  for (const std::size_t share : {1U, 2U, 5U, 20U, 100U, 1000U}) {
    INFO("one row of " << share);
    const auto count = static_cast<std::ptrdiff_t>(rows.size() / share);
    CHECK(filtered_recall(*index, rows, queries, {random.begin(), random.begin() + count}) >= 0.98);
    CHECK(filtered_recall(*index, rows, queries, {farthest.begin(), farthest.begin() + count}) >=
          0.98);
  }
}

TEST_CASE("a restricted search pulled to its end returns each of its rows once") {
  const TemporaryDirectory directory;
  // Without codes, with codes, with a graph and a tail.
  const std::size_t built = GENERATE(500U, 5000U, 12000U);
  const Rows rows = clustered_rows(built + 300, kDimensions, 4);
  const auto index =
      create(directory / "index", {.dimensions = kDimensions, .metric = Metric::Cosine});
  CancelToken cancel;
  const Rows first(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(built));
  REQUIRE(index->build(source_of(first), 2, cancel).ok());
  for (std::size_t row = built; row < rows.size(); ++row) {
    REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
  }
  const std::vector<float> zero(kDimensions);
  REQUIRE(index->append({{900001, 7}, std::span<const float>(zero)}).ok());
  REQUIRE(index->append({{900002, 7}, std::nullopt}).ok());
  REQUIRE(index->append({{900003, 7}, std::nullopt}).ok());
  std::vector<RowId> allowed = {900002, 900001, 77777777};
  for (RowId row_id = 1; row_id <= rows.size(); row_id += 3) {
    allowed.push_back(row_id);
    allowed.push_back(row_id);  // named twice
  }
  const VectorKey removed = key_of(3);  // row 4
  index->remove({&removed, 1});
  const auto search = index->search(rows[1], {}, see_all());
  search->restrict_to(allowed);
  const std::vector<VectorHit> hits = drain(*search, 7);
  std::multiset<RowId> returned;
  for (const VectorHit& hit : hits) {
    returned.insert(hit.key.row_id);
  }
  std::multiset<RowId> expected = {900001, 900002};
  for (RowId row_id = 1; row_id <= rows.size(); row_id += 3) {
    expected.insert(row_id);
  }
  expected.erase(4);
  CHECK(returned == expected);
  CHECK(hits.back().is_null);
  CHECK(std::isnan(hits[hits.size() - 2].distance));
}

TEST_CASE("a search restricted on its way returns the rest of its rows, each once") {
  const TemporaryDirectory directory;
  const std::size_t count = GENERATE(500U, 5000U, 12000U);
  const std::size_t pulled = GENERATE(1U, 60U, 2000U, 11900U);
  if (pulled >= count) {
    return;
  }
  const Rows rows = clustered_rows(count, kDimensions, 6);
  const auto index = create(directory / "index", {.dimensions = kDimensions});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 2, cancel).ok());
  std::vector<RowId> allowed;
  for (RowId row_id = 1; row_id <= count; row_id += 5) {
    allowed.push_back(row_id);
  }
  const auto search = index->search(rows[7], {}, see_all());
  std::vector<VectorHit> hits;
  REQUIRE(search->next(pulled, hits).ok());
  std::multiset<RowId> returned;
  for (const VectorHit& hit : hits) {
    if (hit.key.row_id % 5 == 1) {
      returned.insert(hit.key.row_id);
    }
  }
  search->restrict_to(allowed);
  for (const VectorHit& hit : drain(*search, 7)) {
    returned.insert(hit.key.row_id);
  }
  CHECK(returned == std::multiset<RowId>(allowed.begin(), allowed.end()));
}

TEST_CASE("a search restricted to no rows is empty") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(3000, kDimensions, 5);
  const auto index = create(directory / "index", {.dimensions = kDimensions});
  CancelToken cancel;
  REQUIRE(index->build(source_of(rows), 1, cancel).ok());
  std::vector<VectorHit> hits;
  const auto search = index->search(rows[0], {}, see_all());
  search->restrict_to({});
  const auto more = search->next(kRowsAsked, hits);
  REQUIRE(more.ok());
  CHECK_FALSE(more.value());
  CHECK(hits.empty());
}

}  // namespace omen::engine::vector_test
