#include "bench/vector/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "bench/common/conditions.h"
#include "bench/common/json.h"
#include "bench/vector/binary_copy.h"

namespace omen::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kTable = "bench_filtered";
constexpr double kShares[] = {0.001, 0.01, 0.05, 0.1, 0.2, 0.5};
constexpr std::size_t kNeighbourCount = 10;
constexpr std::size_t kQueryCountMax = 200;

struct Condition {
  std::string column;
  bool is_clustered = false;
  double share = 0;
  std::size_t row_count = 0;
  std::vector<bool> matches;
  Nearest nearest;
};

std::vector<Condition> make_conditions(const Dataset& set) {
  std::vector<Condition> conditions;
  for (const bool is_clustered : {false, true}) {
    for (const double share : kShares) {
      Condition condition{.column = fmt::format("c{}", conditions.size()),
                          .is_clustered = is_clustered,
                          .share = share,
                          .row_count = 0,
                          .matches = std::vector<bool>(set.base.row_count(), false),
                          .nearest = {}};
      const auto count =
          static_cast<std::size_t>(std::lround(share * static_cast<double>(set.base.row_count())));
      condition.row_count = std::max(count, kNeighbourCount);
      for (const std::int32_t row : is_clustered ? clustered_rows(set, condition.row_count)
                                                 : random_rows(set, condition.row_count)) {
        condition.matches[static_cast<std::size_t>(row)] = true;
      }
      condition.nearest = compute_nearest(set.metric, set.base, set.query.first(kQueryCountMax),
                                          kNeighbourCount, condition.matches);
      conditions.push_back(std::move(condition));
    }
  }
  return conditions;
}

/// One server with the table.
class FilteredTable {
 public:
  FilteredTable(std::string name, const std::string& url, Metric metric)
      : name_(std::move(name)), metric_(metric), connection_(url) {}

  void load(const Dataset& set, const std::vector<Condition>& conditions) {
    connection_.must("CREATE EXTENSION IF NOT EXISTS vector");
    connection_.must(fmt::format("DROP TABLE IF EXISTS {}", kTable));
    std::string columns;
    std::string names;
    for (const Condition& condition : conditions) {
      columns += fmt::format("{} int NOT NULL, ", condition.column);
      names += condition.column + ", ";
    }
    connection_.must(fmt::format("CREATE TABLE {} (id int PRIMARY KEY, {}embedding vector({}))",
                                 kTable, columns, set.base.dim()));
    BinaryCopy copy(connection_.get(), fmt::format("{} (id, {}embedding)", kTable, names));
    for (std::size_t row = 0; row < set.base.row_count(); ++row) {
      copy.begin_row(static_cast<std::uint16_t>(conditions.size() + 2));
      copy.add(static_cast<std::int32_t>(row));
      for (const Condition& condition : conditions) {
        copy.add(std::int32_t{condition.matches[row] ? 1 : 0});
      }
      copy.add(set.base.row(row));
    }
    copy.finish();
    connection_.must("SET maintenance_work_mem = '2GB'");
    connection_.must(fmt::format(
        "CREATE INDEX ON {} USING hnsw (embedding {}) WITH (m = 16, ef_construction = 64)", kTable,
        metric_ == Metric::L2 ? "vector_l2_ops" : "vector_cosine_ops"));
    connection_.must(fmt::format("VACUUM ANALYZE {}", kTable));
    if (name_ == "peer") {
      connection_.must("SET hnsw.iterative_scan = relaxed_order");
    }
  }

  void add_indexes(const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
      connection_.must(fmt::format("CREATE INDEX ON {} ({})", kTable, condition.column));
    }
    connection_.must(fmt::format("VACUUM ANALYZE {}", kTable));
  }

  FilterReport measure(const Dataset& set, const Condition& condition, bool has_index) {
    const tests::ResultPtr prepared(
        PQprepare(connection_.get(), "search",
                  fmt::format("SELECT id FROM {} WHERE {} = 1 ORDER BY embedding {} $1 LIMIT 10",
                              kTable, condition.column, metric_ == Metric::L2 ? "<->" : "<=>")
                      .c_str(),
                  0, nullptr));
    if (tests::is_error(prepared.get())) {
      throw std::runtime_error(PQresultErrorMessage(prepared.get()));
    }
    Dataset judged = set;
    judged.query = set.query.first(kQueryCountMax);
    judged.nearest = condition.nearest;
    std::vector<double> times_ms;
    std::size_t hits = 0;
    std::size_t rows_min = kNeighbourCount;
    for (std::size_t query = 0; query < judged.query.row_count(); ++query) {
      const std::string parameter = binary_vector(judged.query.row(query));
      std::vector<std::int32_t> found = ask(parameter);  // into the caches
      const Clock::time_point start = Clock::now();
      found = ask(parameter);
      times_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
      hits += hit_count(judged, query, found, kNeighbourCount);
      rows_min = std::min(rows_min, found.size());
    }
    connection_.must("DEALLOCATE search");
    const auto count = static_cast<double>(times_ms.size());
    const double mean = std::accumulate(times_ms.begin(), times_ms.end(), 0.0) / count;
    std::sort(times_ms.begin(), times_ms.end());
    return {.target = name_,
            .has_index = has_index,
            .is_clustered = condition.is_clustered,
            .share = condition.share,
            .row_count = condition.row_count,
            .recall = static_cast<double>(hits) / (count * static_cast<double>(kNeighbourCount)),
            .rows_min = rows_min,
            .p50_ms = times_ms[times_ms.size() / 2],
            .p95_ms = times_ms[times_ms.size() * 95 / 100],
            .mean_ms = mean};
  }

 private:
  std::vector<std::int32_t> ask(const std::string& parameter) {
    const char* values[] = {parameter.data()};
    const int lengths[] = {static_cast<int>(parameter.size())};
    const int formats[] = {1};
    const tests::ResultPtr result(
        PQexecPrepared(connection_.get(), "search", 1, values, lengths, formats, 0));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    std::vector<std::int32_t> ids;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      ids.push_back(std::stoi(PQgetvalue(result.get(), row, 0)));
    }
    return ids;
  }

  std::string name_;
  Metric metric_;
  tests::PgConnection connection_;
};

}  // namespace

std::vector<FilterReport> measure_filters(
    const Dataset& set, const std::vector<std::pair<std::string, std::string>>& urls) {
  fmt::print(stderr, "computing true answers\n");
  const std::vector<Condition> conditions = make_conditions(set);
  std::vector<std::unique_ptr<FilteredTable>> tables;
  for (const auto& [name, url] : urls) {
    fmt::print(stderr, "loading {}\n", name);
    tables.push_back(std::make_unique<FilteredTable>(name, url, set.metric));
    tables.back()->load(set, conditions);
  }
  std::vector<FilterReport> reports;
  for (const bool has_index : {false, true}) {
    for (const auto& table : tables) {
      if (has_index) {
        table->add_indexes(conditions);
      }
    }
    for (const Condition& condition : conditions) {
      for (const auto& table : tables) {
        reports.push_back(table->measure(set, condition, has_index));
      }
    }
  }
  return reports;
}

std::string to_table(const std::vector<FilterReport>& reports) {
  std::string out = fmt::format("\n{:6} {:18} {:>9} {:10} {:>9} {:>7} {:>9} {:>9} {:>9}\n", "btree",
                                "matching rows", "count", "server", "recall@10", "rows", "p50 ms",
                                "p95 ms", "mean ms");
  for (const FilterReport& report : reports) {
    out += fmt::format(
        "{:6} {:18} {:>9} {:10} {:>9.4f} {:>7} {:>9.3f} {:>9.3f} {:>9.3f}\n",
        report.has_index ? "yes" : "no",
        fmt::format("{} {:g} %", report.is_clustered ? "clustered" : "random", report.share * 100),
        report.row_count, report.target, report.recall, report.rows_min, report.p50_ms,
        report.p95_ms, report.mean_ms);
  }
  return out;
}

std::string to_json(const std::vector<FilterReport>& reports) {
  std::vector<std::string> items;
  items.reserve(reports.size());
  for (const FilterReport& report : reports) {
    items.push_back(Json()
                        .add("server", report.target)
                        .add("btree", report.has_index)
                        .add("clustered", report.is_clustered)
                        .add("share", report.share)
                        .add("rows", report.row_count)
                        .add("recall_at_10", report.recall)
                        .add("rows_min", report.rows_min)
                        .add("p50_ms", report.p50_ms)
                        .add("p95_ms", report.p95_ms)
                        .add("mean_ms", report.mean_ms)
                        .text());
  }
  return array_of(items, true);
}

}  // namespace omen::bench
