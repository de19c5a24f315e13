#include <catch2/catch.hpp>
#include <numeric>
#include <set>

#include "engine/vector/generation_search.h"
#include "engine/vector/graph_builder.h"
#include "engine/vector/graph_repair.h"
#include "engine/vector/reachability.h"
#include "tests/unit/engine/vector/vector_test_support.h"

namespace omen::engine::vector_test {
namespace {

constexpr std::size_t kRows = 12000;
constexpr std::size_t kDimensions = 32;

/// An index whose rows come and go: row number -> whether it is in.
class Churn {
 public:
  Churn(std::unique_ptr<VectorIndex> index, Rows rows)
      : index_(std::move(index)), rows_(std::move(rows)), in_(rows_.size()) {}

  void append(std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      REQUIRE(index_->append({key_of(row), std::span<const float>(rows_[row])}).ok());
      in_[row] = true;
    }
  }
  void remove(const std::vector<std::size_t>& rows) {
    std::vector<VectorKey> keys;
    for (const std::size_t row : rows) {
      keys.push_back(key_of(row));
      in_[row] = false;
    }
    index_->remove(keys);
  }
  /// Every `step`-th of the rows that are in.
  [[nodiscard]] std::vector<std::size_t> every(std::size_t step, std::size_t offset) const {
    std::vector<std::size_t> chosen;
    std::size_t seen = 0;
    for (std::size_t row = 0; row < in_.size(); ++row) {
      if (in_[row] && seen++ % step == offset) {
        chosen.push_back(row);
      }
    }
    return chosen;
  }
  void settle() {
    CancelToken cancel;
    REQUIRE(index_->wait_linked(cancel).ok());
  }
  [[nodiscard]] double recall_of(const VectorIndex& index, const Rows& queries) const {
    return recall(index, rows_, queries, 10, Metric::L2, 40,
                  [this](std::size_t row) { return in_[row]; });
  }
  [[nodiscard]] Rows living() const {
    Rows rows;
    for (std::size_t row = 0; row < in_.size(); ++row) {
      if (in_[row]) {
        rows.push_back(rows_[row]);
      }
    }
    return rows;
  }
  VectorIndex& index() { return *index_; }

 private:
  std::unique_ptr<VectorIndex> index_;
  Rows rows_;
  std::vector<bool> in_;
};

}  // namespace

TEST_CASE("five rounds of a fifth deleted and inserted cost neither recall nor memory") {
  const TemporaryDirectory directory;
  constexpr std::size_t kFifth = kRows / 5;
  const Rows all = clustered_rows(kRows + 6 * kFifth, kDimensions, 31);
  const Rows queries(all.end() - 100, all.end());
  Churn churn(create(directory / "index", {.dimensions = kDimensions}), all);
  churn.append(0, kRows);
  churn.settle();
  REQUIRE(churn.index().checkpoint(1).ok());
  const VectorIndexStatistics before = churn.index().statistics();
  VectorIndexStatistics settled;
  for (std::size_t round = 0; round < 5; ++round) {
    churn.remove(churn.every(5, round));
    churn.settle();
    CHECK(churn.index().statistics().tombstones == 0);
    CHECK(churn.index().statistics().unreachable == 0);
    REQUIRE(churn.index().checkpoint(2 + round).ok());
    churn.append(kRows + round * kFifth, kRows + (round + 1) * kFifth);
    churn.settle();
    settled = churn.index().statistics();
    CHECK(settled.tail == 0);
    CHECK(settled.nodes == kRows);
  }
  CHECK(settled.free_slots == 0);
  CHECK(settled.bytes.blocks == before.bytes.blocks);
  CHECK(settled.bytes.slots == before.bytes.slots);
  CHECK(settled.bytes.vector_file == before.bytes.vector_file);
  CHECK(settled.bytes.upper_lists == before.bytes.upper_lists);
  const Rows living = churn.living();
  const auto fresh = create(directory / "fresh", {.dimensions = kDimensions});
  CancelToken cancel;
  REQUIRE(fresh->build(source_of(living), 2, cancel).ok());
  const double fresh_recall = recall(*fresh, living, queries, 10, Metric::L2, 40);
  CHECK(churn.recall_of(churn.index(), queries) >= fresh_recall - 0.01);
}

TEST_CASE("slots are reused only after a checkpoint and when older searches have ended") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(400, 8, 32);
  Churn churn(create(directory / "index", {.dimensions = 8}), rows);
  churn.append(0, 100);
  const auto slots = [&] { return churn.index().statistics().bytes.slots / 20; };
  churn.remove(churn.every(2, 0));
  churn.append(100, 110);
  CHECK(slots() == 110);  // no checkpoint
  auto older = churn.index().search(rows[0], {}, see_all());
  REQUIRE(churn.index().checkpoint(1).ok());
  churn.append(110, 120);
  CHECK(slots() == 110);             // retired before that search began
  churn.remove(churn.every(10, 0));  // seven, while that search may know them
  REQUIRE(churn.index().checkpoint(2).ok());
  churn.append(120, 165);
  CHECK(slots() == 115);
  std::set<RowId> once;
  for (const VectorHit& hit : drain(*older, 10)) {
    CHECK(once.insert(hit.key.row_id).second);
  }
  CHECK(once.size() >= 53);
  older.reset();
  churn.append(165, 172);
  CHECK(slots() == 115);
  std::set<RowId> seen;
  for (const VectorHit& hit : drain(*churn.index().search(rows[0], {}, see_all()), 50)) {
    CHECK(seen.insert(hit.key.row_id).second);
  }
  CHECK(seen.size() == churn.living().size());
}

TEST_CASE("an index that lost nearly everything finds all that is left") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kRows, 16, 33);
  Churn churn(create(directory / "index", {.dimensions = 16}), rows);
  churn.append(0, kRows);
  churn.settle();
  std::vector<std::size_t> gone(kRows);
  std::iota(gone.begin(), gone.end(), std::size_t{0});
  std::erase_if(gone, [](std::size_t row) { return row % 50 == 0; });
  churn.remove(gone);
  churn.settle();
  const auto statistics = churn.index().statistics();
  CHECK(statistics.unreachable == 0);
  CHECK(statistics.tombstones == 0);
  CHECK(statistics.nodes == kRows / 50);
  CHECK(churn.recall_of(churn.index(), Rows(rows.begin(), rows.begin() + 50)) >= 0.95);
  churn.remove(churn.every(1, 0));
  churn.settle();
  CHECK(drain(*churn.index().search(rows[0], {}, see_all()), 50).empty());
  REQUIRE(churn.index().checkpoint(1).ok());
}

TEST_CASE("an index survives the death of everything and takes new entries") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kRows + 3000, 16, 34);
  Churn churn(create(directory / "index", {.dimensions = 16}), rows);
  churn.append(0, kRows);
  churn.settle();
  churn.remove(churn.every(1, 0));
  churn.append(kRows, kRows + 3000);
  churn.settle();
  CHECK(churn.index().statistics().nodes == 3000);
  CHECK(churn.recall_of(churn.index(), Rows(rows.begin(), rows.begin() + 50)) >= 0.95);
}

TEST_CASE("duplicates and zero vectors do no harm under churn") {
  const TemporaryDirectory directory;
  Rows rows = clustered_rows(kRows + 2000, kDimensions, 35);
  for (std::size_t row = 0; row < kRows / 20; ++row) {
    rows[row * 20] = rows[row % 7 + 1];
  }
  for (std::size_t row = kRows; row < kRows + 1000; ++row) {
    rows[row].assign(kDimensions, 0);
  }
  const Rows queries = clustered_rows(50, kDimensions, 36);
  for (const Metric metric : {Metric::L2, Metric::Cosine}) {
    const TemporaryDirectory own;
    Churn churn(create(own / "index", {.dimensions = kDimensions, .metric = metric}), rows);
    churn.append(0, kRows + 1000);
    churn.settle();
    CHECK(churn.index().statistics().unreachable == 0);
    churn.remove(churn.every(4, 1));
    churn.append(kRows + 1000, kRows + 2000);
    churn.settle();
    CHECK(churn.index().statistics().unreachable == 0);
    CHECK(churn.index().statistics().tombstones == 0);
    const auto hits = drain(*churn.index().search(queries[0], {}, see_all()), 1000);
    CHECK(hits.size() == churn.living().size());
  }
}

TEST_CASE("entries that moved away from the mean of the codes get new codes") {
  const TemporaryDirectory directory;
  Rows rows = clustered_rows(25000, 16, 37);
  for (std::size_t row = 12000; row < rows.size(); ++row) {
    for (float& value : rows[row]) {
      value = value * 2 + 40;
    }
  }
  Churn churn(create(directory / "index", {.dimensions = 16}), rows);
  churn.append(0, 12000);
  churn.settle();
  REQUIRE(churn.index().checkpoint(1).ok());
  CHECK(churn.index().request() == VectorIndex::Request::None);
  churn.append(12000, 25000);
  churn.settle();
  CHECK(churn.index().request() == VectorIndex::Request::Checkpoint);
  REQUIRE(churn.index().checkpoint(2).ok());
  CHECK(churn.index().request() == VectorIndex::Request::None);
  CHECK(std::filesystem::exists(directory / "index" / "vectors.2"));
  CHECK_FALSE(std::filesystem::exists(directory / "index" / "vectors.1"));
  CHECK(churn.recall_of(churn.index(), Rows(rows.end() - 50, rows.end())) >= 0.95);
}

TEST_CASE("an append waits while the tail takes more than it may") {
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(24000, 8, 38);
  const auto index = create(directory / "index", {.dimensions = 8, .tail_bytes_max = 1});
  constexpr std::uint64_t kTailMin = 4096;
  CancelToken cancel;
  std::uint64_t longest = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (row == rows.size() / 2) {
      REQUIRE(index->wait_linked(cancel).ok());  // the first tail is what there was before
    }
    REQUIRE(index->append({key_of(row), std::span<const float>(rows[row])}).ok());
    if (row >= rows.size() / 2) {
      longest = std::max(longest, index->statistics().tail);
    }
  }
  CHECK(longest <= kTailMin + 1);
}

}  // namespace omen::engine::vector_test
