#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sql/functions/eval_context.h"
#include "sql/planner/planner.h"
#include "sql/session/settings/settings.h"

namespace omen::sql {

/// What statements read from the settings, gathered once per change of them. Immutable and shared:
/// a running portal keeps the one it started with, since its EvalContext views into it.
struct SessionEnvironment {
  std::string time_zone, date_style, interval_style, bytea_output;
  int extra_float_digits = 1;
  std::vector<std::string> search_path;
  PlannerOptions planner;
  std::size_t work_mem_bytes = 0;
  VectorScanSettings vector_scan;
  std::chrono::milliseconds lock_timeout{0};
  std::chrono::milliseconds deadlock_timeout{0};
  bool synchronous_commit = true;
  std::string client_min_messages;

  void apply_timeouts(engine::Transaction& transaction) const {
    transaction.set_lock_timeout(lock_timeout);
    transaction.set_deadlock_timeout(deadlock_timeout);
  }
  /// Fills the format fields of `context`, which then views into this.
  void apply_to(EvalContext& context) const;
  /// Whether a statement bound under the other one means the same under this one.
  [[nodiscard]] bool binds_like(const SessionEnvironment& other) const;
  /// Text that differs when binds_like is false, for cache keys.
  [[nodiscard]] std::string key() const;
};
using SessionEnvironmentPtr = std::shared_ptr<const SessionEnvironment>;

SessionEnvironmentPtr make_environment(const Settings& settings, std::string_view user);

}  // namespace omen::sql
