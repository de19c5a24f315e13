#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/common/dataset.h"
#include "tests/support/pg_connection.h"

namespace omen::bench {

/// What one server needed to take in a data set.
struct LoadReport {
  double load_seconds = 0;
  double build_seconds = 0;
  std::int64_t table_bytes = 0;   ///< pg_total_relation_size
  std::int64_t index_bytes = 0;   ///< pg_relation_size of the vector index
  std::int64_t memory_bytes = 0;  ///< proportional set size of the server's processes; 0: unknown
};

/// What one way of searching achieved. Latencies are of single queries.
struct SearchReport {
  std::string how;  ///< "exact", or "ef 40"
  double recall = 0;
  double queries_per_second = 0;  ///< median of the rounds
  double p50_ms = 0, p95_ms = 0, p99_ms = 0;
  std::size_t query_count = 0;
};

/// One server under measurement, seen through SQL alone.
class Target {
 public:
  /// `name` is for the report. Throws std::runtime_error if nobody answers at `url`.
  Target(std::string name, std::string url, Metric metric);

  /// CREATE TABLE and COPY BINARY, then CREATE INDEX with m 16, ef_construction 64.
  LoadReport load(const Dataset& set);
  /// CREATE TABLE and CREATE INDEX, then COPY BINARY: every row goes into the index as it comes.
  void load_into_index(const Dataset& set);
  /// Throws unless EXPLAIN shows the vector index for `settings`, or does not show it if `exact`.
  void check_plan(const Dataset& set, const std::vector<std::string>& settings, bool exact);
  /// Proportional memory of the processes behind the port, for a local server; else 0.
  [[nodiscard]] std::int64_t memory_bytes() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  /// The query: $1 is the vector, ten ids come back.
  [[nodiscard]] std::string search_sql() const;

 private:
  void create_table(const Dataset& set);
  void create_index();
  void copy_rows(const Vectors& base);

  std::string name_, url_, version_;
  Metric metric_;
  tests::PgConnection connection_;
};

}  // namespace omen::bench
