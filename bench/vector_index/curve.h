#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "bench/vector_index/engine.h"

namespace omen::bench {

constexpr std::size_t kNeighbourCount = 10;

/// What one width of search achieved, the best of the rounds. Rates are queries a second.
struct CurvePoint {
  std::size_t ef = 0;
  double recall = 0;
  double rate = 0;                            ///< of one thread's CPU time
  double rate_two = 0;                        ///< of two threads, by the clock on the wall
  double rate_two_cpu = 0;                    ///< of two threads, each by its CPU time
  double p50_us = 0, p95_us = 0, p99_us = 0;  ///< CPU time of single queries on one thread
};

/// Measures one engine over widths of search. The first search of each width gives the recall and
/// warms up; rounds then time it.
class Curve {
 public:
  Curve(Engine& engine, const Dataset& set) : engine_(engine), set_(set) {}

  /// Takes the widths on until one finds all but `1 - kRecallEnough` of the neighbours.
  void probe(const std::vector<std::size_t>& efs);
  void run_round();
  [[nodiscard]] const std::vector<CurvePoint>& points() const { return points_; }

 private:
  void run_alone(CurvePoint& point, std::size_t repeats);
  void run_latencies(CurvePoint& point);
  void run_two(CurvePoint& point, std::size_t repeats);
  [[nodiscard]] std::size_t repeats_of(const CurvePoint& point) const;

  Engine& engine_;
  const Dataset& set_;
  std::vector<CurvePoint> points_;
  std::vector<double> rough_rates_;
};

/// Where a curve reaches a recall: between the two points around it, rates and latencies by their
/// logarithm. `at_least`: the narrowest search already finds more, so a rate may be understated.
struct AtRecall {
  double recall = 0;
  bool at_least = false;
  CurvePoint point;
};
std::optional<AtRecall> at_recall(const std::vector<CurvePoint>& points, double recall);

}  // namespace omen::bench
