#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/session/client_session.h"
#include "sql/session/execution.h"
#include "sql/session/prepared_statement.h"

namespace omen::sql {

/// What all portals share: they are known to their session, which closes them at the end of the
/// transaction (or savepoint) they were made in.
class SessionPortal : public Portal {
 public:
  SessionPortal(ClientSession& session, PreparedStatementPtr prepared);
  ~SessionPortal() override;
  SessionPortal(const SessionPortal&) = delete;
  SessionPortal& operator=(const SessionPortal&) = delete;

  [[nodiscard]] std::uint64_t serial() const { return serial_; }
  virtual void close() {}

  void copy_data(std::string_view bytes) override;
  void copy_done() override;
  void copy_fail(std::string_view message) override;
  bool copy_out(std::vector<std::string>& rows) override;
  [[nodiscard]] bool copy_is_binary() const override { return false; }
  [[nodiscard]] std::size_t copy_column_count() const override { return 0; }

 protected:
  ClientSession& session_;
  PreparedStatementPtr prepared_;

 private:
  std::uint64_t serial_;
};

/// SELECT and friends: pulled. Queries that write run to their end on the first pull, whatever the
/// client fetches, and hand out their RETURNING rows afterwards.
class QueryPortal final : public SessionPortal {
 public:
  QueryPortal(ClientSession& session, PreparedStatementPtr prepared, PlanPtr plan,
              std::vector<engine::Value> parameters);
  bool next(engine::ColumnBatch& out) override;
  [[nodiscard]] std::string command_tag(std::uint64_t rows_sent) const override;
  void close() override { execution_.close(); }

 private:
  void run_write();

  Execution execution_;
  QueryKind kind_;
  bool has_run_ = false;
  std::vector<std::unique_ptr<engine::ColumnBatch>> returned_;
  std::size_t next_returned_ = 0;
};

/// Every other statement: runs whole on the first pull. Rows (SHOW, EXPLAIN) are text.
class CommandPortal final : public SessionPortal {
 public:
  CommandPortal(ClientSession& session, PreparedStatementPtr prepared,
                std::vector<engine::Value> parameters)
      : SessionPortal(session, std::move(prepared)), parameters_(std::move(parameters)) {}
  bool next(engine::ColumnBatch& out) override;
  [[nodiscard]] std::string command_tag(std::uint64_t rows_sent) const override;

 private:
  std::vector<engine::Value> parameters_;
  bool has_run_ = false;
  CommandResult result_;
  std::size_t next_row_ = 0;
};

/// The portal for a statement of any kind. Locks a query's tables and plans it anew if need be.
std::unique_ptr<Portal> make_portal(ClientSession& session, PreparedStatementPtr prepared,
                                    std::vector<engine::Value> parameters);
/// Arguments of a Bind message as values of the parameters' types. Throws 22P02, 22021...
std::vector<engine::Value> convert_arguments(ClientSession& session,
                                             const std::vector<Oid>& parameter_types,
                                             const Session::BindOptions& options);

/// Tag of a finished query: "SELECT 3", "INSERT 0 1", "UPDATE 2".
std::string query_tag(QueryKind kind, std::uint64_t rows_sent, std::uint64_t rows_affected);

}  // namespace omen::sql
