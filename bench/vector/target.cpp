#include "bench/vector/target.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "bench/vector/binary_copy.h"
#include "bench/vector/process_memory.h"

namespace omen::bench {
namespace {

constexpr const char* kTable = "bench_items";
constexpr const char* kIndex = "bench_items_embedding_idx";

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Target::Target(std::string name, std::string url, Metric metric)
    : name_(std::move(name)), url_(std::move(url)), metric_(metric), connection_(url_) {
  version_ = connection_.value("SELECT version()");
}

std::string Target::search_sql() const {
  return fmt::format("SELECT id FROM {} ORDER BY embedding {} $1 LIMIT 10", kTable,
                     metric_ == Metric::L2 ? "<->" : "<=>");
}

void Target::create_table(const Dataset& set) {
  connection_.must("CREATE EXTENSION IF NOT EXISTS vector");
  connection_.must(fmt::format("DROP TABLE IF EXISTS {}", kTable));
  connection_.must(fmt::format("CREATE TABLE {} (id int PRIMARY KEY, embedding vector({}))", kTable,
                               set.base.dim()));
}

void Target::create_index() {
  connection_.must(fmt::format(
      "CREATE INDEX {} ON {} USING hnsw (embedding {}) WITH (m = 16, ef_construction = 64)", kIndex,
      kTable, metric_ == Metric::L2 ? "vector_l2_ops" : "vector_cosine_ops"));
}

void Target::load_into_index(const Dataset& set) {
  create_table(set);
  create_index();
  copy_rows(set.base);
}

LoadReport Target::load(const Dataset& set) {
  LoadReport report;
  create_table(set);
  const Clock::time_point load_start = Clock::now();
  copy_rows(set.base);
  report.load_seconds = seconds_since(load_start);

  connection_.must("SET maintenance_work_mem = '2GB'");
  const Clock::time_point build_start = Clock::now();
  create_index();
  report.build_seconds = seconds_since(build_start);
  connection_.must(fmt::format("VACUUM ANALYZE {}", kTable));
  report.table_bytes =
      std::stoll(connection_.value(fmt::format("SELECT pg_total_relation_size('{}')", kTable)));
  report.index_bytes =
      std::stoll(connection_.value(fmt::format("SELECT pg_relation_size('{}')", kIndex)));
  return report;
}

void Target::copy_rows(const Vectors& base) {
  BinaryCopy copy(connection_.get(), fmt::format("{} (id, embedding)", kTable));
  for (std::size_t i = 0; i < base.row_count(); ++i) {
    copy.begin_row(2);
    copy.add(static_cast<std::int32_t>(i));
    copy.add(base.row(i));
  }
  copy.finish();
}

void Target::check_plan(const Dataset& set, const std::vector<std::string>& settings, bool exact) {
  std::string literal = "'[";
  for (const float value : set.query.row(0)) {
    literal += fmt::format("{}{}", literal.size() > 2 ? "," : "", value);
  }
  literal += "]'::vector";
  std::string sql = search_sql();
  sql.replace(sql.find("$1"), 2, literal);
  connection_.must("BEGIN");
  for (const std::string& setting : settings) {
    connection_.must("SET LOCAL " + setting);
  }
  const tests::ResultPtr plan = connection_.must("EXPLAIN " + sql);
  bool uses_index = false;
  std::string text;
  for (int row = 0; row < PQntuples(plan.get()); ++row) {
    const std::string line = PQgetvalue(plan.get(), row, 0);
    uses_index = uses_index || line.find(kIndex) != std::string::npos;
    text += line.substr(0, 120) + "\n";
  }
  connection_.must("COMMIT");
  if (uses_index == exact) {
    throw std::runtime_error(fmt::format("{}: the plan {} the vector index:\n{}", name_,
                                         exact ? "uses" : "does not use", text));
  }
}

std::int64_t Target::memory_bytes() const {
  return server_memory_bytes(std::stoi(PQport(connection_.get())));
}

}  // namespace omen::bench
