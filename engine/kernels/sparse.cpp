#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"

/// Sparse vectors, for every CPU: merging two lists is bound by its chain of comparisons.
namespace omen::engine {
namespace {

/// Sums term(x, y) over all indices that either list holds. Which list the next index comes from is
/// anybody's guess: no branch.
template <typename Term>
float merge(const SparseList& a, const SparseList& b, Term term) {
  float sum = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.count && j < b.count) {
    const std::int32_t index_a = a.indices[i];
    const std::int32_t index_b = b.indices[j];
    const float x = index_a <= index_b ? a.values[i] : 0.0F;
    const float y = index_b <= index_a ? b.values[j] : 0.0F;
    sum += term(x, y);
    i += static_cast<std::size_t>(index_a <= index_b);
    j += static_cast<std::size_t>(index_b <= index_a);
  }
  for (; i < a.count; ++i) {
    sum += term(a.values[i], 0.0F);
  }
  for (; j < b.count; ++j) {
    sum += term(0.0F, b.values[j]);
  }
  return sum;
}

float sparse_l2_squared(const SparseList& a, const SparseList& b) {
  return merge(a, b, [](float x, float y) { return (x - y) * (x - y); });
}

/// Terms of one list alone are left out: an infinity times nothing is nothing.
float sparse_inner_product(const SparseList& a, const SparseList& b) {
  float sum = 0;
  for (std::size_t i = 0, j = 0; i < a.count && j < b.count;) {
    const std::int32_t index_a = a.indices[i];
    const std::int32_t index_b = b.indices[j];
    sum += index_a == index_b ? a.values[i] * b.values[j] : 0.0F;
    i += static_cast<std::size_t>(index_a <= index_b);
    j += static_cast<std::size_t>(index_b <= index_a);
  }
  return sum;
}

float sparse_l1(const SparseList& a, const SparseList& b) {
  return merge(a, b, [](float x, float y) { return __builtin_fabsf(x - y); });
}

}  // namespace

const Kernels kSparseKernels = {
    .sparse_l2_squared = sparse_l2_squared,
    .sparse_inner_product = sparse_inner_product,
    .sparse_l1 = sparse_l1,
};

}  // namespace omen::engine
