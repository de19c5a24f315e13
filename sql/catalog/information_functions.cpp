// Sizes, counters, privileges and facts about the server.
#include <fmt/format.h>

#include <cmath>

#include "sql/catalog/entries.h"
#include "sql/error/sql_error.h"
#include "sql/functions/registry.h"
#include "sql/session/session.h"
#include "sql/types/object_names.h"

namespace omen::sql {
namespace {

constexpr Int4 kEncodingUtf8 = 6;

// ---------------------------------------------------------------- sizes

/// Bytes of a table without its indexes, or of an index; nullopt if there is no such relation.
std::optional<Int8> own_size(const EvalContext& context, Oid relation) {
  if (context.engine == nullptr || context.catalog == nullptr) {
    return std::nullopt;
  }
  const engine::CatalogEntry* entry = context.catalog->find(relation);
  if (entry == nullptr) {
    return std::nullopt;
  }
  if (std::holds_alternative<engine::Table>(*entry)) {
    return static_cast<Int8>(context.engine->table_statistics(relation).size_bytes);
  }
  if (std::holds_alternative<engine::Index>(*entry)) {
    return static_cast<Int8>(context.engine->index_statistics(relation).size_bytes);
  }
  return 0;
}

Int8 all_indexes_size(const EvalContext& context, Oid table) {
  Int8 total = 0;
  for (const engine::Index* index : context.catalog->indexes_of(table)) {
    total += own_size(context, index->oid).value_or(0);
  }
  return total;
}

std::optional<Int8> relation_size(Surroundings& s, Regclass relation) {
  return own_size(s.context, static_cast<Oid>(relation.value));
}
std::optional<Int8> relation_fork_size(Surroundings& s, Regclass relation, Text fork) {
  if (fork != "main" && fork != "fsm" && fork != "vm" && fork != "init") {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid fork name")
        .hint("Valid fork names are \"main\", \"fsm\", \"vm\", and \"init\".");
  }
  return fork == "main" ? own_size(s.context, static_cast<Oid>(relation.value)) : 0;
}
std::optional<Int8> indexes_size(Surroundings& s, Regclass relation) {
  const auto table = static_cast<Oid>(relation.value);
  if (!own_size(s.context, table).has_value()) {
    return std::nullopt;
  }
  return all_indexes_size(s.context, table);
}
std::optional<Int8> total_size(Surroundings& s, Regclass relation) {
  const auto table = static_cast<Oid>(relation.value);
  const std::optional<Int8> own = own_size(s.context, table);
  if (!own.has_value()) {
    return std::nullopt;
  }
  return *own + all_indexes_size(s.context, table);
}
std::optional<Int8> database_size(Surroundings& s, OidValue /*database*/) {
  return s.context.engine == nullptr
             ? std::nullopt
             : std::optional(static_cast<Int8>(s.context.engine->size_bytes()));
}
std::optional<Int8> database_size_by_name(Surroundings& s, Name database) {
  if (database.value != "postgres") {
    throw SqlError(sqlstate::kInvalidCatalogName,
                   fmt::format("database \"{}\" does not exist", database.value));
  }
  return database_size(s, {});
}

/// Manual, 9.27.7: a unit is left once the number would exceed 10,239 of it; rounds half away from
/// zero.
std::string size_pretty(Int8 size) {
  constexpr Int8 kLimit = 10 * 1024;
  if (size > -kLimit && size < kLimit) {
    return fmt::format("{} bytes", size);
  }
  const char* const units[] = {"kB", "MB", "GB", "TB", "PB"};
  Int8 value = size / 512;  // keeps one bit for rounding
  std::size_t unit = 0;
  while (unit + 1 < std::size(units) && (value <= -(2 * kLimit - 1) || value >= 2 * kLimit - 1)) {
    value /= 1024;
    ++unit;
  }
  value = (value + (value < 0 ? -1 : 1)) / 2;
  return fmt::format("{} {}", value, units[unit]);
}

std::optional<Int8> live_tuples(Surroundings& s, OidValue table) {
  return s.context.engine == nullptr
             ? std::nullopt
             : std::optional(std::llround(
                   s.context.engine->table_statistics(static_cast<Oid>(table.value)).live_rows));
}
std::optional<Int8> dead_tuples(Surroundings& s, OidValue table) {
  return s.context.engine == nullptr
             ? std::nullopt
             : std::optional(std::llround(
                   s.context.engine->table_statistics(static_cast<Oid>(table.value)).dead_rows));
}
std::optional<Int8> sequence_last_value(Surroundings& s, Regclass relation) {
  const engine::Sequence* sequence =
      s.context.catalog == nullptr
          ? nullptr
          : s.context.catalog->get<engine::Sequence>(static_cast<Oid>(relation.value));
  if (sequence == nullptr || s.context.transaction == nullptr) {
    return std::nullopt;
  }
  const auto [value, is_called] = value_or_throw(s.context.transaction->sequence_state(*sequence));
  return is_called ? std::optional(value) : std::nullopt;
}

// ---------------------------------------------------------------- privileges
// Every role may do everything: GRANT is refused (0A000), so nothing can narrow it.

void check_role(const EvalContext& context, std::string_view name) {
  if (name != "public" && context.catalog != nullptr &&
      context.catalog->find_role(name) == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("role \"{}\" does not exist", name));
  }
}

bool has_role(Surroundings& s, Name role, Text /*privilege*/) {
  check_role(s.context, role.value);
  return true;
}
bool has_role_oid(OidValue /*role*/, Text /*privilege*/) {
  return true;
}
bool role_has_role(Surroundings& s, Name member, Name role, Text /*privilege*/) {
  check_role(s.context, member.value);
  check_role(s.context, role.value);
  return true;
}
bool role_has_role_oid(Surroundings& s, Name member, OidValue /*role*/, Text /*privilege*/) {
  check_role(s.context, member.value);
  return true;
}

// ---------------------------------------------------------------- the server

Owned<type_oid::kName> encoding_to_char(Int4 encoding) {
  return {encoding == kEncodingUtf8 ? "UTF8" : ""};
}
Int4 char_to_encoding(Name name) {
  std::string folded;
  for (const char c : name.value) {
    if (c != '-' && c != '_') {
      folded += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
  }
  return folded == "utf8" || folded == "unicode" ? kEncodingUtf8 : -1;
}
std::optional<Int4> encoding_max_length(Int4 encoding) {
  return encoding == kEncodingUtf8 ? std::optional(4) : std::nullopt;
}
Owned<type_oid::kName> database_encoding() {
  return {"UTF8"};
}
std::string tablespace_location(OidValue /*tablespace*/) {
  return {};
}
bool is_in_recovery() {
  return false;
}
std::optional<TimestamptzValue> start_time(Surroundings& s) {
  return s.context.session == nullptr
             ? std::nullopt
             : std::optional(TimestamptzValue{s.context.session->database().started_at_us()});
}
/// Every connection is by TCP.
std::optional<Int4> server_port(Surroundings& s) {
  return s.context.session == nullptr
             ? std::nullopt
             : std::optional(static_cast<Int4>(std::stol(s.context.session->setting("port"))));
}
/// Superusers may signal all sessions, others those of their own role.
void check_may_signal(const Surroundings& s, std::string_view owner, bool terminate) {
  const std::string& user = s.context.session->client().user;
  const engine::Role* self = s.context.catalog->find_role(user);
  if (owner == user || (self != nullptr && self->superuser)) {
    return;
  }
  const engine::Role* target = s.context.catalog->find_role(owner);
  if (target == nullptr || target->superuser) {
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   terminate ? "must be a superuser to terminate superuser process"
                             : "must be a superuser to cancel superuser query");
  }
  throw SqlError(
      sqlstate::kInsufficientPrivilege,
      fmt::format("must be a member of the role whose {} or member of pg_signal_backend",
                  terminate ? "process is being terminated" : "query is being canceled"));
}

bool signal_backend(const Surroundings& s, Int4 process_id, bool terminate) {
  if (s.context.session == nullptr || s.context.catalog == nullptr) {
    return false;
  }
  const Database& database = s.context.session->database();
  for (const Database::Backend& backend : database.backends()) {
    if (backend.process_id == process_id) {
      check_may_signal(s, backend.user, terminate);
      return database.cancel_backend(process_id, terminate);
    }
  }
  Diagnostic warning;
  warning.severity = "WARNING";
  warning.sqlstate = sqlstate::kWarning;
  warning.message = fmt::format("PID {} is not a PostgreSQL backend process", process_id);
  s.context.session->notice(std::move(warning));
  return false;
}
bool cancel_backend(Surroundings& s, Int4 process_id) {
  return signal_backend(s, process_id, false);
}
bool terminate_backend(Surroundings& s, Int4 process_id) {
  return signal_backend(s, process_id, true);
}

constexpr FunctionRow kRows[] = {
    scalar<relation_size>(2325, "pg_relation_size", "disk space usage of a relation").changing(),
    scalar<relation_fork_size>(2332, "pg_relation_size", "disk space usage of one fork").changing(),
    scalar<relation_size>(2997, "pg_table_size", "disk space usage of a table").changing(),
    scalar<indexes_size>(2998, "pg_indexes_size", "disk space usage of a table's indexes")
        .changing(),
    scalar<total_size>(2286, "pg_total_relation_size",
                       "disk space usage of a table and its indexes")
        .changing(),
    scalar<database_size>(2324, "pg_database_size", "disk space usage of a database").changing(),
    scalar<database_size_by_name>(2168, "pg_database_size", "disk space usage of a database")
        .changing(),
    scalar<size_pretty>(2288, "pg_size_pretty", "convert a size to a human readable text"),
    scalar<live_tuples>(2878, "pg_stat_get_live_tuples", "statistics: number of live tuples")
        .stable(),
    scalar<dead_tuples>(2879, "pg_stat_get_dead_tuples", "statistics: number of dead tuples")
        .stable(),
    scalar<sequence_last_value>(4032, "pg_sequence_last_value", "sequence last value").changing(),
    scalar<has_role>(2709, "pg_has_role", "current user privilege on role").stable(),
    scalar<has_role_oid>(2710, "pg_has_role", "current user privilege on role").stable(),
    scalar<role_has_role>(2705, "pg_has_role", "user privilege on role").stable(),
    scalar<role_has_role_oid>(2706, "pg_has_role", "user privilege on role").stable(),
    scalar<encoding_to_char>(1597, "pg_encoding_to_char", "convert encoding id to encoding name")
        .stable(),
    scalar<char_to_encoding>(1264, "pg_char_to_encoding", "convert encoding name to encoding id")
        .stable(),
    scalar<encoding_max_length>(2319, "pg_encoding_max_length",
                                "maximum octet length of a character"),
    scalar<database_encoding>(1039, "getdatabaseencoding", "encoding name of current database")
        .stable(),
    scalar<database_encoding>(810, "pg_client_encoding", "encoding name of the client").stable(),
    scalar<tablespace_location>(3778, "pg_tablespace_location", "tablespace location").stable(),
    scalar<is_in_recovery>(3810, "pg_is_in_recovery", "true if server is in recovery").changing(),
    scalar<start_time>(2560, "pg_postmaster_start_time", "postmaster start time").stable(),
    scalar<start_time>(2034, "pg_conf_load_time", "configuration load time").stable(),
    scalar<server_port>(2199, "inet_server_port", "server's port number for this connection")
        .stable(),
    scalar<cancel_backend>(2171, "pg_cancel_backend", "cancel a server process' current query")
        .changing(),
    scalar<terminate_backend>(2096, "pg_terminate_backend", "terminate a server process")
        .changing(),
};

}  // namespace

const FunctionTable kInformationFunctions = kRows;

}  // namespace omen::sql
