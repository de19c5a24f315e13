#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "engine/api/vector_distance.h"
#include "engine/vector/vector_index.h"

/// What the vector index tests share: directories that vanish, small data, exact answers.
namespace omen::engine::vector_test {

/// An own directory below the system's temporary one, removed at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    static std::atomic<int> counter{0};
    path_ = std::filesystem::temp_directory_path() /
            ("omen_vector_" + std::to_string(::getpid()) + "_" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

using Rows = std::vector<std::vector<float>>;

/// The distance the metric's SQL operator returns: `<->`, `<#>` (negated product), `<=>`, `<+>`.
inline double exact_distance(Metric metric, std::span<const float> a, std::span<const float> b) {
  switch (metric) {
    case Metric::L2:
      return l2_distance(a, b);
    case Metric::InnerProduct:
      return -inner_product(a, b);
    case Metric::Cosine:
      return cosine_distance(a, b);
    case Metric::L1:
      return l1_distance(a, b);
    case Metric::Hamming:
    case Metric::Jaccard:
      break;
  }
  return 0;
}

/// Points around `count / 20` centres, the shape of real embeddings in small.
inline Rows clustered_rows(std::size_t count, std::size_t dimensions, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Rows centres(std::max<std::size_t>(count / 20, 1), std::vector<float>(dimensions));
  for (auto& centre : centres) {
    for (float& value : centre) {
      value = normal(generator);
    }
  }
  Rows rows(count, std::vector<float>(dimensions));
  for (auto& row : rows) {
    const auto& centre = centres[generator() % centres.size()];
    for (std::size_t i = 0; i < dimensions; ++i) {
      row[i] = centre[i] + 0.6F * normal(generator);
    }
  }
  return rows;
}

inline VectorKey key_of(std::size_t row) {
  return {row + 1, 7};
}

inline VectorVisibility see_all() {
  return [](std::span<const VectorKey>, std::span<std::uint8_t> visible) {
    std::fill(visible.begin(), visible.end(), std::uint8_t{1});
    return Status();
  };
}

/// A source of `rows` with keys key_of(0), key_of(1)...
inline VectorSource source_of(const Rows& rows) {
  return [&rows, next = std::size_t{0}](VectorEntry& entry) mutable -> Result<bool> {
    if (next == rows.size()) {
      return false;
    }
    entry = {key_of(next), std::span<const float>(rows[next])};
    ++next;
    return true;
  };
}

inline std::unique_ptr<VectorIndex> create(const std::filesystem::path& path,
                                           const VectorIndexOptions& options) {
  auto index = VectorIndex::create(path, options);
  REQUIRE(index.ok());
  return std::move(index).value();
}

inline std::unique_ptr<VectorIndex> open(const std::filesystem::path& path,
                                         const VectorIndexOptions& options) {
  auto index = VectorIndex::open(path, options);
  INFO(index.status().message());
  REQUIRE(index.ok());
  return std::move(index).value();
}

inline std::vector<VectorHit> top(const VectorIndex& index, std::span<const float> query,
                                  std::size_t count, std::size_t ef = 0,
                                  const VectorVisibility& visibility = see_all()) {
  std::vector<VectorHit> hits;
  const auto search = index.search(query, {.ef_search = ef, .row_count_hint = count}, visibility);
  REQUIRE(search->next(count, hits).ok());
  return hits;
}

/// Pulls a search to its end in steps of `step`.
inline std::vector<VectorHit> drain(VectorSearch& search, std::size_t step) {
  std::vector<VectorHit> hits;
  while (true) {
    auto more = search.next(step, hits);
    REQUIRE(more.ok());
    if (!more.value()) {
      return hits;
    }
  }
}

/// Distance of the `count`-th nearest row, ties included.
inline double exact_radius(const Rows& rows, std::span<const float> query, std::size_t count,
                           Metric metric, const std::function<bool(std::size_t)>& live = nullptr) {
  std::vector<double> distances;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (live == nullptr || live(row)) {
      distances.push_back(exact_distance(metric, query, rows[row]));
    }
  }
  std::nth_element(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(count - 1),
                   distances.end());
  return distances[count - 1];
}

/// Share of the `count` nearest of each query that the index finds, by distance.
inline double recall(const VectorIndex& index, const Rows& rows, const Rows& queries,
                     std::size_t count, Metric metric, std::size_t ef = 0,
                     const std::function<bool(std::size_t)>& live = nullptr) {
  std::size_t found = 0;
  for (const auto& query : queries) {
    const double radius = exact_radius(rows, query, count, metric, live);
    for (const VectorHit& hit : top(index, query, count, ef)) {
      found += hit.distance <= radius + 1e-6 * std::abs(radius) ? 1 : 0;
    }
  }
  return static_cast<double>(found) / static_cast<double>(count * queries.size());
}

}  // namespace omen::engine::vector_test
