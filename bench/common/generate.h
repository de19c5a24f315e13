#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "bench/common/dataset.h"

namespace omen::bench {

/// Vectors like embeddings: clusters of power-law sizes and of different widths, centres and what
/// is around them with spectra that fall by a power law, a mean common to all, axes rotated at
/// random. Queries come from the same mixture, and are not rows.
struct GeneratedShape {
  std::size_t row_count = 0;
  std::size_t dim = 0;
  std::size_t query_count = 1000;
  std::uint64_t seed = 1;
  bool normalize = true;
};

/// "200000x1536" or "200k x 1536", "1m x 128"; throws std::runtime_error.
GeneratedShape shape_of(const std::string& text);
std::string name_of(const GeneratedShape& shape);

/// Makes the set on every processor and keeps it in `cache` with its true answers; the second time
/// it is read from there. The same shape gives the same set on every machine with the same
/// arithmetic. Throws std::runtime_error.
Dataset generated_dataset(const std::filesystem::path& cache, const GeneratedShape& shape,
                          Metric metric);

}  // namespace omen::bench
