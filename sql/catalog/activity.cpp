// Views whose rows are the server's own state: pg_settings, pg_stat_activity, pg_locks,
// pg_prepared_statements.
#include "sql/catalog/base_relations.h"
#include "sql/catalog/row_writer.h"
#include "sql/session/session.h"

namespace omen::sql {
namespace {

constexpr Oid kDatabaseOid = 5;

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

const char* lock_kind_name(engine::LockInfo::Kind kind) {
  switch (kind) {
    case engine::LockInfo::Kind::Table:
      return "relation";
    case engine::LockInfo::Kind::Row:
      return "tuple";
    case engine::LockInfo::Kind::Transaction:
      return "transactionid";
    case engine::LockInfo::Kind::Advisory:
    case engine::LockInfo::Kind::AdvisoryPair:
      return "advisory";
  }
  return "";
}

const char* lock_mode_name(engine::TableLock mode) {
  switch (mode) {
    case engine::TableLock::AccessShare:
      return "AccessShareLock";
    case engine::TableLock::RowShare:
      return "RowShareLock";
    case engine::TableLock::RowExclusive:
      return "RowExclusiveLock";
    case engine::TableLock::ShareUpdateExclusive:
      return "ShareUpdateExclusiveLock";
    case engine::TableLock::Share:
      return "ShareLock";
    case engine::TableLock::ShareRowExclusive:
      return "ShareRowExclusiveLock";
    case engine::TableLock::Exclusive:
      return "ExclusiveLock";
    case engine::TableLock::AccessExclusive:
      return "AccessExclusiveLock";
  }
  return "";
}

}  // namespace

void pg_settings_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.session == nullptr) {
    return;
  }
  RowWriter writer(out);
  for (const SettingRow& s : context.session->settings()) {
    const std::optional<std::string> values =
        s.enum_values.empty() ? std::nullopt : std::optional(text_array(s.enum_values));
    writer.row(s.name, s.setting, unless_empty(s.unit), s.category, s.description, std::nullopt,
               s.context, s.type, s.source, unless_empty(s.min), unless_empty(s.max), values,
               s.boot_value, s.reset_value, std::nullopt, std::nullopt, false);
  }
}

void pg_stat_activity_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.session == nullptr) {
    return;
  }
  RowWriter writer(out);
  const auto null = std::nullopt;
  for (const Database::Backend& b : context.session->database().backends()) {
    writer.row(kDatabaseOid, "postgres", b.process_id, null, engine::kBootstrapRoleOid, b.user,
               b.application_name, unless_empty(b.client_address), null, null, null, null, null,
               null, null, null, b.state, null, null, null, b.query, "client backend");
  }
}

void pg_prepared_statements_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.session == nullptr) {
    return;
  }
  RowWriter writer(out);
  for (const NamedStatement& s : context.session->named_statements()) {
    // Whether an execution took a generic or a custom plan is not counted.
    writer.row(s.name, s.text, s.prepared_at_us, regtype_array(s.parameter_types), s.from_sql,
               std::nullopt, std::nullopt);
  }
}

void pg_locks_rows(const EvalContext& context, engine::ColumnBatch& out) {
  if (context.engine == nullptr) {
    return;
  }
  using Kind = engine::LockInfo::Kind;
  using MaybeInt = std::optional<std::int64_t>;
  RowWriter writer(out);
  const auto null = std::nullopt;
  for (const engine::LockInfo& lock : context.engine->locks()) {
    const bool is_transaction = lock.kind == Kind::Transaction;
    const bool is_pair = lock.kind == Kind::AdvisoryPair;
    const bool is_advisory = is_pair || lock.kind == Kind::Advisory;
    const MaybeInt object(static_cast<std::int64_t>(lock.object));
    const MaybeInt none;
    const auto key = [&](unsigned shift) {
      return is_advisory ? MaybeInt(static_cast<std::uint32_t>(lock.object >> shift)) : none;
    };
    writer.row(lock_kind_name(lock.kind), is_transaction ? none : MaybeInt(kDatabaseOid),
               is_transaction || is_advisory ? none : object, null, null, null,
               is_transaction && lock.object != 0 ? object : none, key(32), key(0),
               is_advisory ? MaybeInt(is_pair ? 2 : 1) : none, null,
               lock.process_id == 0 ? none : MaybeInt(lock.process_id), lock_mode_name(lock.mode),
               lock.granted, false, null);
  }
}

}  // namespace omen::sql
