#pragma once

#include <memory>
#include <vector>

#include "engine/base/budget.h"
#include "sql/planner/planner.h"
#include "sql/session/session_environment.h"

namespace omen::sql {

class ClientSession;

/// One run of a plan in the session's transaction: snapshot, parameters, operators. Closed by the
/// session when the transaction ends; next() then throws 34000. Not thread-safe.
class Execution {
 public:
  Execution(ClientSession& session, PlanPtr plan, std::vector<engine::Value> parameters);
  ~Execution() { close(); }
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  /// Fills `out` with the next rows; false at the end. The first call takes the snapshot.
  bool next(engine::ColumnBatch& out);
  /// EXPLAIN ANALYZE: counts rows and time of every operator. Before the first next().
  void instrument() { is_instrumented_ = true; }
  /// Runs to the end and drops the rows.
  void run();
  /// Gives up cursors, snapshot and memory. Counters stay.
  void close();
  [[nodiscard]] std::uint64_t rows_affected() const { return state_.rows_affected; }
  [[nodiscard]] const Plan& plan() const { return *plan_; }
  /// For EXPLAIN ANALYZE.
  [[nodiscard]] ExecutionState& state() { return state_; }

 private:
  void open();

  ClientSession& session_;
  PlanPtr plan_;
  SessionEnvironmentPtr environment_;  ///< state_.eval views into it
  std::vector<engine::Value> parameters_;
  std::vector<Oid> parameter_types_;
  engine::Budget budget_;
  ExecutionState state_;
  std::unique_ptr<engine::Statement> statement_;
  std::unique_ptr<Operator> root_;
  bool is_instrumented_ = false;
  bool is_open_ = false;
  bool is_closed_ = false;
};

/// 25006 if the plan writes and the transaction must not.
void check_may_write(ClientSession& session, const Plan& plan);

}  // namespace omen::sql
