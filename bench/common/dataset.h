#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "bench/common/nearest.h"
#include "bench/common/vectors.h"

namespace omen::bench {

/// Vectors to index, queries that are not among them, and the true answers.
struct Dataset {
  std::string name;
  Metric metric = Metric::L2;
  Vectors base, query;
  Nearest nearest;
};

/// Reads base.*, query.* (see read_vectors) and groundtruth.ivecs of `folder`. `base_rows_max` and
/// `query_rows_max` 0: all; fewer base rows make the ground truth wrong, so it is then computed, as
/// it is where there is none. Throws std::runtime_error.
Dataset load_dataset(const std::filesystem::path& folder, Metric metric, std::size_t base_rows_max,
                     std::size_t query_rows_max);

/// How many of the `found` rows are no farther from the query than its true k-th neighbour. Engines
/// compute in float32: distances that differ by less than 1e-6 are a tie.
std::size_t hit_count(const Dataset& set, std::size_t query, std::span<const std::int32_t> found,
                      std::size_t k);

/// "l2", "cosine", "ip", "l1"; throws std::runtime_error for anything else.
Metric metric_of(const std::string& name);
std::string name_of(Metric metric);

/// How many dimensions the neighbourhood of a query seems to have, the median over the queries: the
/// maximum likelihood estimate from the distances of the true neighbours. Makes sets comparable.
/// Ref: Levina and Bickel, "Maximum likelihood estimation of intrinsic dimension", 2004.
double local_dimension(const Dataset& set);

}  // namespace omen::bench
