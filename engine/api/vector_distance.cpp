#include "engine/api/vector_distance.h"

#include <cmath>

#include "engine/kernels/kernels.h"

namespace omen::engine {
namespace {

double cosine_of(const CosineParts& parts) {
  const double similarity = parts.product / std::sqrt(static_cast<double>(parts.norm_a) *
                                                      static_cast<double>(parts.norm_b));
  // NaN passes through: neither comparison holds.
  if (similarity > 1) {
    return 0;
  }
  return similarity < -1 ? 2 : 1 - similarity;
}

SparseList list_of(const SparseView& view) {
  return {view.indices.data(), view.values.data(), view.indices.size()};
}

}  // namespace

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
  return cosine_of(parts);
}

double l1_distance(std::span<const float> a, std::span<const float> b) {
  return kernels().l1(a.data(), b.data(), a.size());
}

double l2_distance(std::span<const Half> a, std::span<const Half> b) {
  return std::sqrt(l2_squared_distance(a, b));
}

double l2_squared_distance(std::span<const Half> a, std::span<const Half> b) {
  return kernels().half_l2_squared(a.data(), b.data(), a.size());
}

double inner_product(std::span<const Half> a, std::span<const Half> b) {
  return kernels().half_inner_product(a.data(), b.data(), a.size());
}

double cosine_distance(std::span<const Half> a, std::span<const Half> b) {
  CosineParts parts;
  kernels().half_cosine(a.data(), b.data(), a.size(), &parts);
  return cosine_of(parts);
}

double l1_distance(std::span<const Half> a, std::span<const Half> b) {
  return kernels().half_l1(a.data(), b.data(), a.size());
}

double l2_distance(const SparseView& a, const SparseView& b) {
  return std::sqrt(l2_squared_distance(a, b));
}

double l2_squared_distance(const SparseView& a, const SparseView& b) {
  return kernels().sparse_l2_squared(list_of(a), list_of(b));
}

double inner_product(const SparseView& a, const SparseView& b) {
  return kernels().sparse_inner_product(list_of(a), list_of(b));
}

double cosine_distance(const SparseView& a, const SparseView& b) {
  const auto norm = [](const SparseView& view) {
    return kernels().inner_product(view.values.data(), view.values.data(), view.values.size());
  };
  return cosine_of({kernels().sparse_inner_product(list_of(a), list_of(b)), norm(a), norm(b)});
}

double l1_distance(const SparseView& a, const SparseView& b) {
  return kernels().sparse_l1(list_of(a), list_of(b));
}

double hamming_distance(BitBytes a, BitBytes b) {
  return static_cast<double>(kernels().hamming(a.data(), b.data(), a.size()));
}

double jaccard_distance(BitBytes a, BitBytes b) {
  BitCounts counts;
  kernels().count_bits(a.data(), b.data(), a.size(), &counts);
  return counts.both == 0 ? 1
                          : 1 - static_cast<double>(counts.both) /
                                    static_cast<double>(counts.a + counts.b - counts.both);
}

}  // namespace omen::engine
