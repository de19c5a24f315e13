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
  RowWriter writer(out);
  const auto null = std::nullopt;
  for (const engine::LockInfo& lock : context.engine->locks()) {
    writer.row("relation", kDatabaseOid, lock.table_oid, null, null, null,
               lock.owner == 0 ? std::optional<engine::Xid>() : std::optional(lock.owner), null,
               null, null, null, null, lock_mode_name(lock.mode), lock.granted, false, null);
  }
}

}  // namespace omen::sql
