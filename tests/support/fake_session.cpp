#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <map>
#include <thread>

#include "engine/base/blocking.h"
#include "sql/session/session.h"

/// A sql::Session that knows a handful of commands, so that the server's message loop can be tested
/// without a database behind it. Linked instead of sql/session, never shipped.
///
///   rows N     N rows of one int4, 1 to N (batches of 100)
///   echo $1    one row with its text argument
///   sleep N    waits N milliseconds, can be cancelled;  block N  the same in a BlockingScope
///   copy in / copy out    data as it comes / three lines
///   begin, commit, set NAME=VALUE, fail, notice TEXT; anything else is a syntax error
namespace omen::sql {

struct Database::Shared {};
Database::Database(engine::Engine& engine) : engine_(engine), shared_(std::make_unique<Shared>()) {}
Database::~Database() = default;
void Database::set_backend_source(std::function<std::vector<Backend>()> /*source*/) {}
void Database::set_cancel_backend(std::function<bool(std::int32_t, bool)> /*cancel*/) {}

std::vector<Database::Backend> Database::backends() const {
  return {};
}
bool Database::cancel_backend(std::int32_t /*process_id*/, bool /*terminate*/) const {
  return false;
}

std::optional<std::string> role_verifier(const engine::Catalog& /*catalog*/,
                                         std::string_view role) {
  // The password is "pencil".
  return role == "secret" ? std::optional<std::string>(
                                "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
                                "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                                "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")
                          : std::nullopt;
}

namespace {

class FakePrepared final : public Prepared {
 public:
  explicit FakePrepared(std::string text) : text_(std::move(text)) {
    const std::size_t space = text_.find(' ');
    verb_ = text_.substr(0, space);
    rest_ = space == std::string::npos ? "" : text_.substr(space + 1);
    if (verb_ == "rows") {
      columns_ = {{.name = "n", .type_oid = type_oid::kInt4, .type_length = 4}};
    } else if (verb_ == "echo") {
      columns_ = {{.name = "echo", .type_oid = type_oid::kText}};
      parameters_ = {type_oid::kText};
    }
  }
  [[nodiscard]] StatementClass statement_class() const override {
    if (text_ == "copy in") {
      return StatementClass::CopyIn;
    }
    if (text_ == "copy out") {
      return StatementClass::CopyOut;
    }
    return columns_.empty() ? StatementClass::Command : StatementClass::Rows;
  }
  [[nodiscard]] const std::vector<Oid>& parameter_types() const override { return parameters_; }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
  [[nodiscard]] const std::string& text() const override { return text_; }
  [[nodiscard]] bool allowed_in_failed_block() const override { return verb_ == "commit"; }
  [[nodiscard]] const std::string& verb() const { return verb_; }
  [[nodiscard]] const std::string& rest() const { return rest_; }
  [[nodiscard]] int number() const {
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    return value;
  }

 private:
  std::string text_, verb_, rest_;
  std::vector<ResultColumn> columns_;
  std::vector<Oid> parameters_;
};

class FakeSession final : public Session {
 public:
  FakeSession(Database& database, SessionStart start)
      : database_(database), start_(std::move(start)) {}
  std::vector<std::string> split(std::string_view text) override {
    std::vector<std::string> statements;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(';'), text.size());
      std::string_view one = text.substr(0, end);
      while (!one.empty() && one.front() == ' ') {
        one.remove_prefix(1);
      }
      if (!one.empty()) {
        statements.emplace_back(one);
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return statements;
  }
  PreparedPtr prepare(std::string_view text, std::span<const Oid> /*types*/) override {
    constexpr std::string_view kVerbs = " rows echo sleep block copy begin commit set fail notice ";
    auto prepared = std::make_shared<FakePrepared>(std::string(text));
    if (kVerbs.find(fmt::format(" {} ", prepared->verb())) == std::string_view::npos) {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("syntax error at or near \"{}\"", prepared->verb()))
          .at(0);
    }
    return prepared;
  }
  std::unique_ptr<Portal> bind(const PreparedPtr& prepared, const BindOptions& options) override;
  void finish_message() override { end_implicit(); }
  void fail() override {
    if (status_ == TransactionStatus::Idle) {
      ++generation_;
    } else {
      status_ = TransactionStatus::Failed;
    }
  }
  [[nodiscard]] std::uint64_t transaction_generation() const override { return generation_; }
  [[nodiscard]] TransactionStatus transaction_status() const override { return status_; }
  void cancel(engine::CancelReason reason) override { cancel_.cancel(reason); }
  std::vector<std::pair<std::string, std::string>> take_reported_settings() override {
    return std::exchange(reported_, {});
  }
  std::vector<Diagnostic> take_notices() override { return std::exchange(notices_, {}); }
  void notice(Diagnostic diagnostic) override { notices_.push_back(std::move(diagnostic)); }
  [[nodiscard]] const EvalContext& eval_context() const override { return context_; }
  [[nodiscard]] std::string setting(std::string_view name) const override {
    const auto found = settings_.find(name);
    return found == settings_.end() ? "0" : found->second;
  }
  [[nodiscard]] std::optional<std::string> find_setting(std::string_view name) const override {
    return setting(name);
  }
  std::string set_setting(std::string_view name, const std::optional<std::string>& value,
                          bool /*is_local*/) override {
    return settings_[std::string(name)] = value.value_or("");
  }
  [[nodiscard]] bool is_default_setting(std::string_view /*name*/) const override { return true; }
  [[nodiscard]] std::vector<SettingRow> settings() const override { return {}; }
  [[nodiscard]] const std::vector<std::string>& search_path() const override { return path_; }
  [[nodiscard]] Database& database() override { return database_; }
  [[nodiscard]] const SessionStart& client() const override { return start_; }
  void sequence_used(engine::Oid /*sequence*/, std::int64_t /*value*/) override {}
  [[nodiscard]] std::optional<std::int64_t> sequence_value(engine::Oid) const override {
    return std::nullopt;
  }
  [[nodiscard]] engine::Oid last_sequence() const override { return 0; }
  void store_prepared(std::string_view name, PreparedPtr prepared) override {
    if (!prepared_.emplace(name, std::move(prepared)).second) {
      throw SqlError(sqlstate::kDuplicatePreparedStatement,
                     fmt::format("prepared statement \"{}\" already exists", name));
    }
  }
  [[nodiscard]] PreparedPtr find_prepared(std::string_view name) const override {
    const auto found = prepared_.find(name);
    if (found == prepared_.end()) {
      throw SqlError(sqlstate::kInvalidSqlStatementName,
                     fmt::format("prepared statement \"{}\" does not exist", name));
    }
    return found->second;
  }
  void drop_prepared(std::string_view name) override { prepared_.erase(std::string(name)); }

  void end_implicit() {
    if (status_ == TransactionStatus::Idle) {
      ++generation_;
    }
  }

  Database& database_;
  SessionStart start_;
  std::vector<std::string> path_;
  engine::CancelToken cancel_;
  TransactionStatus status_ = TransactionStatus::Idle;
  std::uint64_t generation_ = 0;
  EvalContext context_;
  std::map<std::string, std::string, std::less<>> settings_;
  std::vector<std::pair<std::string, std::string>> reported_ = {
      {"server_version", "15.0"}, {"client_encoding", "UTF8"}, {"application_name", "fake"}};
  std::vector<Diagnostic> notices_;
  std::map<std::string, PreparedPtr, std::less<>> prepared_;
};

class FakePortal final : public Portal {
 public:
  FakePortal(FakeSession& session, PreparedPtr prepared, std::string argument)
      : session_(session),
        handle_(std::move(prepared)),
        prepared_(static_cast<const FakePrepared&>(*handle_)),
        argument_(std::move(argument)) {}

  bool next(engine::ColumnBatch& out) override {
    const std::string& verb = prepared_.verb();
    if (verb == "rows") {
      return next_rows(out);
    }
    if (verb == "echo") {
      const engine::PhysicalType type = engine::PhysicalType::Bytes;
      out.reset({&type, 1});
      out.resize(1);
      out.column(0).set_bytes(0, argument_);
      return std::exchange(given_, 1) == 0;
    }
    run_command(verb);
    return false;
  }
  [[nodiscard]] std::string command_tag(std::uint64_t rows_sent) const override {
    return prepared_.statement_class() == StatementClass::Rows
               ? fmt::format("SELECT {}", rows_sent)
               : fmt::format("{} {}", prepared_.verb(), copied_.size());
  }
  void copy_data(std::string_view bytes) override { copied_.append(bytes); }
  void copy_done() override {}
  void copy_fail(std::string_view message) override {
    throw SqlError(sqlstate::kQueryCanceled, fmt::format("COPY from stdin failed: {}", message));
  }
  bool copy_out(std::vector<std::string>& rows) override {
    rows = {"one\n", "two\n", "three\n"};
    return false;
  }
  [[nodiscard]] bool copy_is_binary() const override { return false; }
  [[nodiscard]] std::size_t copy_column_count() const override { return 1; }

 private:
  bool next_rows(engine::ColumnBatch& out) {
    const int count = std::min(100, prepared_.number() - given_);
    if (count <= 0) {
      return false;
    }
    const engine::PhysicalType type = engine::PhysicalType::Int32;
    out.reset({&type, 1});
    out.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      out.column(0).values<std::int32_t>()[static_cast<std::size_t>(i)] = ++given_;
    }
    throw_if_error(session_.cancel_.check());
    return true;
  }
  void run_command(const std::string& verb) {
    if (verb == "begin") {
      session_.status_ = TransactionStatus::InBlock;
    } else if (verb == "commit") {
      session_.status_ = TransactionStatus::Idle;
      ++session_.generation_;
    } else if (verb == "set") {
      const std::size_t equals = prepared_.rest().find('=');
      session_.settings_[prepared_.rest().substr(0, equals)] = prepared_.rest().substr(equals + 1);
      session_.reported_.emplace_back(prepared_.rest().substr(0, equals),
                                      prepared_.rest().substr(equals + 1));
    } else if (verb == "notice") {
      session_.notice({.severity = "NOTICE", .sqlstate = "00000", .message = prepared_.rest()});
    } else if (verb == "fail") {
      throw SqlError(sqlstate::kDivisionByZero, "division by zero").detail("On request.");
    } else if (verb == "sleep") {
      wait();
    } else if (verb == "block") {
      const engine::BlockingScope blocking;
      wait();
    }
  }
  void wait() {
    for (int waited = 0; waited < prepared_.number(); ++waited) {
      throw_if_error(session_.cancel_.check());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  FakeSession& session_;
  PreparedPtr handle_;
  const FakePrepared& prepared_;
  std::string argument_;
  int given_ = 0;
  std::string copied_;
};

std::unique_ptr<Portal> FakeSession::bind(const PreparedPtr& prepared, const BindOptions& options) {
  if (status_ == TransactionStatus::Failed && !prepared->allowed_in_failed_block()) {
    throw SqlError(
        sqlstate::kInFailedSqlTransaction,
        "current transaction is aborted, commands ignored until end of transaction block");
  }
  cancel_.reset();
  std::string argument;
  if (!options.arguments.empty() && options.arguments[0].bytes) {
    argument = *options.arguments[0].bytes;
  }
  return std::make_unique<FakePortal>(*this, prepared, std::move(argument));
}

}  // namespace

std::unique_ptr<Session> Session::start(Database& database, SessionStart start) {
  if (start.database == "missing") {
    throw SqlError(sqlstate::kInvalidCatalogName, "database \"missing\" does not exist");
  }
  return std::make_unique<FakeSession>(database, std::move(start));
}

}  // namespace omen::sql
