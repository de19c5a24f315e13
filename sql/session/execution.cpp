#include "sql/session/execution.h"

#include <fmt/format.h>

#include "sql/error/sql_error.h"
#include "sql/exec/runtime.h"
#include "sql/session/client_session.h"

namespace omen::sql {
namespace {

std::string_view query_name(QueryKind kind) {
  switch (kind) {
    case QueryKind::Insert:
      return "INSERT";
    case QueryKind::Update:
      return "UPDATE";
    case QueryKind::Delete:
      return "DELETE";
    default:
      return "SELECT";
  }
}

}  // namespace

void check_may_write(ClientSession& session, const Plan& plan) {
  if (!session.block().is_read_only()) {
    return;
  }
  for (const auto& [table_oid, mode] : plan.locks) {
    if (mode == engine::TableLock::RowExclusive) {
      throw SqlError(
          sqlstate::kReadOnlySqlTransaction,
          fmt::format("cannot execute {} in a read-only transaction", query_name(plan.kind)));
    }
  }
  if (!plan.row_lock.empty()) {
    throw SqlError(
        sqlstate::kReadOnlySqlTransaction,
        fmt::format("cannot execute SELECT {} in a read-only transaction", plan.row_lock));
  }
}

Execution::Execution(ClientSession& session, PlanPtr plan, std::vector<engine::Value> parameters)
    : session_(session),
      plan_(std::move(plan)),
      environment_(session.environment()),
      parameters_(std::move(parameters)),
      budget_(environment_->work_mem_bytes) {
  for (const Type& type : plan_->parameter_types) {
    parameter_types_.push_back(type.oid);
  }
}

void Execution::open() {
  check_may_write(session_, *plan_);
  engine::Transaction& transaction = session_.transaction();
  environment_->apply_timeouts(transaction);
  session_.block().query_started();
  state_.eval = session_.make_eval_context();
  environment_->apply_to(state_.eval);
  state_.transaction = &transaction;
  statement_ = value_or_throw(transaction.begin_statement(session_.cancel_token()));
  state_.statement = statement_.get();
  state_.budget = &budget_;
  state_.parameters = &parameters_;
  state_.parameter_types = &parameter_types_;
  state_.vector_scan = environment_->vector_scan;
  state_.instrument = is_instrumented_;
  root_ = make_operators(*plan_, state_);
  is_open_ = true;
}

bool Execution::next(engine::ColumnBatch& out) {
  if (is_closed_) {
    throw SqlError(sqlstate::kInvalidCursorName, "portal is closed: its transaction has ended");
  }
  if (!is_open_) {
    open();
  }
  return root_->next(state_, out);
}

void Execution::run() {
  engine::ColumnBatch ignored;
  while (next(ignored)) {
  }
}

void Execution::close() {
  is_closed_ = true;
  root_.reset();
  if (state_.runtime != nullptr) {
    state_.runtime->drop_common_tables();
  }
  state_.statement = nullptr;
  state_.transaction = nullptr;
  statement_.reset();
}

}  // namespace omen::sql
