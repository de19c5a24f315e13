#include "engine/vector/rotation.h"

#include <bit>
#include <cmath>

#include "engine/kernels/kernels.h"

namespace omen::engine {
namespace {

constexpr std::size_t kRounds = 3;
constexpr std::size_t kUnit = 64;

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31);
}

}  // namespace

Rotation::Rotation(std::size_t dimensions, std::uint64_t seed)
    : dimensions_(dimensions), padded_((dimensions + kUnit - 1) / kUnit * kUnit) {
  while (transform_ * 2 <= padded_) {
    transform_ *= 2;
  }
  signs_.resize(kRounds * padded_);
  for (std::uint32_t& sign : signs_) {
    sign = static_cast<std::uint32_t>(next_random(seed) >> 63) << 31;
  }
}

void Rotation::apply(std::span<const float> values, std::span<const float> mean, float* out) const {
  if (mean.empty()) {
    for (std::size_t i = 0; i < dimensions_; ++i) {
      out[i] = values[i];
    }
  } else {
    for (std::size_t i = 0; i < dimensions_; ++i) {
      out[i] = values[i] - mean[i];
    }
  }
  for (std::size_t i = dimensions_; i < padded_; ++i) {
    out[i] = 0;
  }
  const float scale = 1 / std::sqrt(static_cast<float>(transform_));
  for (std::size_t round = 0; round < kRounds; ++round) {
    const std::uint32_t* signs = signs_.data() + round * padded_;
    for (std::size_t i = 0; i < padded_; ++i) {
      out[i] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(out[i]) ^ signs[i]);
    }
    kernels().hadamard(out, transform_, scale);
    if (transform_ != padded_) {
      kernels().hadamard(out + padded_ - transform_, transform_, scale);
    }
  }
}

}  // namespace omen::engine
