#pragma once

#include <string>

#include "bench/common/json.h"
#include "bench/vector_index/options.h"

namespace omen::bench {

/// What a mode of the program found out: for people, and for programs.
struct Report {
  std::string table;
  Json json;
};

}  // namespace omen::bench
