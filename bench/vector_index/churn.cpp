#include <algorithm>
#include <random>

#include "bench/common/machine.h"
#include "bench/vector_index/live_index.h"
#include "bench/vector_index/modes.h"

namespace omen::bench {
namespace {

constexpr std::size_t kShare = 5;  ///< one row of so many goes in each round
constexpr std::size_t kEfs[] = {0, 40, 120};
constexpr std::size_t kDuplicateStep = 20;  ///< one row of so many is a copy of another
constexpr std::size_t kZeroRows = 1000;

bool is_zero(std::span<const float> row) {
  return std::all_of(row.begin(), row.end(), [](float element) { return element == 0; });
}

/// The set with a twentieth of its rows made copies of others, and zero vectors behind them.
Dataset soiled(const Dataset& set) {
  const std::size_t count = set.base.row_count();
  std::vector<float> values;
  values.reserve((count + kZeroRows) * set.base.dim());
  std::mt19937_64 random(3);
  for (std::size_t row = 0; row < count; ++row) {
    const auto source = set.base.row(row % kDuplicateStep == 0 ? random() % count : row);
    values.insert(values.end(), source.begin(), source.end());
  }
  values.resize(values.size() + kZeroRows * set.base.dim());
  Dataset dirty = set;
  dirty.base = Vectors(std::move(values), set.base.dim());
  return dirty;
}

/// The same queries with the true neighbours among the living.
Dataset judged_by(const Dataset& set, std::span<const std::int32_t> living) {
  std::vector<bool> lives(set.base.row_count(), false);
  for (const std::int32_t row : living) {
    // Under cosine a zero vector has no distance and is nobody's neighbour.
    const auto index = static_cast<std::size_t>(row);
    lives[index] = set.metric != Metric::Cosine || !is_zero(set.base.row(index));
  }
  Dataset judged = set;
  judged.nearest = compute_nearest(set.metric, set.base, set.query, 10, lives);
  return judged;
}

/// One line of the table and one object of the JSON.
void add_figures(const std::string& name, const LiveIndex& index, const Dataset& judged,
                 std::size_t row_count, double seconds, std::string& table,
                 std::vector<std::string>& rounds) {
  const engine::VectorIndexStatistics statistics = index.statistics();
  table += fmt::format(
      "{:8} {:>9} {:>9} {:>10} {:>11} {:>9.0f} {:>8.1f}", name, row_count, statistics.slots,
      statistics.tombstones, statistics.unreachable,
      static_cast<double>(statistics.memory_bytes) / static_cast<double>(row_count), seconds);
  std::vector<std::string> searches;
  for (const std::size_t ef : kEfs) {
    const SearchFigures figures = search_all(index, judged, ef);
    table += fmt::format(" {:>8.4f} {:>8.0f}", figures.recall, figures.rate);
    searches.push_back(Json()
                           .add("ef", figures.ef)
                           .add("recall_at_10", figures.recall)
                           .add("qps", figures.rate)
                           .add("p95_us", figures.p95_us)
                           .text());
  }
  table += "\n";
  rounds.push_back(Json()
                       .add("round", name)
                       .add("rows", row_count)
                       .add("slots", statistics.slots)
                       .add("tombstones", statistics.tombstones)
                       .add("unreachable", statistics.unreachable)
                       .add("memory_bytes", statistics.memory_bytes)
                       .add("seconds", seconds)
                       .put("searches", array_of(searches, false))
                       .text());
}

}  // namespace

Report churn(const Options& options, const Dataset& clean) {
  const Dataset set = options.dirt ? soiled(clean) : clean;
  std::vector<std::int32_t> rows = shuffled_rows(set.base.row_count());
  const std::size_t moved = rows.size() / (kShare + 1);
  const std::size_t living = rows.size() - moved;
  const auto view = [&] { return std::span<const std::int32_t>(rows).first(living); };
  Report report;
  report.table = fmt::format("\n{:8} {:>9} {:>9} {:>10} {:>11} {:>9} {:>8}", "round", "rows",
                             "slots", "tombstones", "unreachable", "B/row", "seconds");
  for (const std::size_t ef : kEfs) {
    report.table +=
        fmt::format(" {:>8} {:>8}", ef == 0 ? "untouched" : fmt::format("ef {}", ef), "QPS");
  }
  report.table += "\n";
  std::vector<std::string> rounds;
  LiveIndex index(set, options.work / "churn");
  double start = wall_seconds();
  index.build(view(), options.build_threads.back());
  add_figures("built", index, judged_by(set, view()), living, wall_seconds() - start, report.table,
              rounds);
  std::mt19937_64 random(2);
  for (std::size_t round = 1; round <= options.churn_rounds; ++round) {
    // The living are in front: those that go are swapped to their end, and then with the others.
    for (std::size_t i = 0; i < moved; ++i) {
      std::swap(rows[living - 1 - i], rows[random() % (living - i)]);
    }
    start = wall_seconds();
    index.remove(std::span(rows).subspan(living - moved, moved));
    // The dead leave the graph, and what they took is free once a checkpoint says so.
    index.wait_linked();
    index.checkpoint();
    std::swap_ranges(rows.end() - static_cast<std::ptrdiff_t>(moved), rows.end(),
                     rows.begin() + static_cast<std::ptrdiff_t>(living - moved));
    for (std::size_t i = living - moved; i < living; ++i) {
      index.append(rows[i]);
    }
    index.wait_linked();
    const double seconds = wall_seconds() - start;
    add_figures(fmt::format("{}", round), index, judged_by(set, view()), living, seconds,
                report.table, rounds);
  }
  LiveIndex fresh(set, options.work / "fresh");
  start = wall_seconds();
  fresh.build(view(), options.build_threads.back());
  add_figures("fresh", fresh, judged_by(set, view()), living, wall_seconds() - start, report.table,
              rounds);
  report.json.put("rounds", array_of(rounds, true));
  return report;
}

}  // namespace omen::bench
