#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <thread>

#include "engine/base/blocking.h"
#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"
#include "sql/session/session.h"
#include "sql/types/array.h"
#include "sql/types/object_names.h"
#include "sql/types/type_io.h"

/// What a statement asks about its session: names, settings, sequences, types as values.
namespace omen::sql {
namespace {

constexpr std::string_view kVersion =
    "PostgreSQL 15.20 (OmenDB 0.1.0) on x86_64-pc-linux-gnu, compiled by clang 16, 64-bit";

Text version() {
  return kVersion;
}

Session& session_of(const Surroundings& surroundings) {
  if (surroundings.context.session == nullptr) {
    internal_error("this function needs a session");
  }
  return *surroundings.context.session;
}

Owned<type_oid::kName> current_database(Surroundings& surroundings) {
  return {session_of(surroundings).client().database};
}
Owned<type_oid::kName> current_user(Surroundings& surroundings) {
  return {session_of(surroundings).client().user};
}

bool schema_exists(const EvalContext& context, std::string_view name) {
  return name == "pg_catalog" || name == "information_schema" ||
         (context.catalog != nullptr && context.catalog->find_schema(name) != nullptr);
}

std::vector<std::string> explicit_path(const EvalContext& context) {
  std::vector<std::string> path;
  if (context.session != nullptr) {
    path = context.session->search_path();
  } else {
    path.emplace_back("public");
  }
  std::erase_if(path, [&](const std::string& name) { return !schema_exists(context, name); });
  return path;
}

std::optional<Owned<type_oid::kName>> current_schema(Surroundings& surroundings) {
  const std::vector<std::string> path = explicit_path(surroundings.context);
  return path.empty() ? std::nullopt : std::optional(Owned<type_oid::kName>{path.front()});
}

Owned<1003> current_schemas(Surroundings& surroundings, bool with_implicit) {
  std::vector<std::string> path = explicit_path(surroundings.context);
  if (with_implicit && std::ranges::find(path, "pg_catalog") == path.end()) {
    path.insert(path.begin(), "pg_catalog");
  }
  ArrayBuilder builder(type_oid::kName);
  for (const std::string& name : path) {
    builder.add_bytes(name);
  }
  return {builder.finish()};
}

// ---------------------------------------------------------------- settings

std::string current_setting(Surroundings& surroundings, Text name) {
  return session_of(surroundings).setting(name);
}
std::optional<std::string> current_setting_or_null(Surroundings& surroundings, Text name,
                                                   bool missing_ok) {
  return missing_ok ? session_of(surroundings).find_setting(name)
                    : session_of(surroundings).setting(name);
}
/// A NULL value resets; not strict for that reason.
void set_config(const FunctionCall& call, engine::ColumnVector& out) {
  if (call.context.session == nullptr) {
    internal_error("this function needs a session");
  }
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[0]->is_null(row)) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "SET requires parameter name");
    }
    const bool is_local =
        !call.arguments[2]->is_null(row) &&
        call.arguments[2]->values<std::uint8_t>()[call.arguments[2]->index(row)] != 0;
    const std::optional<std::string> value =
        call.arguments[1]->is_null(row) ? std::nullopt
                                        : std::optional(std::string(call.arguments[1]->bytes(row)));
    out.set_bytes(
        row, call.context.session->set_setting(call.arguments[0]->bytes(row), value, is_local));
  }
}

Int4 backend_pid(Surroundings& surroundings) {
  return session_of(surroundings).client().process_id;
}

std::optional<Int8> current_transaction_id(Surroundings& surroundings) {
  if (surroundings.context.transaction == nullptr) {
    return std::nullopt;
  }
  return static_cast<Int8>(surroundings.context.transaction->xid());
}

std::optional<Int8> assigned_transaction_id(Surroundings& surroundings) {
  const std::optional<Int8> id = current_transaction_id(surroundings);
  return id == 0 ? std::nullopt : id;
}

/// Wakes up every 10 ms to see whether the statement was cancelled.
Void sleep(Surroundings& surroundings, Float8 seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kPoll = std::chrono::milliseconds(10);
  constexpr double kSecondsMax = 1e9;
  const double wanted = std::isnan(seconds) ? 0 : std::clamp(seconds, 0.0, kSecondsMax);
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(wanted));
  const engine::BlockingScope blocking;
  while (Clock::now() < end) {
    surroundings.context.check_cancel();
    std::this_thread::sleep_for(
        std::min<Clock::duration>(kPoll, std::max(end - Clock::now(), Clock::duration::zero())));
  }
  return {};
}

// ---------------------------------------------------------------- types and names as values

void type_of(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    out.values<Int8>()[row] = call.argument_types[0].oid;
  }
}

/// Not strict in the modifier.
void format_type_of(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    const engine::ColumnVector& types = *call.arguments[0];
    const engine::ColumnVector& modifiers = *call.arguments[1];
    if (types.is_null(row)) {
      out.set_null(row);
      continue;
    }
    const auto oid = static_cast<Oid>(types.values<Int8>()[types.index(row)]);
    const Int4 modifier =
        modifiers.is_null(row) ? -1 : modifiers.values<Int4>()[modifiers.index(row)];
    if (find_type(oid) != nullptr || oid == 0) {
      const Type type{oid, modifier};
      out.set_bytes(row, modifiers.is_null(row) ? format_type(type) : format_type_exactly(type));
    } else {
      const std::string name = object_name(type_oid::kRegtype, oid, call.context);
      out.set_bytes(row, name == std::to_string(oid) ? "???" : name);
    }
  }
}

template <typename R>
std::optional<R> to_reg(Surroundings& surroundings, Text name) {
  const std::optional<Oid> found = find_object(SqlValue<R>::kType, name, surroundings.context);
  return found ? std::optional(R{Int8{*found}}) : std::nullopt;
}
Regclass text_to_regclass(Surroundings& surroundings, Text name) {
  return {resolve_object(type_oid::kRegclass, name, surroundings.context)};
}

// ---------------------------------------------------------------- sequences

const engine::Sequence& sequence_of(const Surroundings& surroundings, Regclass sequence) {
  const EvalContext& context = surroundings.context;
  const auto oid = static_cast<Oid>(sequence.value);
  if (context.catalog == nullptr || context.transaction == nullptr) {
    internal_error("sequences need a transaction");
  }
  const auto* found = context.catalog->get<engine::Sequence>(oid);
  if (found == nullptr) {
    if (context.catalog->find(oid) == nullptr) {
      throw SqlError(sqlstate::kUndefinedTable,
                     fmt::format("could not open relation with OID {}", oid));
    }
    throw SqlError(
        sqlstate::kWrongObjectType,
        fmt::format("\"{}\" is not a sequence", object_name(type_oid::kRegclass, oid, context)));
  }
  return *found;
}

constexpr SqlState kSequenceExhausted = "2200H";

void check_may_advance(const Surroundings& surroundings, std::string_view function) {
  if (surroundings.context.transaction->options().read_only) {
    throw SqlError(sqlstate::kReadOnlySqlTransaction,
                   fmt::format("cannot execute {}() in a read-only transaction", function));
  }
}

Int8 next_value(Surroundings& surroundings, Regclass sequence) {
  const engine::Sequence& found = sequence_of(surroundings, sequence);
  check_may_advance(surroundings, "nextval");
  const engine::Result<std::int64_t> next = surroundings.context.transaction->sequence_next(found);
  if (!next.ok() && next.status().code() == engine::StatusCode::LimitExceeded) {
    const bool ascending = found.increment > 0;
    throw SqlError(kSequenceExhausted,
                   fmt::format("nextval: reached {} value of sequence \"{}\" ({})",
                               ascending ? "maximum" : "minimum", found.name,
                               ascending ? found.max : found.min));
  }
  const Int8 value = value_or_throw(next);
  session_of(surroundings).sequence_used(found.oid, value);
  return value;
}

Int8 current_value(Surroundings& surroundings, Regclass sequence) {
  const engine::Sequence& found = sequence_of(surroundings, sequence);
  const std::optional<Int8> value = session_of(surroundings).sequence_value(found.oid);
  if (!value) {
    throw SqlError(
        sqlstate::kObjectNotInPrerequisiteState,
        fmt::format("currval of sequence \"{}\" is not yet defined in this session", found.name));
  }
  return *value;
}

Int8 last_value(Surroundings& surroundings) {
  const Session& session = session_of(surroundings);
  const std::optional<Int8> value = session.sequence_value(session.last_sequence());
  if (session.last_sequence() == 0 || !value) {
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   "lastval is not yet defined in this session");
  }
  return *value;
}

Int8 set_value_called(Surroundings& surroundings, Regclass sequence, Int8 value, bool is_called) {
  const engine::Sequence& found = sequence_of(surroundings, sequence);
  check_may_advance(surroundings, "setval");
  if (value < found.min || value > found.max) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                               value, found.name, found.min, found.max));
  }
  throw_if_error(surroundings.context.transaction->sequence_set(found, value, is_called));
  if (is_called) {
    session_of(surroundings).sequence_used(found.oid, value);
  }
  return value;
}
Int8 set_value(Surroundings& surroundings, Regclass sequence, Int8 value) {
  return set_value_called(surroundings, sequence, value, true);
}

constexpr FunctionRow kRows[] = {
    scalar<version>(89, "version", "PostgreSQL version string").stable(),
    scalar<current_database>(861, "current_database", "name of the current database").stable(),
    scalar<current_user>(745, "current_user", "current user name").stable(),
    scalar<current_user>(746, "session_user", "session user name").stable(),
    scalar<current_schema>(1402, "current_schema", "current schema name").stable(),
    scalar<current_schemas>(1403, "current_schemas", "current schema search list").stable(),
    scalar<current_setting>(2077, "current_setting", "SHOW X as a function").stable(),
    scalar<current_setting_or_null>(
        3294, "current_setting", "SHOW X as a function, optionally no error for missing variable")
        .stable(),
    vectorised(2078, "set_config", {25, 25, 16}, 25, set_config, "SET X as a function")
        .changing()
        .non_strict(),
    scalar<backend_pid>(2026, "pg_backend_pid", "statistics: current backend PID").stable(),
    scalar<current_transaction_id>(2943, "txid_current", "get current transaction ID").stable(),
    scalar<assigned_transaction_id>(3348, "txid_current_if_assigned", "get current transaction ID")
        .stable(),
    scalar<sleep>(2626, "pg_sleep", "sleep for the specified time in seconds").changing(),
    vectorised(1619, "pg_typeof", {2276}, 2206, type_of, "type of the argument")
        .stable()
        .non_strict(),
    vectorised(1081, "format_type", {26, 23}, 25, format_type_of,
               "format a type oid and atttypmod to canonical SQL")
        .stable()
        .non_strict(),
    scalar<to_reg<Regclass>>(3495, "to_regclass", "convert classname to regclass").stable(),
    scalar<to_reg<Regtype>>(3493, "to_regtype", "convert type name to regtype").stable(),
    scalar<to_reg<Regproc>>(3494, "to_regproc", "convert proname to regproc").stable(),
    scalar<to_reg<Regprocedure>>(3479, "to_regprocedure", "convert proname to regprocedure")
        .stable(),
    scalar<to_reg<Regoper>>(3492, "to_regoper", "convert operator name to regoper").stable(),
    scalar<to_reg<Regrole>>(4093, "to_regrole", "convert role name to regrole").stable(),
    scalar<to_reg<Regnamespace>>(4086, "to_regnamespace", "convert namespace name to regnamespace")
        .stable(),
    scalar<text_to_regclass>(1079, "regclass", "convert text to regclass").stable(),
    scalar<next_value>(1574, "nextval", "sequence next value").changing(),
    scalar<current_value>(1575, "currval", "sequence current value").changing(),
    scalar<last_value>(2559, "lastval", "current value from last used sequence").changing(),
    scalar<set_value>(1576, "setval", "set sequence value").changing(),
    scalar<set_value_called>(1765, "setval", "set sequence value and is_called status").changing(),
};

}  // namespace

const FunctionTable kSessionFunctions = kRows;

}  // namespace omen::sql
