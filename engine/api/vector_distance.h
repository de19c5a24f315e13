#pragma once

#include <span>

/// Exact distances, as SQL returns them: float32 accumulation, final root in float64, NaN for
/// cosine
/// with a zero vector. Arguments have equal length, checked by the caller. Dispatch by CPU
/// (engine/kernels). Thread-safe, no allocation.
namespace omen::engine {

double l2_distance(std::span<const float> a, std::span<const float> b);
double l2_squared_distance(std::span<const float> a, std::span<const float> b);
double inner_product(std::span<const float> a, std::span<const float> b);
double cosine_distance(std::span<const float> a, std::span<const float> b);
double l1_distance(std::span<const float> a, std::span<const float> b);

}  // namespace omen::engine
