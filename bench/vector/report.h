#pragma once

#include <string>
#include <vector>

#include "bench/vector/restart.h"
#include "bench/vector/target.h"

namespace omen::bench {

struct TargetReport {
  std::string name, version;
  LoadReport load;
  std::vector<SearchReport> searches;
  std::vector<RestartReport> restarts;  ///< of a server that the benchmark started itself
};

struct Report {
  std::string set_name, metric, commit, machine;
  std::size_t row_count = 0, dim = 0, client_count = 0;
  std::vector<TargetReport> targets;
  std::vector<std::string> skipped;
};

std::string to_table(const Report& report);
std::string to_json(const Report& report);

}  // namespace omen::bench
