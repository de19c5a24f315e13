#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/api/catalog.h"

namespace omen::bench {

/// Rows of floats, one after another.
struct Matrix {
  std::size_t count = 0;
  std::size_t dimensions = 0;
  std::vector<float> values;
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return {values.data() + i * dimensions, dimensions};
  }
};

struct DataSet {
  Matrix base;
  Matrix queries;
  std::vector<double> radius;  ///< distance of the k-th nearest row of each query
};

/// Reads base.*, query.* and groundtruth.ivecs of `directory`; the first `limit` rows (0: all, else
/// the truth is computed). The truth in the file counts for L2 and cosine, by distance.
DataSet load(const std::string& directory, engine::Metric metric, std::size_t limit, std::size_t k);

/// Prints and exits.
[[noreturn]] void fail(const std::string& message);

}  // namespace omen::bench
