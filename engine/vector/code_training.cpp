#include "engine/vector/code_training.h"

#include <algorithm>
#include <cmath>

#include "engine/vector/element.h"

namespace omen::engine {
namespace {

constexpr double kReachDeviations = 6;  // farther outliers would cost all others their resolution

}  // namespace

CodeTraining::CodeTraining(const VectorIndexOptions& options)
    : options_(options), shape_(CodeShape::of(options)), sums_(shape_.space_dimensions) {
  if (shape_.kind == CodeShape::Kind::Taxicab) {
    squares_.resize(shape_.space_dimensions);
    lows_.assign(shape_.space_dimensions, HUGE_VALF);
    highs_.assign(shape_.space_dimensions, -HUGE_VALF);
  }
}

void CodeTraining::add(const VectorValue& value) {
  if (shape_.kind == CodeShape::Kind::BitString) {
    return;
  }
  const float norm = squared_norm(options_, value);
  if (!std::isfinite(norm)) {
    return;
  }
  if (options_.metric == Metric::InnerProduct) {
    norms_.push_back(norm);
  }
  ++count_;
  if (shape_.kind == CodeShape::Kind::Sparse) {
    return;
  }
  const float* values = dense(options_, value, scratch_);
  const double scale =
      options_.metric == Metric::Cosine ? 1 / std::sqrt(static_cast<double>(norm)) : 1.0;
  for (std::size_t i = 0; i < shape_.input_dimensions; ++i) {
    sums_[i] += scale * static_cast<double>(values[i]);
  }
  for (std::size_t i = 0; i < squares_.size(); ++i) {
    squares_[i] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    lows_[i] = std::min(lows_[i], values[i]);
    highs_[i] = std::max(highs_[i], values[i]);
  }
}

CodeParameters CodeTraining::finish(std::uint64_t seed, std::uint32_t row_count) const {
  CodeParameters parameters;
  parameters.seed = seed;
  parameters.row_count = row_count;
  parameters.mean.assign(shape_.space_dimensions, 0.0F);
  if (count_ == 0 || shape_.kind == CodeShape::Kind::Floats ||
      shape_.kind == CodeShape::Kind::Sparse) {
    // Vectors themselves need no mean, but inner product its largest norm.
    if (!norms_.empty()) {
      parameters.norm_max = std::sqrt(*std::max_element(norms_.begin(), norms_.end()));
    }
    return parameters;
  }
  for (std::size_t i = 0; i < shape_.input_dimensions; ++i) {
    parameters.mean[i] = static_cast<float>(sums_[i] / count_);
  }
  if (!norms_.empty()) {
    // The sample may miss the largest, which encoding allows for.
    parameters.norm_max = std::sqrt(*std::max_element(norms_.begin(), norms_.end()));
    const double square = static_cast<double>(parameters.norm_max) * parameters.norm_max;
    double rest = 0;
    for (const float norm : norms_) {
      rest += std::sqrt(std::max(square - static_cast<double>(norm), 0.0));
    }
    parameters.mean.back() = static_cast<float>(rest / count_);
  } else if (!squares_.empty()) {
    parameters.norm_max = reach(parameters.mean);
  }
  return parameters;
}

/// How far from the mean a byte must reach.
float CodeTraining::reach(const std::vector<float>& mean) const {
  double variance = 0;
  float farthest = 0;
  for (std::size_t i = 0; i < squares_.size(); ++i) {
    variance += squares_[i] / count_ - static_cast<double>(mean[i]) * static_cast<double>(mean[i]);
    farthest = std::max({farthest, highs_[i] - mean[i], mean[i] - lows_[i]});
  }
  const double deviation =
      std::sqrt(std::max(variance, 0.0) / static_cast<double>(squares_.size()));
  return std::min(farthest, static_cast<float>(kReachDeviations * deviation));
}

}  // namespace omen::engine
