#include "engine/api/vector_distance.h"

#include <cmath>

#include "engine/kernels/kernels.h"

namespace omen::engine {

double l2_distance(std::span<const float> a, std::span<const float> b) {
  return std::sqrt(l2_squared_distance(a, b));
}

double l2_squared_distance(std::span<const float> a, std::span<const float> b) {
  return kernels().l2_squared(a.data(), b.data(), a.size());
}

double inner_product(std::span<const float> a, std::span<const float> b) {
  return kernels().inner_product(a.data(), b.data(), a.size());
}

double cosine_distance(std::span<const float> a, std::span<const float> b) {
  CosineParts parts;
  kernels().cosine(a.data(), b.data(), a.size(), &parts);
  const double similarity = parts.product / std::sqrt(static_cast<double>(parts.norm_a) *
                                                      static_cast<double>(parts.norm_b));
  // NaN passes through: neither comparison holds.
  if (similarity > 1) {
    return 0;
  }
  return similarity < -1 ? 2 : 1 - similarity;
}

double l1_distance(std::span<const float> a, std::span<const float> b) {
  return kernels().l1(a.data(), b.data(), a.size());
}

}  // namespace omen::engine
