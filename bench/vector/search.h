#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/common/dataset.h"
#include "bench/vector/target.h"

namespace omen::bench {

/// Clients of one target with one group of settings, connected and prepared, ready to measure.
/// Not thread-safe; runs its clients on threads of its own.
class Search {
 public:
  struct Options {
    std::string how;
    std::vector<std::string> settings;  ///< each goes after SET
    std::size_t client_count = 1;
    double seconds = 1;               ///< of each round
    std::size_t query_count_max = 0;  ///< how many of the set's queries to use; 0: all
  };
  Search(const Target& target, const Dataset& set, Options options);
  ~Search();

  /// Sends every query once and keeps the answers for the recall. Also warms the server up.
  void check_answers();
  /// One timed round: all clients send queries until the time is over.
  void run_round();
  [[nodiscard]] SearchReport report() const;

 private:
  class Client;

  const Dataset& set_;
  Options options_;
  std::size_t query_count_;
  std::vector<std::unique_ptr<Client>> clients_;
  double recall_ = 0;
  std::vector<double> rates_;
};

}  // namespace omen::bench
