#include "engine/vector/search_pool.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

namespace omen::engine {

TEST_CASE("a pool keeps the nearest of what it is given, ascending, and what was expanded") {
  std::mt19937 generator(3);
  SearchPool pool;
  for (const std::size_t capacity : {1U, 2U, 7U, 40U, 200U, 1000U}) {
    pool.reset(capacity);
    std::vector<Candidate> all;
    std::vector<std::uint8_t> expanded;
    for (std::uint32_t round = 0; round < 60; ++round) {
      std::vector<float> distances;
      std::vector<std::uint32_t> ids;
      const std::size_t count = generator() % 30;
      for (std::size_t i = 0; i < count; ++i) {
        // No two alike, so that there is one answer.
        const auto id = static_cast<std::uint32_t>(all.size());
        distances.push_back(static_cast<float>(generator() % 1000) + static_cast<float>(id) / 4096);
        ids.push_back(id);
        all.push_back({distances.back(), id});
        expanded.push_back(0);
      }
      distances.push_back(NAN);
      ids.push_back(1U << 30);
      pool.insert(distances.data(), ids.data(), ids.size());
      std::vector<Candidate> expected = all;
      std::sort(expected.begin(), expected.end());
      expected.resize(std::min(expected.size(), capacity));
      REQUIRE(pool.size() == expected.size());
      const auto next = std::find_if(expected.begin(), expected.end(),
                                     [&](const Candidate& c) { return expanded[c.id] == 0; });
      for (std::size_t i = 0; i < expected.size(); ++i) {
        REQUIRE(pool.id(i) == expected[i].id);
        REQUIRE(pool.distance(i) == expected[i].distance);
      }
      REQUIRE(pool.has_next() == (next != expected.end()));
      if (pool.has_next()) {
        REQUIRE(pool.peek() == next->id);
        expanded[pool.pop()] = 1;
      }
    }
  }
}

}  // namespace omen::engine
