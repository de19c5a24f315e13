#include "bench/common/nearest.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <thread>
#include <utility>

#include "engine/kernels/kernels.h"
#include "engine/vector/parallel.h"

namespace omen::bench {
namespace {

/// Rows compared with every query of a thread before the next ones: they stay in its cache.
constexpr std::size_t kBlockBytes = 128 * 1024;
/// Kept by float32 distance beyond what is asked, then ordered in double.
constexpr std::size_t kSlack = 16;

using Found = std::pair<float, std::int32_t>;

/// Keeps the `count` smallest of what is offered.
class Nearby {
 public:
  explicit Nearby(std::size_t count) : count_(count) {}
  void offer(float distance, std::int32_t id) {
    if (heap_.size() == count_) {
      if (distance >= heap_.front().first) {
        return;
      }
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    heap_.emplace_back(distance, id);
    std::push_heap(heap_.begin(), heap_.end());
  }
  [[nodiscard]] const std::vector<Found>& found() const { return heap_; }

 private:
  std::size_t count_;
  std::vector<Found> heap_;
};

/// A distance in the metric's order, cheap: cosine of a normalised query.
float rank(Metric metric, std::span<const float> query, std::span<const float> row,
           float inverse_norm) {
  const engine::Kernels& kernels = engine::kernels();
  switch (metric) {
    case Metric::L2:
      return kernels.l2_squared(query.data(), row.data(), row.size());
    case Metric::InnerProduct:
      return -kernels.inner_product(query.data(), row.data(), row.size());
    case Metric::Cosine:
      return -kernels.inner_product(query.data(), row.data(), row.size()) * inverse_norm;
    case Metric::L1:
      return kernels.l1(query.data(), row.data(), row.size());
    case Metric::Hamming:
    case Metric::Jaccard:
      break;
  }
  throw std::invalid_argument("vectors of floats have no distance of bits");
}

float inverse_norm(std::span<const float> row) {
  const float squares = engine::kernels().inner_product(row.data(), row.data(), row.size());
  return squares > 0 ? 1 / std::sqrt(squares) : 0;
}

std::vector<std::int32_t> in_exact_order(Metric metric, const Vectors& base,
                                         std::span<const float> query,
                                         const std::vector<Found>& found, std::size_t count) {
  std::vector<std::pair<double, std::int32_t>> ordered;
  for (const Found& one : found) {
    const auto row = base.row(static_cast<std::size_t>(one.second));
    ordered.emplace_back(exact_distance(metric, query, row), one.second);
  }
  std::sort(ordered.begin(), ordered.end());
  ordered.resize(std::min(count, ordered.size()));
  std::vector<std::int32_t> ids;
  for (const auto& [distance, id] : ordered) {
    ids.push_back(id);
  }
  return ids;
}

}  // namespace

double exact_distance(Metric metric, std::span<const float> a, std::span<const float> b) {
  double squares = 0;
  double product = 0;
  double norm_a = 0;
  double norm_b = 0;
  double differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    squares += (x - y) * (x - y);
    product += x * y;
    norm_a += x * x;
    norm_b += y * y;
    differences += std::abs(x - y);
  }
  switch (metric) {
    case Metric::L2:
      return std::sqrt(squares);
    case Metric::InnerProduct:
      return -product;
    case Metric::Cosine:
      return 1 - product / std::sqrt(norm_a * norm_b);
    case Metric::L1:
      return differences;
    case Metric::Hamming:
    case Metric::Jaccard:
      break;
  }
  throw std::invalid_argument("vectors of floats have no distance of bits");
}

Nearest compute_nearest(Metric metric, const Vectors& base, const Vectors& queries,
                        std::size_t count, const std::vector<bool>& is_member) {
  const Vectors compared = metric == Metric::Cosine ? queries.normalized() : queries;
  const std::size_t block = std::max<std::size_t>(1, kBlockBytes / (base.dim() * sizeof(float)));
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  const auto query_count = static_cast<std::uint32_t>(queries.row_count());
  const std::uint32_t share = std::max(1U, (query_count + threads - 1) / threads);
  Nearest nearest(query_count);
  engine::for_ranges(
      0, query_count, share, threads, [&](std::uint32_t begin, std::uint32_t end, unsigned) {
        std::vector<Nearby> best(end - begin, Nearby(count + kSlack));
        std::vector<std::size_t> rows;
        std::vector<float> norms;
        for (std::size_t from = 0; from < base.row_count(); from += block) {
          rows.clear();
          norms.clear();
          for (std::size_t i = from; i < std::min(from + block, base.row_count()); ++i) {
            if (is_member.empty() || is_member[i]) {
              rows.push_back(i);
              norms.push_back(metric == Metric::Cosine ? inverse_norm(base.row(i)) : 1);
            }
          }
          for (std::uint32_t query = begin; query < end; ++query) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
              best[query - begin].offer(
                  rank(metric, compared.row(query), base.row(rows[i]), norms[i]),
                  static_cast<std::int32_t>(rows[i]));
            }
          }
        }
        for (std::uint32_t query = begin; query < end; ++query) {
          nearest[query] =
              in_exact_order(metric, base, queries.row(query), best[query - begin].found(), count);
        }
        return true;
      });
  return nearest;
}

}  // namespace omen::bench
