#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bench/common/vectors.h"
#include "engine/api/catalog.h"

/// Exact search: what approximate answers are judged by.
namespace omen::bench {

using engine::Metric;

/// The distance of the metric's SQL operator, in double precision.
double exact_distance(Metric metric, std::span<const float> a, std::span<const float> b);

/// The `count` nearest rows of every query (all rows if there are fewer), by comparing each with
/// each on every processor; only rows with `is_member` true if it is not empty.
Nearest compute_nearest(Metric metric, const Vectors& base, const Vectors& queries,
                        std::size_t count, const std::vector<bool>& is_member = {});

}  // namespace omen::bench
