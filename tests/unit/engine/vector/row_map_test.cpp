#include "engine/vector/row_map.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace omen::engine::vector_test {
namespace {

RowMap make_map() {
  auto map = RowMap::create(std::size_t{1} << 20);
  REQUIRE(map.ok());
  return std::move(map).value();
}

std::vector<std::uint32_t> entries_of(const RowMap& map, RowId row_id) {
  std::vector<std::uint32_t> entries;
  for (std::uint32_t entry = map.newest(row_id); entry != RowMap::kNone;
       entry = map.previous(entry)) {
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace

TEST_CASE("a row map gives a row's entries newest first, whatever the order they came in") {
  RowMap map = make_map();
  const auto xid_of = [](std::uint32_t entry) { return entry % 10; };
  CHECK(map.newest(5) == RowMap::kNone);
  for (const std::uint32_t entry : {13U, 11U, 12U, 15U}) {
    map.insert(entry, 5, xid_of);
  }
  map.insert(7 | RowMap::kNullEntry, 6, xid_of);
  CHECK(entries_of(map, 5) == std::vector<std::uint32_t>{15, 13, 12, 11});
  CHECK(entries_of(map, 6) == std::vector<std::uint32_t>{7 | RowMap::kNullEntry});
  CHECK(entries_of(map, 4).empty());
  CHECK(entries_of(map, 261).empty());
  RowMap::Pages unused;
  map.erase(12, 5, unused);
  map.erase(15, 5, unused);
  map.erase(99, 5, unused);
  CHECK(entries_of(map, 5) == std::vector<std::uint32_t>{13, 11});
  CHECK(unused.empty());
}

TEST_CASE("a row map of sparse row ids holds only the pages it needs and gives them back") {
  RowMap map = make_map();
  const auto xid_of = [](std::uint32_t) { return 1; };
  std::map<RowId, std::uint32_t> expected;
  std::mt19937_64 generator(3);
  for (std::uint32_t entry = 0; entry < 3000; ++entry) {
    // All heights, and the largest row id there can be.
    const RowId row_id = entry == 0 ? ~RowId{0} : generator() >> (generator() % 64);
    if (expected.emplace(row_id, entry).second) {
      map.insert(entry, row_id, xid_of);
    }
  }
  for (const auto& [row_id, entry] : expected) {
    CHECK(entries_of(map, row_id) == std::vector<std::uint32_t>{entry});
  }
  CHECK(map.page_bytes() < 3000 * std::uint64_t{8 * 2080});
  RowMap::Pages unused;
  for (const auto& [row_id, entry] : expected) {
    map.erase(entry, row_id, unused);
    CHECK(map.newest(row_id) == RowMap::kNone);
  }
  CHECK(map.page_bytes() <= 2080);
}

TEST_CASE("a row map of dense row ids takes little more than four bytes a row beside the chain") {
  RowMap map = make_map();
  for (std::uint32_t entry = 0; entry < 100000; ++entry) {
    map.insert(entry, 1000000 + entry, [](std::uint32_t) { return 1; });
  }
  CHECK(map.page_bytes() < 100000 * 9 / 2);
  CHECK(map.newest(1000000 + 77777) == 77777);
}

}  // namespace omen::engine::vector_test
