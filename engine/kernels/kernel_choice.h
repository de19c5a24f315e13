#pragma once

#include "engine/base/status.h"

namespace omen::engine {

/// InvalidArgument, naming the tables this CPU has, if OMEN_SIMD is set to something else. Call it
/// before other threads could change the environment; see kernels().
Status check_kernel_choice();

}  // namespace omen::engine
