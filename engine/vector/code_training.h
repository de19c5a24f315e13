#pragma once

#include <cstdint>
#include <vector>

#include "engine/vector/code_space.h"

namespace omen::engine {

/// Learns the parameters of an index's codes from a sample of its values.
class CodeTraining {
 public:
  explicit CodeTraining(const VectorIndexOptions& options);

  /// Takes a value that is not zero under cosine; passes over those that are not finite.
  void add(const VectorValue& value);
  /// `row_count` slots there are in all.
  [[nodiscard]] CodeParameters finish(std::uint64_t seed, std::uint32_t row_count) const;

 private:
  [[nodiscard]] float reach(const std::vector<float>& mean) const;

  const VectorIndexOptions options_;
  const CodeShape shape_;
  std::uint32_t count_ = 0;
  std::vector<double> sums_;     ///< by element
  std::vector<float> norms_;     ///< inner product: squared
  std::vector<double> squares_;  ///< L1: sums of squares by element
  std::vector<float> lows_;      ///< L1
  std::vector<float> highs_;
  std::vector<float> scratch_;
};

}  // namespace omen::engine
