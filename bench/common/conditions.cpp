#include "bench/common/conditions.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace omen::bench {

std::vector<std::int32_t> shuffled_rows(std::size_t count) {
  std::vector<std::int32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0);
  std::mt19937_64 random(1);
  for (std::size_t i = count; i > 1; --i) {
    std::swap(rows[i - 1], rows[random() % i]);
  }
  return rows;
}

std::vector<std::int32_t> random_rows(const Dataset& set, std::size_t count) {
  std::vector<std::int32_t> rows = shuffled_rows(set.base.row_count());
  rows.resize(count);
  return rows;
}

std::vector<std::int32_t> clustered_rows(const Dataset& set, std::size_t count) {
  std::vector<std::int32_t> rows = shuffled_rows(set.base.row_count());
  const auto centre = set.base.row(static_cast<std::size_t>(rows.front()));
  std::vector<double> distances(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    distances[row] = exact_distance(set.metric, centre, set.base.row(row));
  }
  std::sort(rows.begin(), rows.end(), [&](std::int32_t a, std::int32_t b) {
    return distances[static_cast<std::size_t>(a)] < distances[static_cast<std::size_t>(b)];
  });
  rows.resize(count);
  return rows;
}

}  // namespace omen::bench
