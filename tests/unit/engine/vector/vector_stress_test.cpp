#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <set>
#include <thread>

#include "tests/unit/engine/vector/vector_test_support.h"

/// Everything at once, repairs and slots filled again included, for the thread sanitizer first of
/// all. OMEN_STRESS_ROUNDS in the environment multiplies the work (1 takes a second or two).
namespace omen::engine::vector_test {
namespace {

constexpr std::size_t kWriters = 3;
constexpr std::size_t kRowsEach = 4200;
constexpr std::size_t kDimensions = 12;

std::size_t rounds_of_test() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
  const char* rounds = std::getenv("OMEN_STRESS_ROUNDS");
  return rounds == nullptr ? 1 : std::max<std::size_t>(std::strtoul(rounds, nullptr, 10), 1);
}

}  // namespace

TEST_CASE("inserts, removals, searches and checkpoints at once leave exactly what is in") {
  const std::size_t rounds = rounds_of_test();
  const TemporaryDirectory directory;
  const Rows rows = clustered_rows(kWriters * kRowsEach, kDimensions, 51);
  const auto index = create(directory / "index", {.dimensions = kDimensions});
  std::atomic<bool> done{false};
  std::atomic<bool> failed{false};
  // Row r of writer w has row id w + kWriters * r; each round writes it under a new xid.
  const auto key = [&](std::size_t writer, std::size_t row, std::size_t round) {
    return VectorKey{writer + kWriters * row, 100 + round};
  };
  // By row id: rounds whose entries are about to be removed, are removed, and are in.
  std::vector<std::atomic<std::uint32_t>> leaving(rows.size());
  std::vector<std::atomic<std::uint32_t>> removed(rows.size());
  std::vector<std::atomic<std::uint32_t>> appended(rows.size());
  const auto write = [&](std::size_t writer) {
    for (std::size_t round = 0; round < rounds + 1; ++round) {
      for (std::size_t row = 0; row < kRowsEach; ++row) {
        if (round > 0) {
          const VectorKey old = key(writer, row, round - 1);
          leaving[old.row_id].store(static_cast<std::uint32_t>(round));
          index->remove({&old, 1});
          removed[old.row_id].store(static_cast<std::uint32_t>(round));
        }
        const auto& vector = rows[(writer * kRowsEach + row + round * 17) % rows.size()];
        VectorEntry entry{key(writer, row, round), std::nullopt};
        if (row % 50 != 0) {
          entry.vector = std::span<const float>(vector);
        }
        if (!index->append(entry).ok()) {
          failed = true;
        }
        appended[entry.key.row_id].store(static_cast<std::uint32_t>(round) + 1);
      }
    }
  };
  const auto search = [&](std::size_t offset) {
    for (std::size_t i = offset; !done; ++i) {
      std::set<std::pair<RowId, Xid>> seen;
      std::vector<VectorHit> hits;
      const std::size_t watched = i * 7919 % rows.size();
      const std::uint32_t gone_before = removed[watched].load();
      const auto running =
          index->search(rows[i % rows.size()], {.ef_search = 20 + i % 200}, see_all());
      // Some are left in the middle, some pulled far.
      for (std::size_t pulls = 0; pulls < 1 + i % 5; ++pulls) {
        if (!running->next(1 + i % 300, hits).ok()) {
          failed = true;
        }
      }
      for (const VectorHit& hit : hits) {
        if (!seen.insert({hit.key.row_id, hit.key.xid}).second ||
            (hit.key.row_id == watched && hit.key.xid < 100 + gone_before)) {
          failed = true;
        }
      }
    }
  };
  // What was appended before a search restricted to its row began is found, unless it was removed
  // meanwhile.
  const auto look_up = [&] {
    for (std::size_t i = 0; !done; ++i) {
      const RowId row = i * 7919 % rows.size();
      const std::uint32_t there = appended[row].load();
      std::vector<VectorHit> hits;
      const auto running = index->search(rows[i % rows.size()], {}, see_all());
      if (i % 2 != 0 && !running->next(5, hits).ok()) {
        failed = true;
      }
      hits.clear();
      running->restrict_to({&row, 1});
      while (true) {
        const Result<bool> more = running->next(10, hits);
        if (!more.ok()) {
          failed = true;
        }
        if (!more.ok() || !more.value()) {
          break;
        }
      }
      bool found = there == 0 || i % 2 != 0;  // those of the first pull are not returned again
      for (const VectorHit& hit : hits) {
        found = found || hit.key.xid >= 100 + there - 1;
        failed = failed || hit.key.row_id != row;
      }
      if (!found && leaving[row].load() < there) {
        failed = true;
      }
    }
  };
  const auto checkpoint = [&] {
    for (Xid cursor = 1; !done; ++cursor) {
      if (!index->checkpoint(cursor).ok() || index->statistics().bytes.slots == 0) {
        failed = true;
      }
      (void)index->progress();
      std::this_thread::yield();
    }
  };
  {
    REQUIRE(index->append({{(RowId{1} << 48) - 1, 1}, std::nullopt}).ok());
    std::vector<std::jthread> background;
    background.emplace_back(search, 0);
    background.emplace_back(search, 7);
    background.emplace_back(look_up);
    background.emplace_back(checkpoint);
    {
      std::vector<std::jthread> writers;
      for (std::size_t writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back(write, writer);
      }
    }
    done = true;
  }
  CHECK_FALSE(failed.load());
  CancelToken cancel;
  REQUIRE(index->wait_linked(cancel).ok());
  REQUIRE(index->checkpoint(1000).ok());
  const auto check = [&](const VectorIndex& checked) {
    std::set<std::pair<RowId, Xid>> found;
    for (const VectorHit& hit : drain(*checked.search(rows[0], {}, see_all()), 1000)) {
      CHECK(found.insert({hit.key.row_id, hit.key.xid}).second);
    }
    REQUIRE(found.size() == kWriters * kRowsEach + 1);
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      for (std::size_t row = 0; row < kRowsEach; ++row) {
        const VectorKey last = key(writer, row, rounds);
        CHECK(found.count({last.row_id, last.xid}) == 1);
      }
    }
  };
  check(*index);
  CHECK(index->statistics().unreachable == 0);
  check(*open(directory / "index", {.dimensions = kDimensions}));
}

}  // namespace omen::engine::vector_test
