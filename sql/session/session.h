#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/engine.h"
#include "sql/error/sql_error.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type.h"

/// The face of sql/: what server/ needs to serve one client. No sockets, no protocol.
namespace omen::sql {

/// The wall clock: microseconds since 2000-01-01 UTC.
std::int64_t now_us();

/// Everything one server process shares between its sessions. Thread-safe.
class Database {
 public:
  explicit Database(engine::Engine& engine);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  [[nodiscard]] engine::Engine& engine() { return engine_; }
  /// Backends listed by pg_stat_activity, cancel by pid: kept by server/, read by SQL functions.
  struct Backend {
    std::int32_t process_id = 0;
    std::string user, application_name, client_address, query, state;
  };
  void set_backend_source(std::function<std::vector<Backend>()> source);
  void set_cancel_backend(std::function<bool(std::int32_t process_id, bool terminate)> cancel);
  /// A command that makes an index, for pg_stat_progress_create_index. Listed as long as it lives.
  class IndexCommand {
   public:
    struct Row {
      std::int32_t process_id = 0;
      std::string_view command;  ///< "CREATE INDEX", "REINDEX CONCURRENTLY"...; a literal
      Oid index_oid = 0;
      engine::IndexMethod method = engine::IndexMethod::Btree;
    };
    IndexCommand(Database& database, const Row& row);
    ~IndexCommand();
    IndexCommand(const IndexCommand&) = delete;
    IndexCommand& operator=(const IndexCommand&) = delete;

   private:
    friend class Database;
    Database& database_;
    const Row row_;
  };
  [[nodiscard]] std::vector<IndexCommand::Row> index_commands() const;
  /// As set by the server; empty and false without one.
  [[nodiscard]] std::vector<Backend> backends() const;
  bool cancel_backend(std::int32_t process_id, bool terminate) const;
  /// Settings that every session shows but only the server's start decides: port, data_directory...
  /// Called before the first session starts.
  void set_server_settings(std::vector<std::pair<std::string, std::string>> settings);
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& server_settings() const {
    return server_settings_;
  }
  /// Microseconds since 2000-01-01 UTC.
  [[nodiscard]] std::int64_t started_at_us() const { return started_at_us_; }
  struct Shared;
  [[nodiscard]] Shared& shared() { return *shared_; }

 private:
  engine::Engine& engine_;
  std::unique_ptr<Shared> shared_;
  std::vector<std::pair<std::string, std::string>> server_settings_;
  std::int64_t started_at_us_;
};

struct SessionStart {
  std::string user;
  std::string database;
  std::int32_t process_id = 0;
  std::string client_address;
  /// Start-up parameters other than user and database, and `options` (-c name=value) split up.
  std::vector<std::pair<std::string, std::string>> settings;
};

/// One output column, as RowDescription needs it.
struct ResultColumn {
  std::string name;
  Oid table_oid = 0;
  std::int16_t column_number = 0;
  Oid type_oid = 0;
  std::int16_t type_length = -1;
  std::int32_t type_modifier = -1;
};

enum class TransactionStatus : char { Idle = 'I', InBlock = 'T', Failed = 'E' };

/// What a statement is to the message loop.
enum class StatementClass : std::uint8_t { Rows, Command, CopyIn, CopyOut, Empty };

/// A parsed, bound (and, for queries, planned) statement. Immutable, shared, cached by text;
/// survives until DDL invalidates it (it is then prepared again behind the same handle's text).
class Prepared {
 public:
  virtual ~Prepared() = default;
  [[nodiscard]] virtual StatementClass statement_class() const = 0;
  [[nodiscard]] virtual const std::vector<Oid>& parameter_types() const = 0;
  [[nodiscard]] virtual const std::vector<ResultColumn>& columns() const = 0;  ///< empty: NoData
  [[nodiscard]] virtual const std::string& text() const = 0;  ///< of this one statement
  /// ROLLBACK, COMMIT, ROLLBACK TO...: may run in a failed transaction block.
  [[nodiscard]] virtual bool allowed_in_failed_block() const = 0;
};
using PreparedPtr = std::shared_ptr<const Prepared>;

/// One execution: a portal. Statements that return rows are pulled; commands run on the first pull.
/// Lives inside the session's transaction; the session closes it at the transaction's end.
class Portal {
 public:
  virtual ~Portal() = default;
  /// Fills `out` with the next rows (columns as Prepared::columns()); false when done. For
  /// commands: runs it, false. Throws SqlError.
  virtual bool next(engine::ColumnBatch& out) = 0;
  /// Rows a client asked for but a batch had beyond its limit are kept here by the caller.
  /// CommandComplete's tag, once next() returned false: "SELECT 3", "INSERT 0 1", "BEGIN".
  /// `rows_sent` is what the client received of this portal, for SELECT and FETCH tags.
  [[nodiscard]] virtual std::string command_tag(std::uint64_t rows_sent) const = 0;

  // --- CopyIn: after next() is called once the server sends CopyInResponse, then feeds -----------
  virtual void copy_data(std::string_view bytes) = 0;
  virtual void copy_done() = 0;  ///< then command_tag
  virtual void copy_fail(
      std::string_view message) = 0;  ///< throws 57014 COPY from stdin failed: ...
  // --- CopyOut: appends whole CopyData payloads (one row each) until false
  // ------------------------
  virtual bool copy_out(std::vector<std::string>& rows) = 0;
  [[nodiscard]] virtual bool copy_is_binary() const = 0;
  [[nodiscard]] virtual std::size_t copy_column_count() const = 0;
};

/// One setting as pg_settings lists it.
struct SettingRow {
  std::string name, setting, unit, category, description, context, type, source, min, max;
  std::vector<std::string> enum_values;
  std::string boot_value, reset_value;
};

/// One row of pg_prepared_statements.
struct NamedStatement {
  std::string name, text;
  std::vector<Oid> parameter_types;
  std::int64_t prepared_at_us = 0;  ///< microseconds since 2000-01-01 UTC
  bool from_sql = false;            ///< by PREPARE, not by Parse
};

/// One client's session: settings, transaction block, prepared statements' shared cache. Not
/// thread-safe: one thread at a time, except cancel().
///
/// Life of a simple Query: split() -> for each: prepare(), bind() -> pull -> finish_statement();
/// at the end finish_message() commits the implicit transaction. Extended protocol: prepare() at
/// Parse, bind() at Bind, finish_message() at Sync. After any exception: fail().
class Session {
 public:
  /// Throws FATAL errors of start-up: 28000 role does not exist, 3D000 database does not exist,
  /// 22023 invalid setting.
  static std::unique_ptr<Session> start(Database& database, SessionStart start);
  virtual ~Session() = default;

  /// The single statements of a text, prepared one by one because each may depend on its
  /// predecessors' effects. Empty for an empty query string. Throws on a syntax error.
  virtual std::vector<std::string> split(std::string_view text) = 0;
  /// Parses, binds and plans one statement (cached by text). `parameter_types`: as declared, 0 or
  /// missing ones are inferred. Throws 42601 for several statements in one text.
  virtual PreparedPtr prepare(std::string_view text, std::span<const Oid> parameter_types) = 0;

  struct Argument {
    std::optional<std::string_view> bytes;  ///< nullopt: NULL
    bool binary = false;
  };
  /// Begins the implicit transaction if none is open, converts arguments, makes the portal.
  /// 25P02 in a failed block (unless allowed). `simple_query`: several statements in one message
  /// run as one implicit block.
  struct BindOptions {
    std::span<const Argument> arguments;
    std::string_view portal_name;
    bool simple_query = false;
    bool last_of_message = true;
  };
  virtual std::unique_ptr<Portal> bind(const PreparedPtr& prepared, const BindOptions& options) = 0;
  /// Commits the implicit transaction, if one is open and no block is. May throw (40001 at
  /// commit...).
  virtual void finish_message() = 0;
  /// An error reached the client: aborts the implicit transaction, or fails the block.
  virtual void fail() = 0;
  /// Whether portals made so far are dead (their transaction ended); the server then drops them.
  [[nodiscard]] virtual std::uint64_t transaction_generation() const = 0;
  [[nodiscard]] virtual TransactionStatus transaction_status() const = 0;

  /// From any thread.
  virtual void cancel(engine::CancelReason reason) = 0;

  /// Reported settings (ParameterStatus) changed since the last call; all of them at first.
  virtual std::vector<std::pair<std::string, std::string>> take_reported_settings() = 0;
  /// Notices raised since the last call.
  virtual std::vector<Diagnostic> take_notices() = 0;
  virtual void notice(Diagnostic diagnostic) = 0;
  /// For encoding rows (time zone, DateStyle...). Valid until the next statement runs.
  [[nodiscard]] virtual const EvalContext& eval_context() const = 0;
  /// As SHOW prints it; throws 42704 if there is no such setting.
  [[nodiscard]] virtual std::string setting(std::string_view name) const = 0;
  /// Grows with every change of a setting: what was derived from settings holds until it does.
  [[nodiscard]] virtual std::uint64_t settings_version() const = 0;
  /// As setting(), nullopt if unknown (current_setting(name, true)).
  [[nodiscard]] virtual std::optional<std::string> find_setting(std::string_view name) const = 0;
  /// set_config(): nullopt resets. Returns the new value as SHOW prints it.
  virtual std::string set_setting(std::string_view name, const std::optional<std::string>& value,
                                  bool is_local) = 0;
  /// Whether a setting was left alone by start-up and SET (so that its default may mean
  /// "automatic").
  [[nodiscard]] virtual bool is_default_setting(std::string_view name) const = 0;
  /// All settings by name, for pg_settings.
  [[nodiscard]] virtual std::vector<SettingRow> settings() const = 0;
  /// Schema names of search_path, "$user" replaced, in order; also ones that do not exist.
  [[nodiscard]] virtual const std::vector<std::string>& search_path() const = 0;
  [[nodiscard]] virtual Database& database() = 0;
  /// User, database, process id and address, as at the start.
  [[nodiscard]] virtual const SessionStart& client() const = 0;
  /// nextval() and setval() tell, currval() and lastval() ask.
  virtual void sequence_used(engine::Oid sequence, std::int64_t value) = 0;
  [[nodiscard]] virtual std::optional<std::int64_t> sequence_value(engine::Oid sequence) const = 0;
  /// The sequence nextval() was last called for, or 0.
  [[nodiscard]] virtual engine::Oid last_sequence() const = 0;
  /// Named prepared statements live in the session, because SQL's PREPARE / DEALLOCATE / DISCARD
  /// share them.
  virtual void store_prepared(std::string_view name, PreparedPtr prepared) = 0;  ///< 42P05 if taken
  [[nodiscard]] virtual PreparedPtr find_prepared(
      std::string_view name) const = 0;  ///< 26000 if absent
  virtual void drop_prepared(std::string_view name) = 0;
  /// All but the unnamed one, by name.
  [[nodiscard]] virtual std::vector<NamedStatement> named_statements() const = 0;
};

/// SCRAM verifier of a role for server/: nullopt if the role is absent or has no password.
std::optional<std::string> role_verifier(const engine::Catalog& catalog, std::string_view role);

}  // namespace omen::sql
