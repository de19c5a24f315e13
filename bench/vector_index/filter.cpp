#include <algorithm>
#include <cmath>
#include <numeric>

#include "bench/common/machine.h"
#include "bench/vector_index/live_index.h"
#include "bench/vector_index/modes.h"

namespace omen::bench {
namespace {

constexpr double kShares[] = {0.001, 0.005, 0.01, 0.02, 0.1, 0.5};
constexpr std::size_t kQueryCountMax = 200;
constexpr std::size_t kTargetRows = 10;

struct FilterFigures {
  double recall = 0;
  double mean_us = 0, p95_us = 0, worst_us = 0;
};

/// `search(query, found)` is one of the ways.
template <typename Search>
FilterFigures measure(const Dataset& judged, const Search& search) {
  std::vector<double> seconds;
  std::vector<std::int32_t> found;
  std::size_t hits = 0;
  for (std::size_t query = 0; query < judged.query.row_count(); ++query) {
    const double start = thread_cpu_seconds();
    search(query, found);
    seconds.push_back(thread_cpu_seconds() - start);
    hits += hit_count(judged, query, found, kTargetRows);
  }
  const auto count = static_cast<double>(seconds.size());
  const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  std::sort(seconds.begin(), seconds.end());
  return {.recall = static_cast<double>(hits) / (count * static_cast<double>(kTargetRows)),
          .mean_us = sum / count * 1e6,
          .p95_us = seconds[seconds.size() * 95 / 100] * 1e6,
          .worst_us = seconds.back() * 1e6};
}

std::string text_of(const FilterFigures& figures) {
  return fmt::format("{:>9.4f} {:>9.1f} {:>9.1f} {:>9.1f}", figures.recall, figures.mean_us,
                     figures.p95_us, figures.worst_us);
}

Json json_of(const FilterFigures& figures) {
  return Json()
      .add("recall_at_10", figures.recall)
      .add("mean_us", figures.mean_us)
      .add("p95_us", figures.p95_us)
      .add("worst_us", figures.worst_us);
}

}  // namespace

Report filter(const Options& options, const Dataset& set) {
  LiveIndex index(set, options.work / "filter");
  index.build(shuffled_rows(set.base.row_count()), options.build_threads.back());
  Dataset judged = set;
  judged.query = set.query.first(kQueryCountMax);
  Report report;
  report.table = fmt::format("\n{:32} {:^39} {:^39}\n{:22} {:>9}", "", "asked row by row",
                             "given at once", "matching rows", "count");
  for (int way = 0; way < 2; ++way) {
    report.table +=
        fmt::format(" {:>9} {:>9} {:>9} {:>9}", "recall@10", "mean us", "p95 us", "worst us");
  }
  report.table += "\n";
  std::vector<std::string> filters;
  for (const bool clustered : {false, true}) {
    for (const double share : kShares) {
      const auto count =
          static_cast<std::size_t>(std::lround(share * static_cast<double>(set.base.row_count())));
      const std::size_t wanted = std::max(count, kTargetRows);
      const std::vector<std::int32_t> rows =
          clustered ? clustered_rows(set, wanted) : random_rows(set, wanted);
      std::vector<bool> matches(set.base.row_count(), false);
      std::vector<engine::RowId> among;
      for (const std::int32_t row : rows) {
        matches[static_cast<std::size_t>(row)] = true;
        among.push_back(static_cast<engine::RowId>(row) + 1);
      }
      judged.nearest = compute_nearest(set.metric, set.base, judged.query, kTargetRows, matches);
      const FilterFigures asked = measure(judged, [&](std::size_t query, auto& found) {
        index.search_matching(query, matches, found);
      });
      const FilterFigures given = measure(
          judged, [&](std::size_t query, auto& found) { index.search_among(query, among, found); });
      report.table +=
          fmt::format("{:22} {:>9} {} {}\n",
                      fmt::format("{} {:g} %", clustered ? "clustered" : "random", share * 100),
                      rows.size(), text_of(asked), text_of(given));
      filters.push_back(Json()
                            .add("clustered", clustered)
                            .add("share", share)
                            .add("rows", rows.size())
                            .add("asked", json_of(asked))
                            .add("given", json_of(given))
                            .text());
    }
  }
  report.json.put("filters", array_of(filters, true));
  return report;
}

}  // namespace omen::bench
