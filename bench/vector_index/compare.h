#pragma once

#include "bench/vector_index/report.h"

namespace omen::bench {

/// Builds every engine and measures its curve, engines taking turns if all fit into memory.
Report compare(const Options& options, const Dataset& set);

}  // namespace omen::bench
