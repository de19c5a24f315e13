#pragma once

#include <cstdint>
#include <span>

#include "engine/kernels/half.h"

/// Exact distances, as SQL returns them: float32 accumulation (overflow gives infinity), final root
/// in float64, NaN for cosine with a zero vector. Arguments have equal length (sparse: equal
/// dimensions), checked by the caller. Dispatch by CPU (engine/kernels). Thread-safe, no
/// allocation.
namespace omen::engine {

/// The elements of a sparse vector that are not zero, indices ascending; lists are borrowed and of
/// equal length.
struct SparseView {
  std::span<const std::int32_t> indices;
  std::span<const float> values;
};

/// A bit string's bytes, bits beyond its end zero.
using BitBytes = std::span<const unsigned char>;

double l2_distance(std::span<const float> a, std::span<const float> b);
double l2_squared_distance(std::span<const float> a, std::span<const float> b);
double inner_product(std::span<const float> a, std::span<const float> b);
double cosine_distance(std::span<const float> a, std::span<const float> b);
double l1_distance(std::span<const float> a, std::span<const float> b);

double l2_distance(std::span<const Half> a, std::span<const Half> b);
double l2_squared_distance(std::span<const Half> a, std::span<const Half> b);
double inner_product(std::span<const Half> a, std::span<const Half> b);
double cosine_distance(std::span<const Half> a, std::span<const Half> b);
double l1_distance(std::span<const Half> a, std::span<const Half> b);

double l2_distance(const SparseView& a, const SparseView& b);
double l2_squared_distance(const SparseView& a, const SparseView& b);
double inner_product(const SparseView& a, const SparseView& b);
double cosine_distance(const SparseView& a, const SparseView& b);
double l1_distance(const SparseView& a, const SparseView& b);

/// Number of bits that differ.
double hamming_distance(BitBytes a, BitBytes b);
/// 1 - |a and b| / |a or b|; 1 if no bit is set in both.
double jaccard_distance(BitBytes a, BitBytes b);

}  // namespace omen::engine
