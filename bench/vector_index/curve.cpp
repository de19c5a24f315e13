#include "bench/vector_index/curve.h"

#include <algorithm>
#include <barrier>
#include <cmath>
#include <thread>

#include "bench/common/machine.h"

namespace omen::bench {
namespace {

/// A pass shorter than this is repeated: clocks and caches need some length.
constexpr double kPassSecondsMin = 0.05;
constexpr double kRecallEnough = 0.9995;
constexpr unsigned kThreads = 2;

double percentile(std::vector<double>& values, double fraction) {
  const auto place = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size()));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

double between(double a, double b, double share) {
  return a <= 0 || b <= 0 ? 0 : std::exp(std::log(a) * (1 - share) + std::log(b) * share);
}

}  // namespace

void Curve::probe(const std::vector<std::size_t>& efs) {
  const std::size_t query_count = set_.query.row_count();
  std::vector<std::int32_t> ids(query_count * kNeighbourCount);
  for (const std::size_t ef : efs) {
    if ((ef == 0 && !engine_.has_default()) || (ef != 0 && ef < kNeighbourCount)) {
      continue;
    }
    engine_.set_ef(ef);
    const double start = thread_cpu_seconds();
    engine_.search(0, query_count, kNeighbourCount, ids.data());
    const double seconds = thread_cpu_seconds() - start;
    std::size_t hits = 0;
    for (std::size_t query = 0; query < query_count; ++query) {
      const auto first = ids.begin() + static_cast<std::ptrdiff_t>(query * kNeighbourCount);
      const auto end = std::find(first, first + kNeighbourCount, -1);
      hits += hit_count(set_, query, {first, end}, kNeighbourCount);
    }
    CurvePoint point;
    point.ef = ef;
    point.recall = static_cast<double>(hits) / static_cast<double>(query_count * kNeighbourCount);
    points_.push_back(point);
    rough_rates_.push_back(static_cast<double>(query_count) / seconds);
    if (ef != 0 && point.recall >= kRecallEnough) {
      break;
    }
  }
}

std::size_t Curve::repeats_of(const CurvePoint& point) const {
  const auto index = static_cast<std::size_t>(&point - points_.data());
  const double seconds = static_cast<double>(set_.query.row_count()) / rough_rates_[index];
  return static_cast<std::size_t>(std::ceil(std::max(1.0, kPassSecondsMin / seconds)));
}

void Curve::run_round() {
  for (CurvePoint& point : points_) {
    engine_.set_ef(point.ef);
    const std::size_t repeats = repeats_of(point);
    run_alone(point, repeats);
    run_two(point, repeats);
    run_latencies(point);
  }
}

void Curve::run_alone(CurvePoint& point, std::size_t repeats) {
  const std::size_t query_count = set_.query.row_count();
  std::vector<std::int32_t> ids(query_count * kNeighbourCount);
  for (std::size_t i = 0; i < repeats; ++i) {
    const double start = thread_cpu_seconds();
    engine_.search(0, query_count, kNeighbourCount, ids.data());
    const double seconds = thread_cpu_seconds() - start;
    point.rate = std::max(point.rate, static_cast<double>(query_count) / seconds);
  }
}

void Curve::run_latencies(CurvePoint& point) {
  std::int32_t ids[kNeighbourCount];
  std::vector<double> seconds;
  for (std::size_t query = 0; query < set_.query.row_count(); ++query) {
    const double start = thread_cpu_seconds();
    engine_.search(query, 1, kNeighbourCount, ids);
    seconds.push_back(thread_cpu_seconds() - start);
  }
  const double p95 = percentile(seconds, 0.95) * 1e6;
  if (point.p95_us == 0 || p95 < point.p95_us) {
    point.p50_us = percentile(seconds, 0.50) * 1e6;
    point.p95_us = p95;
    point.p99_us = percentile(seconds, 0.99) * 1e6;
  }
}

/// Each thread answers its half of the queries.
void Curve::run_two(CurvePoint& point, std::size_t repeats) {
  const std::size_t half = std::max<std::size_t>(1, set_.query.row_count() / kThreads);
  double cpu[kThreads] = {};
  double start = 0;
  std::barrier ready(kThreads, [&start]() noexcept { start = wall_seconds(); });
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<std::int32_t> ids(half * kNeighbourCount);
      const std::size_t first = half * thread % set_.query.row_count();
      engine_.search(first, 1, kNeighbourCount, ids.data());
      ready.arrive_and_wait();
      const double before = thread_cpu_seconds();
      for (std::size_t i = 0; i < repeats; ++i) {
        engine_.search(first, half, kNeighbourCount, ids.data());
      }
      cpu[thread] = thread_cpu_seconds() - before;
    });
  }
  threads.clear();
  const auto each = static_cast<double>(half * repeats);
  point.rate_two = std::max(point.rate_two, kThreads * each / (wall_seconds() - start));
  point.rate_two_cpu = std::max(point.rate_two_cpu, each / cpu[0] + each / cpu[1]);
}

std::optional<AtRecall> at_recall(const std::vector<CurvePoint>& points, double recall) {
  // Only points that no other one beats in both.
  std::vector<CurvePoint> front;
  for (const CurvePoint& point : points) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const CurvePoint& other) {
      return other.recall >= point.recall && other.rate > point.rate;
    });
    if (point.ef != 0 && !beaten) {
      front.push_back(point);
    }
  }
  std::sort(front.begin(), front.end(),
            [](const CurvePoint& a, const CurvePoint& b) { return a.recall < b.recall; });
  const auto above = std::find_if(front.begin(), front.end(),
                                  [&](const CurvePoint& point) { return point.recall >= recall; });
  if (above == front.end()) {
    return std::nullopt;
  }
  if (above == front.begin()) {
    return AtRecall{recall, above->recall > recall, *above};
  }
  const CurvePoint& low = *(above - 1);
  const double share = (recall - low.recall) / (above->recall - low.recall);
  CurvePoint point;
  point.ef = above->ef;
  point.recall = recall;
  point.rate = between(low.rate, above->rate, share);
  point.rate_two = between(low.rate_two, above->rate_two, share);
  point.rate_two_cpu = between(low.rate_two_cpu, above->rate_two_cpu, share);
  point.p50_us = between(low.p50_us, above->p50_us, share);
  point.p95_us = between(low.p95_us, above->p95_us, share);
  point.p99_us = between(low.p99_us, above->p99_us, share);
  return AtRecall{recall, false, point};
}

}  // namespace omen::bench
