#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/common/generate.h"

namespace omen::bench {

extern const char* const kVectorIndexUsage;

struct Options {
  std::filesystem::path data;  ///< folder of data sets
  std::string set;
  std::string generate;  ///< size of a generated set; empty: none
  bool normalize = true;
  std::uint64_t seed = 1;
  Metric metric = Metric::Cosine;
  std::size_t row_count_max = 0, query_count_max = 0;
  std::vector<std::string> engines = {"omen", "hnswlib", "faiss"};
  std::vector<std::size_t> efs;
  std::vector<unsigned> build_threads = {1, 2};
  int round_count = 3;
  std::filesystem::path cache, work;
  bool keeps_peers = false;      ///< their indexes in the cache, for the next run
  std::string mode = "compare";  ///< or "churn", "filter", "ingest", "restart"
  std::size_t churn_rounds = 0;
  bool dirt = false;  ///< duplicates and zero vectors among the rows that churn
  std::filesystem::path json;
  std::string commit;
};

/// Throws std::runtime_error.
Options parse_options(const std::vector<std::string>& arguments);
Dataset dataset_of(const Options& options);

}  // namespace omen::bench
