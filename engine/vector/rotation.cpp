#include "engine/vector/rotation.h"

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
  const float scale = 1 / std::sqrt(static_cast<float>(transform_));
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < padded_; ++i) {
      if (i == transform_) {
        factors_.insert(factors_.end(), 2 * transform_ - padded_, scale);
      }
      factors_.push_back(next_random(seed) >> 63 != 0 ? -scale : scale);
    }
  }
}

void Rotation::apply(float* values) const {
  const float* factors = factors_.data();
  for (std::size_t round = 0; round < kRounds; ++round) {
    kernels().hadamard(values, factors, transform_);
    factors += transform_;
    if (transform_ != padded_) {
      kernels().hadamard(values + padded_ - transform_, factors, transform_);
      factors += transform_;
    }
  }
}

}  // namespace omen::engine
