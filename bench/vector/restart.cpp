#include "bench/vector/restart.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "bench/vector/search.h"

namespace omen::bench {
namespace {

using Clock = ServerProcess::Clock;
constexpr double kReadySecondsMax = 300;
constexpr std::size_t kRecallQueries = 100;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

/// Connects as soon as the server answers.
std::unique_ptr<Target> connect(ServerProcess& server, Metric metric, Clock::time_point start) {
  while (true) {
    try {
      return std::make_unique<Target>("omendb", server.url(), metric);
    } catch (const std::runtime_error& error) {
      if (!server.is_alive() || seconds_since(start) > kReadySecondsMax) {
        throw std::runtime_error(fmt::format("the server does not come back: {}", error.what()));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

/// True neighbours among the answer to the set's first query.
std::size_t first_answer(const Target& target, const Dataset& set) {
  Search search(target, set, {.how = "first", .settings = {}, .query_count_max = 1});
  search.check_answers();
  return static_cast<std::size_t>(search.report().recall * 10 + 0.5);
}

enum class Kind { Stop, Kill, KillAfterLoad };

RestartReport measure(ServerProcess& server, const Dataset& set, Metric metric, int count,
                      Kind kind) {
  RestartReport report{.how = kind == Kind::Stop   ? "stop"
                              : kind == Kind::Kill ? "kill"
                                                   : "kill after load",
                       .count = count};
  std::vector<double> stopped;
  std::vector<double> connected;
  std::vector<double> answered;
  for (int i = 0; i < count; ++i) {
    std::size_t expected = 0;
    {
      const auto target = connect(server, metric, Clock::now());
      if (kind == Kind::KillAfterLoad) {
        target->load_into_index(set);
      }
      expected = first_answer(*target, set);
    }
    if (kind == Kind::Stop) {
      stopped.push_back(server.stop_seconds());
    } else {
      server.kill();
    }
    server.drop_file_cache();
    const Clock::time_point start = server.start();
    const auto target = connect(server, metric, start);
    connected.push_back(seconds_since(start));
    const std::size_t found = first_answer(*target, set);
    answered.push_back(seconds_since(start));
    target->check_plan(set, {}, false);
    if (found < expected) {
      throw std::runtime_error(
          fmt::format("after a restart ({}) the first answer has {} true neighbours, not {}",
                      report.how, found, expected));
    }
    if (i + 1 == count) {
      Search search(*target, set,
                    {.how = "recall", .settings = {}, .query_count_max = kRecallQueries});
      search.check_answers();
      report.recall = search.report().recall;
    }
  }
  report.stop_seconds = median(stopped);
  report.connected_seconds = median(connected);
  report.answered_seconds = median(answered);
  return report;
}

}  // namespace

void wait_for_server(ServerProcess& server) {
  connect(server, Metric::L2, Clock::now());
}

std::vector<RestartReport> measure_restarts(ServerProcess& server, const Dataset& set,
                                            Metric metric, int count) {
  std::vector<RestartReport> reports;
  for (const Kind kind : {Kind::Stop, Kind::Kill, Kind::KillAfterLoad}) {
    reports.push_back(measure(server, set, metric, count, kind));
  }
  return reports;
}

}  // namespace omen::bench
