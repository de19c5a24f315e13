#include <algorithm>
#include <atomic>
#include <thread>

#include "bench/common/machine.h"
#include "bench/vector_index/live_index.h"
#include "bench/vector_index/modes.h"

namespace omen::bench {
namespace {

struct Latencies {
  double p50_us = 0, p95_us = 0, p95_wall_us = 0;
  std::size_t count = 0;
};

double percentile_us(std::vector<double> seconds, double fraction) {
  if (seconds.empty()) {
    return 0;
  }
  std::sort(seconds.begin(), seconds.end());
  const auto place = static_cast<std::size_t>(fraction * static_cast<double>(seconds.size()));
  return seconds[place] * 1e6;
}

/// Searches one query after the other until `stop`, at least all queries once if `whole`.
Latencies search_until(const LiveIndex& index, const Dataset& set, const std::atomic<bool>& stop,
                       bool whole, double& cpu_seconds) {
  const double cpu = thread_cpu_seconds();
  std::vector<double> own;
  std::vector<double> wall;
  std::vector<std::int32_t> rows;
  const std::size_t count = set.query.row_count();
  for (std::size_t i = 0; !stop.load() || (whole && i < count); ++i) {
    const double wall_start = wall_seconds();
    const double start = thread_cpu_seconds();
    index.search(i % count, 0, rows);
    own.push_back(thread_cpu_seconds() - start);
    wall.push_back(wall_seconds() - wall_start);
  }
  cpu_seconds = thread_cpu_seconds() - cpu;
  return {.p50_us = percentile_us(own, 0.50),
          .p95_us = percentile_us(own, 0.95),
          .p95_wall_us = percentile_us(wall, 0.95),
          .count = own.size()};
}

Json json_of(const Latencies& latencies) {
  return Json()
      .add("queries", latencies.count)
      .add("p50_us", latencies.p50_us)
      .add("p95_us", latencies.p95_us)
      .add("p95_wall_us", latencies.p95_wall_us);
}

std::string line_of(const std::string& when, const Latencies& latencies) {
  return fmt::format("{:24} {:>9} {:>9.1f} {:>9.1f} {:>12.1f}\n", when, latencies.count,
                     latencies.p50_us, latencies.p95_us, latencies.p95_wall_us);
}

}  // namespace

Report ingest(const Options& options, const Dataset& set) {
  const std::vector<std::int32_t> rows = shuffled_rows(set.base.row_count());
  const std::size_t half = rows.size() / 2;
  const auto appended = static_cast<double>(rows.size() - half);
  LiveIndex index(set, options.work / "ingest");
  index.build(std::span(rows).first(half), options.build_threads.back());
  const std::atomic<bool> stopped{true};
  std::atomic<bool> stop{false};
  double cpu = 0;
  const Latencies before = search_until(index, set, stopped, true, cpu);

  Latencies during;
  double searching = 0;
  const double process_start = process_cpu_seconds();
  const double start = wall_seconds();
  std::jthread searcher([&] { during = search_until(index, set, stop, false, searching); });
  const double append_start = thread_cpu_seconds();
  for (std::size_t i = half; i < rows.size(); ++i) {
    index.append(rows[i]);
  }
  const double append_cpu = thread_cpu_seconds() - append_start;
  const double append_wall = wall_seconds() - start;
  const std::uint64_t tail = index.statistics().tail;
  index.wait_linked();
  const double linked_wall = wall_seconds() - start;
  stop.store(true);
  searcher.join();
  const double link_cpu = process_cpu_seconds() - process_start - append_cpu - searching;
  const Latencies after = search_until(index, set, stopped, true, cpu);
  const SearchFigures figures = search_all(index, set, 0);

  Report report;
  report.table = fmt::format(
      "\nappend   {:.0f} rows/s of one thread's CPU, {:.0f} rows/s by the clock; {} rows wait for "
      "links then\nlink     {:.0f} rows/s of CPU, {:.0f} rows/s by the clock from the first "
      "append to the last link\nrecall   {:.4f} afterwards, untouched\n",
      appended / append_cpu, appended / append_wall, tail, appended / link_cpu,
      appended / linked_wall, figures.recall);
  report.table += fmt::format("\n{:24} {:>9} {:>9} {:>9} {:>12}\n", "search", "queries", "p50 us",
                              "p95 us", "p95 wall us");
  report.table += line_of("quiet, half of the rows", before) +
                  line_of("during append and link", during) + line_of("quiet, all rows", after);
  report.json.add("append_rows_per_cpu_second", appended / append_cpu)
      .add("append_rows_per_second", appended / append_wall)
      .add("tail_after_append", tail)
      .add("link_rows_per_cpu_second", appended / link_cpu)
      .add("link_rows_per_second", appended / linked_wall)
      .add("recall_at_10", figures.recall)
      .add("quiet_half", json_of(before))
      .add("during", json_of(during))
      .add("quiet_all", json_of(after));
  return report;
}

}  // namespace omen::bench
