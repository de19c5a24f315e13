#pragma once

#include <cstddef>
#include <span>

#include "engine/api/catalog.h"
#include "engine/api/vector_distance.h"

namespace omen::engine {

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

}  // namespace omen::engine
