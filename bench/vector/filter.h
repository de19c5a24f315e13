#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bench/common/dataset.h"

namespace omen::bench {

/// What searches under one condition achieved on one server.
struct FilterReport {
  std::string target;
  bool has_index = false;  ///< a btree on the condition's column
  bool is_clustered = false;
  double share = 0;  ///< of the rows meet the condition
  std::size_t row_count = 0;
  double recall = 0;         ///< among the rows that meet it
  std::size_t rows_min = 0;  ///< of ten, the fewest that a query returned
  double p50_ms = 0, p95_ms = 0, mean_ms = 0;
};

/// Loads `set` into every server of `urls` (name, url) with one int column for each condition, and
/// asks `WHERE column = 1 ORDER BY distance LIMIT 10`, with btree indexes on these columns and
/// without. A server named "peer" is asked with hnsw.iterative_scan = relaxed_order.
std::vector<FilterReport> measure_filters(
    const Dataset& set, const std::vector<std::pair<std::string, std::string>>& urls);

std::string to_table(const std::vector<FilterReport>& reports);
std::string to_json(const std::vector<FilterReport>& reports);

}  // namespace omen::bench
