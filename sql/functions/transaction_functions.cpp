#include <algorithm>
#include <cstring>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/types/array.h"

/// Who waits for whom, and snapshots lent to other transactions.
namespace omen::sql {
namespace {

using IntArray = Tagged<1007, std::string_view>;
using OwnedIntArray = Owned<1007>;

std::vector<Int4> blockers_of(const Surroundings& surroundings, Int4 process_id) {
  if (surroundings.context.engine == nullptr) {
    internal_error("locks need an engine");
  }
  return surroundings.context.engine->blockers_of(process_id);
}

OwnedIntArray blocking_pids(Surroundings& surroundings, Int4 process_id) {
  ArrayBuilder builder(type_oid::kInt4);
  for (const Int4 blocker : blockers_of(surroundings, process_id)) {
    builder.add(engine::Value(blocker));
  }
  return {builder.finish()};
}

/// Nobody waits for a safe snapshot: only DEFERRABLE transactions of level SERIALIZABLE do.
OwnedIntArray safe_snapshot_blocking_pids(Surroundings& /*surroundings*/, Int4 /*process_id*/) {
  return {ArrayBuilder(type_oid::kInt4).finish()};
}

bool session_is_blocked(Surroundings& surroundings, Int4 process_id, IntArray interesting) {
  const std::vector<Int4> blockers = blockers_of(surroundings, process_id);
  const ArrayView wanted(interesting.value);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted.is_null(i)) {
      internal_error("array must not contain nulls");
    }
    Int4 candidate = 0;
    std::memcpy(&candidate, wanted.element(i).data(), sizeof candidate);
    if (std::find(blockers.begin(), blockers.end(), candidate) != blockers.end()) {
      return true;
    }
  }
  return false;
}

std::string export_snapshot(Surroundings& surroundings) {
  engine::Transaction* transaction = surroundings.context.transaction;
  if (transaction == nullptr) {
    internal_error("a snapshot needs a transaction");
  }
  engine::Result<std::string> name = transaction->export_snapshot();
  if (!name.ok() && name.status().code() == engine::StatusCode::InvalidArgument) {
    throw SqlError(sqlstate::kActiveSqlTransaction, name.status().message());
  }
  return value_or_throw(std::move(name));
}

constexpr FunctionRow kRows[] = {
    scalar<blocking_pids>(2561, "pg_blocking_pids",
                          "get array of PIDs of sessions blocking specified backend PID from "
                          "acquiring a heavyweight lock")
        .changing(),
    scalar<safe_snapshot_blocking_pids>(
        3376, "pg_safe_snapshot_blocking_pids",
        "get array of PIDs of sessions blocking specified backend PID from acquiring a safe "
        "snapshot")
        .changing(),
    scalar<session_is_blocked>(3378, "pg_isolation_test_session_is_blocked",
                               "isolationtester support function")
        .changing(),
    scalar<export_snapshot>(3809, "pg_export_snapshot", "export a snapshot").changing(),
};

}  // namespace

const FunctionTable kTransactionFunctions = kRows;

}  // namespace omen::sql
