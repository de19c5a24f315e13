#pragma once

#include <string>
#include <vector>

#include "bench/common/dataset.h"
#include "bench/vector/server_process.h"
#include "bench/vector/target.h"

namespace omen::bench {

/// How long a server is away. Times are from exec, medians over all restarts of that kind.
struct RestartReport {
  std::string how;  ///< "stop", "kill", or "kill after load"
  double stop_seconds = 0;
  double connected_seconds = 0;  ///< first connection accepted
  double answered_seconds = 0;   ///< first right answer through the vector index
  double recall = 0;             ///< of the first queries after the last restart
  int count = 0;
};

/// Returns once the server accepts connections.
void wait_for_server(ServerProcess& server);

/// Restarts the server again and again, its files dropped from the page cache each time: after an
/// orderly stop, after kill -9, and after kill -9 right behind the COPY of all rows into a table
/// that has its vector index already (that table is made anew each time).
///
/// The first answer is right if it has as many true neighbours as the same query had before.
/// `server` runs and holds the loaded set. Throws std::runtime_error.
std::vector<RestartReport> measure_restarts(ServerProcess& server, const Dataset& set,
                                            Metric metric, int count);

}  // namespace omen::bench
