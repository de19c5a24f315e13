#include "sql/session/session_environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/session/settings/setting_value.h"
#include "sql/session/settings/special_settings.h"

namespace omen::sql {
namespace {

bool same_planner(const PlannerOptions& a, const PlannerOptions& b) {
  return a.enable_seqscan == b.enable_seqscan && a.enable_indexscan == b.enable_indexscan &&
         a.enable_sort == b.enable_sort && a.enable_hashjoin == b.enable_hashjoin &&
         a.enable_nestloop == b.enable_nestloop && a.enable_hashagg == b.enable_hashagg &&
         a.ivfflat_probes == b.ivfflat_probes;
}

/// What a row visited by an index scan takes: its key, estimate, rank and hit.
constexpr double kVisitedRowBytes = 64;

/// Limits count when they were asked for, or when pgvector's own are.
VectorScanSettings make_vector_scan(const Settings& settings, std::size_t work_mem_bytes) {
  VectorScanSettings scan;
  scan.strict = settings.boolean("omendb.strict_pgvector");
  scan.recall_target = std::stod(settings.value("omendb.recall_target"));
  const auto is_limit = [&](std::string_view name) {
    return scan.strict || !settings.is_default(name);
  };
  const auto number = [&](std::string_view name) {
    return static_cast<std::uint64_t>(settings.integer(name));
  };
  scan.rows_first = number("hnsw.ef_search");
  scan.ef_search = settings.is_default("hnsw.ef_search") ? 0 : scan.rows_first;
  scan.hnsw_iterates = settings.value("hnsw.iterative_scan") != "off";
  scan.strict_order = settings.value("hnsw.iterative_scan") == "strict_order";
  if (is_limit("hnsw.max_scan_tuples")) {
    scan.rows_max = number("hnsw.max_scan_tuples");
  }
  if (is_limit("hnsw.scan_mem_multiplier")) {
    const double memory =
        std::stod(settings.value("hnsw.scan_mem_multiplier")) * static_cast<double>(work_mem_bytes);
    const auto rows = static_cast<std::uint64_t>(std::max(memory / kVisitedRowBytes, 1.0));
    scan.rows_max = scan.rows_max == 0 ? rows : std::min(scan.rows_max, rows);
  }
  scan.probes = settings.is_default("ivfflat.probes") && !scan.strict
                    ? 0
                    : static_cast<int>(number("ivfflat.probes"));
  scan.ivfflat_iterates = settings.value("ivfflat.iterative_scan") != "off";
  scan.probes_max =
      is_limit("ivfflat.max_probes") ? static_cast<int>(number("ivfflat.max_probes")) : 0;
  return scan;
}

}  // namespace

void SessionEnvironment::apply_to(EvalContext& context) const {
  context.time_zone = time_zone;
  context.date_style = date_style;
  context.interval_style = interval_style;
  context.bytea_output = bytea_output;
  context.extra_float_digits = extra_float_digits;
}

bool SessionEnvironment::binds_like(const SessionEnvironment& other) const {
  return time_zone == other.time_zone && date_style == other.date_style &&
         interval_style == other.interval_style && search_path == other.search_path &&
         same_planner(planner, other.planner);
}

std::string SessionEnvironment::key() const {
  return fmt::format("{}|{}|{}|{}|{:d}{:d}{:d}{:d}{:d}{:d}|{}", time_zone, date_style,
                     interval_style, search_path, planner.enable_seqscan, planner.enable_indexscan,
                     planner.enable_sort, planner.enable_hashjoin, planner.enable_nestloop,
                     planner.enable_hashagg, planner.ivfflat_probes);
}

SessionEnvironmentPtr make_environment(const Settings& settings, std::string_view user) {
  auto environment = std::make_shared<SessionEnvironment>();
  environment->time_zone = time_zone_for_functions(settings.value("TimeZone"));
  environment->date_style = settings.value("DateStyle");
  environment->interval_style = settings.value("IntervalStyle");
  environment->bytea_output = settings.value("bytea_output");
  environment->extra_float_digits = static_cast<int>(settings.integer("extra_float_digits"));
  for (std::string& name : split_name_list(settings.value("search_path"))) {
    environment->search_path.push_back(name == "$user" ? std::string(user) : std::move(name));
  }
  environment->planner = {.enable_seqscan = settings.boolean("enable_seqscan"),
                          .enable_indexscan = settings.boolean("enable_indexscan"),
                          .enable_sort = settings.boolean("enable_sort"),
                          .enable_hashjoin = settings.boolean("enable_hashjoin"),
                          .enable_nestloop = settings.boolean("enable_nestloop"),
                          .enable_hashagg = settings.boolean("enable_hashagg")};
  environment->work_mem_bytes = static_cast<std::size_t>(settings.integer("work_mem")) * 1024;
  environment->vector_scan = make_vector_scan(settings, environment->work_mem_bytes);
  environment->planner.ivfflat_probes = environment->vector_scan.probes;
  environment->lock_timeout = std::chrono::milliseconds(settings.integer("lock_timeout"));
  environment->deadlock_timeout = std::chrono::milliseconds(settings.integer("deadlock_timeout"));
  environment->synchronous_commit = settings.value("synchronous_commit") != "off";
  environment->client_min_messages = settings.value("client_min_messages");
  return environment;
}

}  // namespace omen::sql
