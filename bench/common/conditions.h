#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/common/dataset.h"

/// Rows in an order, and rows that a condition is true for.
namespace omen::bench {

/// Row numbers 0 to `count`, in an order that is the same every time.
std::vector<std::int32_t> shuffled_rows(std::size_t count);

/// `count` rows that a condition is true for: any at random, or those around one row, far from most
/// queries.
std::vector<std::int32_t> random_rows(const Dataset& set, std::size_t count);
std::vector<std::int32_t> clustered_rows(const Dataset& set, std::size_t count);

}  // namespace omen::bench
