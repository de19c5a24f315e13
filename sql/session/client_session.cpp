#include "sql/session/client_session.h"

#include <fmt/format.h>

#include <utility>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/encoding.h"
#include "sql/session/portals.h"

namespace omen::sql {
namespace {

/// The one database of a server, until CREATE DATABASE exists.
constexpr std::string_view kDatabaseName = "postgres";

/// Order of client_min_messages; INFO is always sent.
int severity_rank(std::string_view severity) {
  constexpr std::string_view kOrder[] = {"debug5", "debug4", "debug3", "debug2",
                                         "debug1", "log",    "notice", "warning"};
  for (int i = 0; i < 8; ++i) {
    if (kOrder[i] == severity) {
      return i;
    }
  }
  return 8;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return result;
}

SqlError fatal(SqlState sqlstate, std::string message) {
  SqlError error(sqlstate, std::move(message));
  error.diagnostic().severity = "FATAL";
  return error;
}

}  // namespace

std::unique_ptr<Session> Session::start(Database& database, SessionStart start) {
  const engine::CatalogPtr catalog = database.engine().catalog();
  const engine::Role* role = catalog->find_role(start.user);
  if (role == nullptr) {
    throw fatal(sqlstate::kInvalidAuthorizationSpecification,
                fmt::format("role \"{}\" does not exist", start.user));
  }
  if (!role->can_login) {
    throw fatal(sqlstate::kInvalidAuthorizationSpecification,
                fmt::format("role \"{}\" is not permitted to log in", start.user));
  }
  if (start.database != kDatabaseName) {
    throw fatal(sqlstate::kInvalidCatalogName,
                fmt::format("database \"{}\" does not exist", start.database));
  }
  return std::make_unique<ClientSession>(database, std::move(start));
}

ClientSession::ClientSession(Database& database, SessionStart start)
    : database_(database),
      start_(std::move(start)),
      block_(database.engine(), settings_, start_.process_id,
             {.close_portals = [this](std::uint64_t serial_min) { close_portals(serial_min); },
              .next_portal_serial = [this] { return portal_serial_ + 1; },
              .notice = [this](Diagnostic diagnostic) { notice(std::move(diagnostic)); },
              .now_us = [this] { return statement_us_; }}) {
  const engine::CatalogPtr catalog = database.engine().catalog();
  const engine::Role* role = catalog->find_role(start_.user);
  for (const auto& [name, value] : database.server_settings()) {
    settings_.set_by_server(name, value);
  }
  settings_.set_by_server("session_authorization", start_.user);
  settings_.set_by_server("is_superuser", role != nullptr && role->superuser ? "on" : "off");
  for (const auto& [name, value] : start_.settings) {
    try {
      settings_.set_initial(name, value);
    } catch (SqlError& error) {
      error.diagnostic().severity = "FATAL";
      throw;
    }
  }
}

ClientSession::~ClientSession() {
  close_portals(0);
}

// ---------------------------------------------------------------- messages

void ClientSession::begin_statement() {
  if (is_in_message_) {
    return;
  }
  is_in_message_ = true;
  statement_us_ = now_us();
  const engine::CancelReason reason = cancel_.reason();
  if (reason == engine::CancelReason::UserRequest ||
      reason == engine::CancelReason::StatementTimeout) {
    cancel_.reset();  // meant for a statement that has ended
  }
}

void ClientSession::finish_message() {
  is_in_message_ = false;
  split_offsets_.clear();
  split_parse_.reset();
  base_position_ = 0;
  block_.finish_message();
}

void ClientSession::fail() {
  is_in_message_ = false;
  split_offsets_.clear();
  split_parse_.reset();
  base_position_ = 0;
  block_.fail();
}

std::uint64_t ClientSession::transaction_generation() const {
  return block_.generation();
}
TransactionStatus ClientSession::transaction_status() const {
  return block_.status();
}

// ---------------------------------------------------------------- statements

void ClientSession::check_not_failed(const PreparedStatement& prepared) const {
  if (block_.status() == TransactionStatus::Failed && !prepared.allowed_in_failed_block()) {
    throw SqlError(sqlstate::kInFailedSqlTransaction,
                   "current transaction is aborted, commands ignored until end of transaction "
                   "block");
  }
}

namespace {

/// 42P02 for the first parameter of a text that has no values for any.
SqlError missing_parameter(std::string_view text) {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      quote = text[i] == quote ? '\0' : quote;
    } else if (text[i] == '\'' || text[i] == '"') {
      quote = text[i];
    } else if (text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9') {
      const std::size_t end = std::min(text.find_first_not_of("0123456789", i + 1), text.size());
      SqlError error(sqlstate::kUndefinedParameter,
                     fmt::format("there is no parameter {}", text.substr(i, end - i)));
      error.set_location(static_cast<int>(i));
      return error;
    }
  }
  return {sqlstate::kUndefinedParameter, "there is no parameter $1"};
}

}  // namespace

std::unique_ptr<Portal> ClientSession::bind(const PreparedPtr& prepared,
                                            const BindOptions& options) {
  begin_statement();
  const auto statement = std::static_pointer_cast<const PreparedStatement>(prepared);
  check_not_failed(*statement);
  if (options.simple_query && !options.last_of_message) {
    block_.set_implicit_block();
  }
  if (options.simple_query && !statement->parameter_types().empty()) {
    rethrow_with_position(missing_parameter(statement->text()), statement->text());
  }
  if (options.arguments.size() != statement->parameter_types().size()) {
    throw SqlError(
        sqlstate::kProtocolViolation,
        fmt::format(
            "bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
            options.arguments.size(), name_of(prepared), statement->parameter_types().size()));
  }
  try {
    std::vector<engine::Value> parameters;
    if (!options.arguments.empty()) {
      transaction();
      parameters = convert_arguments(*this, statement->parameter_types(), options);
    }
    return make_portal(*this, statement, std::move(parameters));
  } catch (const SqlError& error) {
    rethrow_with_position(error, statement->text());
  }
}

CommandResult ClientSession::run_command(const PreparedStatement& prepared,
                                         const std::vector<engine::Value>& parameters) {
  if (prepared.statement() == nullptr) {
    return {};
  }
  try {
    return dispatch_command(*this, prepared, parameters);
  } catch (const SqlError& error) {
    rethrow_with_position(error, prepared.text());
  }
}

// ---------------------------------------------------------------- portals

std::uint64_t ClientSession::add_portal(SessionPortal& portal) {
  ++portal_serial_;
  portals_.emplace(portal_serial_, &portal);
  return portal_serial_;
}

void ClientSession::remove_portal(SessionPortal& portal) {
  portals_.erase({portal.serial(), &portal});
}

void ClientSession::close_portals(std::uint64_t serial_min) {
  for (auto it = portals_.lower_bound({serial_min, nullptr}); it != portals_.end(); ++it) {
    it->second->close();
  }
}

// ---------------------------------------------------------------- surroundings

const SessionEnvironmentPtr& ClientSession::environment() const {
  if (environment_version_ != settings_.version()) {
    environment_ = make_environment(settings_, start_.user);
    environment_version_ = settings_.version();
  }
  return environment_;
}

EvalContext ClientSession::make_eval_context() {
  EvalContext context;
  environment()->apply_to(context);
  context.transaction_timestamp_us = block_.start_us();
  context.statement_timestamp_us = statement_us_;
  context.engine = &database_.engine();
  context.transaction = block_.current();
  context.catalog = context.transaction != nullptr ? context.transaction->catalog()
                                                   : database_.engine().catalog();
  context.session = this;
  context.cancel = &cancel_;
  return context;
}

const EvalContext& ClientSession::eval_context() const {
  eval_environment_ = environment();
  eval_ = const_cast<ClientSession*>(this)->make_eval_context();
  return eval_;
}

void ClientSession::notice(Diagnostic diagnostic) {
  const bool is_wanted =
      diagnostic.severity == "INFO" || severity_rank(lower(diagnostic.severity)) >=
                                           severity_rank(settings_.value("client_min_messages"));
  if (is_wanted) {
    notices_.push_back(std::move(diagnostic));
  }
}

void ClientSession::notice(SqlState sqlstate, std::string message) {
  Diagnostic diagnostic;
  diagnostic.severity = "NOTICE";
  diagnostic.sqlstate = sqlstate;
  diagnostic.message = std::move(message);
  notice(std::move(diagnostic));
}

std::vector<Diagnostic> ClientSession::take_notices() {
  return std::exchange(notices_, {});
}

std::vector<std::pair<std::string, std::string>> ClientSession::take_reported_settings() {
  return settings_.take_reported();
}

// ---------------------------------------------------------------- settings

std::optional<std::string> ClientSession::find_setting(std::string_view name) const {
  const std::string key = lower(name);
  if (key == "transaction_isolation") {
    return block_.isolation_name();
  }
  if (key == "transaction_read_only") {
    return block_.read_only_text();
  }
  if (key == "transaction_deferrable") {
    return block_.deferrable_text();
  }
  return settings_.show(name);
}

std::string ClientSession::setting(std::string_view name) const {
  if (std::optional<std::string> value = find_setting(name)) {
    return *value;
  }
  throw SqlError(sqlstate::kUndefinedObject,
                 fmt::format("unrecognized configuration parameter \"{}\"", name));
}

std::string ClientSession::set_setting(std::string_view name,
                                       const std::optional<std::string>& value, bool is_local) {
  assign_setting(*this, name, value, is_local);
  return setting(name);
}

bool ClientSession::is_default_setting(std::string_view name) const {
  return settings_.is_default(name);
}

std::vector<SettingRow> ClientSession::settings() const {
  std::vector<SettingRow> rows = settings_.rows();
  for (SettingRow& row : rows) {
    if (row.name.starts_with("transaction_")) {
      row.setting = setting(row.name);
    }
  }
  return rows;
}

const std::vector<std::string>& ClientSession::search_path() const {
  return environment()->search_path;
}

// ---------------------------------------------------------------- sequences, named statements

void ClientSession::sequence_used(engine::Oid sequence, std::int64_t value) {
  sequence_values_[sequence] = value;
  last_sequence_ = sequence;
}

std::optional<std::int64_t> ClientSession::sequence_value(engine::Oid sequence) const {
  const auto found = sequence_values_.find(sequence);
  return found == sequence_values_.end() ? std::nullopt : std::optional(found->second);
}

void ClientSession::forget_sequences() {
  sequence_values_.clear();
  last_sequence_ = 0;
}

void ClientSession::store_prepared(std::string_view name, PreparedPtr prepared) {
  if (!name.empty() && named_.contains(name)) {
    throw SqlError(sqlstate::kDuplicatePreparedStatement,
                   fmt::format("prepared statement \"{}\" already exists", name));
  }
  named_.insert_or_assign(std::string(name), Named{std::move(prepared), now_us()});
}

PreparedPtr ClientSession::find_prepared(std::string_view name) const {
  const auto found = named_.find(name);
  if (found != named_.end()) {
    return found->second.prepared;
  }
  throw SqlError(sqlstate::kInvalidSqlStatementName,
                 name.empty() ? "unnamed prepared statement does not exist"
                              : fmt::format("prepared statement \"{}\" does not exist", name));
}

void ClientSession::drop_prepared(std::string_view name) {
  if (const auto found = named_.find(name); found != named_.end()) {
    named_.erase(found);
  }
}

std::vector<NamedStatement> ClientSession::named_statements() const {
  std::vector<NamedStatement> statements;
  for (const auto& [name, named] : named_) {
    if (!name.empty()) {
      const auto& prepared = static_cast<const PreparedStatement&>(*named.prepared);
      statements.push_back({.name = name,
                            .text = prepared.text(),
                            .parameter_types = prepared.parameter_types(),
                            .prepared_at_us = named.prepared_at_us,
                            .from_sql = prepared.is_nested()});
    }
  }
  return statements;
}

std::string ClientSession::name_of(const PreparedPtr& prepared) const {
  for (const auto& [name, candidate] : named_) {
    if (candidate.prepared == prepared) {
      return name;
    }
  }
  return "";
}

}  // namespace omen::sql
