#include "sql/session/session_environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sql/session/settings/setting_value.h"
#include "sql/session/settings/special_settings.h"

namespace omen::sql {
namespace {

bool same_planner(const PlannerOptions& a, const PlannerOptions& b) {
  return a.enable_seqscan == b.enable_seqscan && a.enable_indexscan == b.enable_indexscan &&
         a.enable_sort == b.enable_sort && a.enable_hashjoin == b.enable_hashjoin &&
         a.enable_nestloop == b.enable_nestloop && a.enable_hashagg == b.enable_hashagg;
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
  return fmt::format("{}|{}|{}|{}|{:d}{:d}{:d}{:d}{:d}{:d}", time_zone, date_style, interval_style,
                     search_path, planner.enable_seqscan, planner.enable_indexscan,
                     planner.enable_sort, planner.enable_hashjoin, planner.enable_nestloop,
                     planner.enable_hashagg);
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
  environment->hnsw_ef_search =
      settings.is_default("hnsw.ef_search")
          ? 0
          : static_cast<std::size_t>(settings.integer("hnsw.ef_search"));
  environment->recall_target = std::stod(settings.value("omendb.recall_target"));
  environment->lock_timeout = std::chrono::milliseconds(settings.integer("lock_timeout"));
  environment->synchronous_commit = settings.value("synchronous_commit") != "off";
  environment->client_min_messages = settings.value("client_min_messages");
  return environment;
}

}  // namespace omen::sql
