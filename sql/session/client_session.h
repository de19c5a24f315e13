#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/cancel_token.h"
#include "sql/binder/binder.h"
#include "sql/session/plan_cache.h"
#include "sql/session/prepared_statement.h"
#include "sql/session/session.h"
#include "sql/session/session_environment.h"
#include "sql/session/settings/settings.h"
#include "sql/session/transaction_block.h"

namespace omen::sql {

class SessionPortal;

/// What a utility command leaves behind.
struct CommandResult {
  std::string tag;
  std::vector<std::vector<std::string>> rows;  ///< SHOW, EXPLAIN: text columns
};

/// The one implementation of Session; what utility commands (sql/session/commands) work with.
///
/// Threads: one at a time, except cancel(). Invariant: every portal made here is in `portals_`
/// until it dies, so that none holds a snapshot when its transaction ends.
class ClientSession final : public Session {
 public:
  ClientSession(Database& database, SessionStart start);
  ~ClientSession() override;

  // --- Session ---
  std::vector<std::string> split(std::string_view text) override;
  PreparedPtr prepare(std::string_view text, std::span<const Oid> parameter_types) override;
  std::unique_ptr<Portal> bind(const PreparedPtr& prepared, const BindOptions& options) override;
  void finish_message() override;
  void fail() override;
  [[nodiscard]] std::uint64_t transaction_generation() const override;
  [[nodiscard]] TransactionStatus transaction_status() const override;
  void cancel(engine::CancelReason reason) override { cancel_.cancel(reason); }
  std::vector<std::pair<std::string, std::string>> take_reported_settings() override;
  std::vector<Diagnostic> take_notices() override;
  void notice(Diagnostic diagnostic) override;
  [[nodiscard]] const EvalContext& eval_context() const override;
  [[nodiscard]] std::string setting(std::string_view name) const override;
  [[nodiscard]] std::uint64_t settings_version() const override { return settings_.version(); }
  [[nodiscard]] std::optional<std::string> find_setting(std::string_view name) const override;
  std::string set_setting(std::string_view name, const std::optional<std::string>& value,
                          bool is_local) override;
  [[nodiscard]] bool is_default_setting(std::string_view name) const override;
  [[nodiscard]] std::vector<SettingRow> settings() const override;
  [[nodiscard]] const std::vector<std::string>& search_path() const override;
  [[nodiscard]] Database& database() override { return database_; }
  [[nodiscard]] const SessionStart& client() const override { return start_; }
  void sequence_used(engine::Oid sequence, std::int64_t value) override;
  [[nodiscard]] std::optional<std::int64_t> sequence_value(engine::Oid sequence) const override;
  [[nodiscard]] engine::Oid last_sequence() const override { return last_sequence_; }
  void store_prepared(std::string_view name, PreparedPtr prepared) override;
  [[nodiscard]] PreparedPtr find_prepared(std::string_view name) const override;
  void drop_prepared(std::string_view name) override;
  [[nodiscard]] std::vector<NamedStatement> named_statements() const override;

  // --- for commands, portals and executions ---
  [[nodiscard]] TransactionBlock& block() { return block_; }
  engine::Transaction& transaction() { return block_.ensure(); }
  engine::CatalogPtr catalog() { return transaction().catalog(); }
  [[nodiscard]] engine::CancelToken& cancel_token() { return cancel_; }
  [[nodiscard]] Settings& setting_values() { return settings_; }
  [[nodiscard]] const SessionEnvironmentPtr& environment() const;
  /// For one statement's run: views into environment(), which the caller keeps.
  [[nodiscard]] EvalContext make_eval_context();
  [[nodiscard]] bool has_prepared(std::string_view name) const { return named_.contains(name); }
  void drop_all_prepared() { named_.clear(); }
  void forget_plans() { cache_.clear(); }
  void forget_sequences();
  void notice(SqlState sqlstate, std::string message);

  /// Binds and plans a query of a command (EXPLAIN, CREATE TABLE AS, COPY, EXECUTE) and locks its
  /// tables. `parameter_types` grows as the binder infers.
  PlanPtr plan_and_lock(const ast::Statement& query, std::vector<Oid>& parameter_types);
  /// As plan_and_lock(), without locks.
  PlanPtr plan(const ast::Statement& query, std::vector<Oid>& parameter_types);
  /// A statement as it is valid now: its tables locked, prepared again if the catalog or the search
  /// path changed. 0A000 if its columns are others than before.
  PreparedStatementPtr revalidate(const PreparedStatementPtr& prepared);
  /// As prepare(), from a tree (SQL's PREPARE). `text` is what error positions refer to.
  PreparedStatementPtr prepare_statement(std::string text, ParsedText parsed,
                                         const ast::Statement* statement,
                                         std::vector<Oid> parameter_types);
  CommandResult run_command(const PreparedStatement& prepared,
                            const std::vector<engine::Value>& parameters);

  std::uint64_t add_portal(SessionPortal& portal);
  void remove_portal(SessionPortal& portal);

 private:
  void begin_statement();
  void lock_tables(const Plan& plan);
  /// A statement as it is valid now, whatever its columns were.
  PreparedStatementPtr lock_and_renew(const PreparedStatementPtr& prepared);
  void close_portals(std::uint64_t serial_min);
  void check_not_failed(const PreparedStatement& prepared) const;
  [[nodiscard]] std::string cache_key(std::string_view text,
                                      std::span<const Oid> parameter_types) const;
  [[nodiscard]] std::string name_of(const PreparedPtr& prepared) const;
  [[noreturn]] void rethrow_with_position(SqlError error, std::string_view text) const;

  Database& database_;
  SessionStart start_;
  Settings settings_;
  engine::CancelToken cancel_;
  std::vector<Diagnostic> notices_;
  std::set<std::pair<std::uint64_t, SessionPortal*>> portals_;
  std::uint64_t portal_serial_ = 0;
  TransactionBlock block_;
  PlanCache cache_;
  struct Named {
    PreparedPtr prepared;
    std::int64_t prepared_at_us = 0;
  };
  std::map<std::string, Named, std::less<>> named_;
  std::map<engine::Oid, std::int64_t> sequence_values_;
  engine::Oid last_sequence_ = 0;
  std::int64_t statement_us_ = 0;
  bool is_in_message_ = false;
  /// Statements of the simple query being run and where they begin in it, in characters.
  std::deque<std::pair<std::string, int>> split_offsets_;
  int base_position_ = 0;
  /// split() parsed the message's only statement already.
  struct SplitParse {
    std::string text;
    ParsedText parsed;
  };
  std::optional<SplitParse> split_parse_;
  mutable SessionEnvironmentPtr environment_;
  mutable std::uint64_t environment_version_ = 0;
  mutable EvalContext eval_;
  mutable SessionEnvironmentPtr eval_environment_;  ///< eval_ views into it
};

}  // namespace omen::sql
