#include "engine/kernels/half.h"

#include "engine/kernels/kernels.h"

namespace omen::engine {

float to_float(Half value) {
  float wide = 0;
  kScalarKernels.widen(&value, 1, &wide);
  return wide;
}

Half to_half(float value) {
  Half narrow;
  kScalarKernels.narrow(&value, 1, &narrow);
  return narrow;
}

}  // namespace omen::engine
