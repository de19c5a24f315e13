#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/settings/setting_value.h"

namespace omen::sql {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

/// The setting's own spelling, for column names and the like.
std::string spelled(std::string_view name) {
  const SettingDefinition* definition = find_setting_definition(name);
  return definition != nullptr ? std::string(definition->name) : std::string(name);
}

/// Names quoted as needed and joined, as SHOW search_path prints them.
std::string joined_values(const ast::SetStatement& statement) {
  const SettingDefinition* definition = find_setting_definition(statement.name);
  const bool is_list = definition != nullptr && definition->is_list;
  if (statement.values.size() > 1 && !is_list) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("SET {} takes only one argument", statement.name));
  }
  std::string joined;
  for (const std::string& value : statement.values) {
    joined += joined.empty() ? "" : ", ";
    joined += is_list && definition->name != "DateStyle" ? quote_identifier(value) : value;
  }
  // SET search_path = '' is a list of one empty name.
  return is_list && joined.empty() ? "\"\"" : joined;
}

void assign_transaction_setting(ClientSession& session, const std::string& key,
                                const std::optional<std::string>& value) {
  if (!value) {
    throw SqlError(sqlstate::kCantChangeRuntimeParam,
                   fmt::format("parameter \"{}\" cannot be reset", key));
  }
  const std::string canonical = canonical_setting(*find_setting_definition(key), *value, "");
  ast::TransactionModes modes;
  if (key == "transaction_isolation") {
    modes.isolation = canonical;
  } else if (key == "transaction_read_only") {
    modes.read_only = canonical == "on";
  } else {
    modes.deferrable = canonical == "on";
  }
  session.block().set_modes(modes);
}

void set_session_modes(ClientSession& session, const ast::TransactionModes& modes) {
  if (!modes.isolation.empty()) {
    assign_setting(session, "default_transaction_isolation", modes.isolation, false);
  }
  if (modes.read_only) {
    assign_setting(session, "default_transaction_read_only", *modes.read_only ? "on" : "off",
                   false);
  }
  if (modes.deferrable) {
    assign_setting(session, "default_transaction_deferrable", *modes.deferrable ? "on" : "off",
                   false);
  }
}

}  // namespace

void assign_setting(ClientSession& session, std::string_view name,
                    const std::optional<std::string>& value, bool is_local) {
  const std::string key = lower(name);
  session.transaction();  // SET belongs to a transaction, and is taken back with it
  if (key == "transaction_isolation" || key == "transaction_read_only" ||
      key == "transaction_deferrable") {
    assign_transaction_setting(session, key, value);
    return;
  }
  if (!value) {
    session.setting_values().reset(name, {.is_local = is_local});
    return;
  }
  session.setting_values().set(name, *value, {.is_local = is_local});
}

std::string set(ClientSession& session, const ast::SetStatement& statement) {
  using Kind = ast::SetStatement::Kind;
  if (statement.local) {
    session.block().warn_without_block("SET LOCAL");
  }
  switch (statement.type) {
    case Kind::Set:
      assign_setting(session, statement.name, joined_values(statement), statement.local);
      return "SET";
    case Kind::Default:
      assign_setting(session, statement.name, std::nullopt, statement.local);
      return "SET";
    case Kind::Reset:
      assign_setting(session, statement.name, std::nullopt, false);
      return "RESET";
    case Kind::ResetAll:
      session.transaction();
      session.setting_values().reset_all();
      return "RESET";
    case Kind::TransactionModes:
      session.block().warn_without_block("SET TRANSACTION");
      session.block().set_modes(statement.modes);
      return "SET";
    case Kind::SessionModes:
      set_session_modes(session, statement.modes);
      return "SET";
    case Kind::Snapshot:
      session.block().warn_without_block("SET TRANSACTION");
      session.block().import_snapshot(statement.values.at(0));
      return "SET";
  }
  return "SET";
}

CommandResult show(ClientSession& session, const ast::ShowStatement& statement) {
  CommandResult result{.tag = "SHOW", .rows = {}};
  if (statement.name != "all") {
    result.rows.push_back({session.setting(statement.name)});
    return result;
  }
  for (const SettingRow& row : session.settings()) {
    if (row.category != "Customized Options" || find_setting_definition(row.name) != nullptr) {
      result.rows.push_back({row.name, session.setting(row.name), row.description});
    }
  }
  return result;
}

void describe_show(ClientSession& session, const ast::ShowStatement& statement,
                   PreparedStatement::Content& content) {
  content.statement_class = StatementClass::Rows;
  if (statement.name == "all") {
    content.columns = {text_column("name"), text_column("setting"), text_column("description")};
    return;
  }
  static_cast<void>(session.setting(statement.name));  // 42704 already here
  content.columns = {text_column(spelled(statement.name))};
}

}  // namespace omen::sql
