#include "bench/common/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace omen::bench {
namespace {

constexpr std::size_t kNearestCount = 100;
constexpr double kTieTolerance = 1e-6;
constexpr std::pair<const char*, Metric> kMetrics[] = {{"l2", Metric::L2},
                                                       {"cosine", Metric::Cosine},
                                                       {"ip", Metric::InnerProduct},
                                                       {"l1", Metric::L1}};

}  // namespace

Metric metric_of(const std::string& name) {
  for (const auto& [known, metric] : kMetrics) {
    if (name == known) {
      return metric;
    }
  }
  throw std::runtime_error("no such metric: " + name);
}

std::string name_of(Metric metric) {
  for (const auto& [name, known] : kMetrics) {
    if (metric == known) {
      return name;
    }
  }
  return "";
}

Dataset load_dataset(const std::filesystem::path& folder, Metric metric, std::size_t base_rows_max,
                     std::size_t query_rows_max) {
  Dataset set;
  set.name = folder.filename().string();
  set.metric = metric;
  set.base = read_vectors(folder, "base", base_rows_max);
  set.query = read_vectors(folder, "query", query_rows_max);
  if (set.base.row_count() == 0 || set.query.row_count() == 0 ||
      set.base.dim() != set.query.dim()) {
    throw std::runtime_error(folder.string() + ": base and query do not fit together");
  }
  const std::filesystem::path truth = folder / "groundtruth.ivecs";
  const bool whole = base_rows_max == 0 || set.base.row_count() < base_rows_max;
  set.nearest = whole && std::filesystem::exists(truth)
                    ? read_nearest(truth)
                    : compute_nearest(metric, set.base, set.query, kNearestCount);
  if (set.nearest.size() < set.query.row_count()) {
    throw std::runtime_error(truth.string() + " has fewer rows than there are queries");
  }
  return set;
}

std::size_t hit_count(const Dataset& set, std::size_t query, std::span<const std::int32_t> found,
                      std::size_t k) {
  const auto distance = [&](std::int32_t id) {
    return exact_distance(set.metric, set.query.row(query),
                          set.base.row(static_cast<std::size_t>(id)));
  };
  const std::vector<std::int32_t>& nearest = set.nearest[query];
  double limit = std::numeric_limits<double>::infinity();
  if (nearest.size() >= k) {
    const double bound = distance(nearest[k - 1]);
    limit = bound + kTieTolerance * std::max(1.0, std::abs(bound));
  }
  const std::set<std::int32_t> distinct(found.begin(), found.end());
  return static_cast<std::size_t>(std::count_if(
      distinct.begin(), distinct.end(), [&](std::int32_t id) { return distance(id) <= limit; }));
}

double local_dimension(const Dataset& set) {
  std::vector<double> estimates;
  for (std::size_t query = 0; query < set.query.row_count(); ++query) {
    std::vector<double> distances;
    for (const std::int32_t id : set.nearest[query]) {
      const auto row = set.base.row(static_cast<std::size_t>(id));
      const double distance = exact_distance(set.metric, set.query.row(query), row);
      // Cosine distance is half the square of a distance.
      distances.push_back(set.metric == Metric::Cosine ? std::sqrt(std::max(distance, 0.0))
                                                       : distance);
    }
    double sum = 0;
    std::size_t count = 0;
    for (const double distance : distances) {
      if (distance > 0 && distance < distances.back()) {
        sum += std::log(distances.back() / distance);
        ++count;
      }
    }
    if (sum > 0) {
      estimates.push_back(static_cast<double>(count) / sum);
    }
  }
  if (estimates.empty()) {
    return 0;
  }
  const auto middle = estimates.begin() + static_cast<std::ptrdiff_t>(estimates.size() / 2);
  std::nth_element(estimates.begin(), middle, estimates.end());
  return *middle;
}

}  // namespace omen::bench
