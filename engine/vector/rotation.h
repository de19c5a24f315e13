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

  /// Turns `padded()` elements in place; those beyond `dimensions` are zero.
  void apply(float* values) const;

  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
  /// `dimensions` rounded up to a multiple of 64.
  [[nodiscard]] std::size_t padded() const { return padded_; }

 private:
  std::size_t dimensions_;
  std::size_t padded_;
  std::size_t transform_ = 64;  ///< largest power of two within padded_
  /// Signs times 1 / sqrt(transform_), for each round transform_ elements of the first transform
  /// and, if there is one, of the last, whose overlap with the first is not flipped again.
  std::vector<float> factors_;
};

}  // namespace omen::engine
