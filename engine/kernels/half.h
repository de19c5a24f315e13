#pragma once

#include <cstdint>

namespace omen::engine {

/// An IEEE 754 binary16 number, as halfvec stores it.
struct Half {
  std::uint16_t bits = 0;
  friend bool operator==(const Half&, const Half&) = default;  ///< of the bits: -0 is not 0
};

/// Exact.
float to_float(Half value);
/// To nearest, ties to even; what is too large becomes an infinity.
Half to_half(float value);

}  // namespace omen::engine
