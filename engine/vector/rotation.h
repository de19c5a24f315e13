#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace omen::engine {

/// A fixed random orthogonal map: three rounds of sign flips followed by Walsh-Hadamard transforms
/// of the first and of the last 2^k <= padded elements. Spreads what a vector holds evenly over its
/// elements, without which sign codes lose recall on data of ordered variance.
///
/// **Threads:** immutable.
/// Ref: Ailon and Chazelle, "The fast Johnson-Lindenstrauss transform", 2009.
class Rotation {
 public:
  /// The same seed gives the same map on every machine: it is part of the file format.
  Rotation(std::size_t dimensions, std::uint64_t seed);

  /// out = R(values - mean) with `padded()` elements; `mean` may be empty (zero).
  void apply(std::span<const float> values, std::span<const float> mean, float* out) const;

  /// `dimensions` rounded up to a multiple of 64.
  [[nodiscard]] std::size_t padded() const { return padded_; }

 private:
  std::size_t dimensions_;
  std::size_t padded_;
  std::size_t transform_ = 64;        ///< largest power of two within padded_
  std::vector<std::uint32_t> signs_;  ///< 0 or 2^31, padded_ a round
};

}  // namespace omen::engine
