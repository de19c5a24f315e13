#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/api/engine.h"
#include "engine/base/budget.h"
#include "engine/base/cancel_token.h"

namespace omen::sql {

class Session;

/// What a function body may know of its surroundings. One per running statement (or a default one
/// for constants and tests: ISO dates, UTC, no session, no transaction).
class EvalContext {
 public:
  // --- formats, from the session's settings ---
  std::string_view time_zone = "UTC";  ///< IANA name
  std::string_view date_style = "ISO, MDY";
  std::string_view interval_style = "postgres";
  std::string_view bytea_output = "hex";
  int extra_float_digits = 1;

  // --- time: microseconds since 2000-01-01 UTC ---
  std::int64_t transaction_timestamp_us = 0;
  std::int64_t statement_timestamp_us = 0;

  // --- surroundings; null in the default context ---
  engine::Engine* engine = nullptr;
  engine::Transaction* transaction = nullptr;
  engine::CatalogPtr catalog;  ///< as the statement sees it; null: only built-in objects exist
  Session* session = nullptr;
  engine::CancelToken* cancel = nullptr;

  /// Throws 57014 when the statement is to stop. Long-running bodies call it.
  void check_cancel() const;
};

}  // namespace omen::sql
