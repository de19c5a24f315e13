#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

/// The vector benchmark: the same SQL against one or two servers, side by side.
namespace omen::bench {

/// `row_count()` vectors of `dim` floats, row-major.
struct Vectors {
  std::size_t dim = 0;
  std::vector<float> values;
  [[nodiscard]] std::size_t row_count() const { return dim == 0 ? 0 : values.size() / dim; }
  [[nodiscard]] std::span<const float> row(std::size_t index) const {
    return {values.data() + index * dim, dim};
  }
};

enum class Metric { L2, Cosine };

/// A folder with base.*, query.* and groundtruth.ivecs.
struct Dataset {
  std::string name;
  Vectors base, query;
  /// Of every query: ids of its nearest base rows, nearest first.
  std::vector<std::vector<std::int32_t>> nearest;
};

/// Reads `folder`/{base,query}.{fvecs,bvecs,hvecs}[.gz] and groundtruth.ivecs; all little-endian,
/// each row led by an int32 count. `base_rows_max` 0: all rows; fewer rows make the ground truth
/// wrong, so it is then computed here. Throws std::runtime_error.
Dataset load_dataset(const std::filesystem::path& folder, Metric metric, std::size_t base_rows_max,
                     std::size_t query_rows_max);

/// L2 or cosine distance in double precision: what recall is judged by.
double exact_distance(std::span<const float> a, std::span<const float> b, Metric metric);

}  // namespace omen::bench
