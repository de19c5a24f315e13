#include "sql/session/portals.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/copy/copy_from.h"
#include "sql/session/copy/copy_to.h"
#include "sql/session/encoding.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

bool is_write(QueryKind kind) {
  return kind == QueryKind::Insert || kind == QueryKind::Update || kind == QueryKind::Delete;
}

std::unique_ptr<engine::ColumnBatch> copy_of(const engine::ColumnBatch& batch) {
  auto copy = std::make_unique<engine::ColumnBatch>();
  std::vector<engine::PhysicalType> types;
  for (std::size_t i = 0; i < batch.column_count(); ++i) {
    types.push_back(batch.column(i).type());
  }
  copy->reset(types);
  for (std::size_t row = 0; row < batch.row_count(); ++row) {
    copy->append_copy(batch, row);
  }
  return copy;
}

}  // namespace

std::string query_tag(QueryKind kind, std::uint64_t rows_sent, std::uint64_t rows_affected) {
  switch (kind) {
    case QueryKind::Insert:
      return fmt::format("INSERT 0 {}", rows_affected);
    case QueryKind::Update:
      return fmt::format("UPDATE {}", rows_affected);
    case QueryKind::Delete:
      return fmt::format("DELETE {}", rows_affected);
    default:
      return fmt::format("SELECT {}", rows_sent);
  }
}

SessionPortal::SessionPortal(ClientSession& session, PreparedStatementPtr prepared)
    : session_(session), prepared_(std::move(prepared)), serial_(session.add_portal(*this)) {}

SessionPortal::~SessionPortal() {
  session_.remove_portal(*this);
}

void SessionPortal::copy_data(std::string_view) {
  internal_error("portal takes no COPY data");
}
void SessionPortal::copy_done() {
  internal_error("portal takes no COPY data");
}
void SessionPortal::copy_fail(std::string_view) {
  internal_error("portal takes no COPY data");
}
bool SessionPortal::copy_out(std::vector<std::string>&) {
  internal_error("portal gives no COPY data");
}

QueryPortal::QueryPortal(ClientSession& session, PreparedStatementPtr prepared, PlanPtr plan,
                         std::vector<engine::Value> parameters)
    : SessionPortal(session, std::move(prepared)),
      execution_(session, plan, std::move(parameters)),
      kind_(plan->kind) {}

void QueryPortal::run_write() {
  engine::ColumnBatch batch;
  while (execution_.next(batch)) {
    if (execution_.plan().returns_rows && batch.row_count() > 0) {
      returned_.push_back(copy_of(batch));
    }
  }
  has_run_ = true;
}

bool QueryPortal::next(engine::ColumnBatch& out) {
  if (!is_write(kind_)) {
    return execution_.next(out);
  }
  if (!has_run_) {
    run_write();
  }
  if (next_returned_ == returned_.size()) {
    return false;
  }
  const engine::ColumnBatch& source = *returned_[next_returned_];
  std::vector<std::uint32_t> rows(source.row_count());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    rows[i] = i;
  }
  out.gather(source, rows);
  if (next_returned_ > 0) {
    returned_[next_returned_ - 1].reset();  // the caller is done with the views of the last call
  }
  ++next_returned_;
  return true;
}

std::string QueryPortal::command_tag(std::uint64_t rows_sent) const {
  return query_tag(kind_, rows_sent, execution_.rows_affected());
}

std::vector<engine::Value> convert_arguments(ClientSession& session,
                                             const std::vector<Oid>& parameter_types,
                                             const Session::BindOptions& options) {
  const EvalContext& context = session.eval_context();
  std::vector<engine::Value> values;
  values.reserve(parameter_types.size());
  for (std::size_t i = 0; i < parameter_types.size(); ++i) {
    const Session::Argument& argument = options.arguments[i];
    const Type type{parameter_types[i], -1};
    if (!argument.bytes) {
      values.emplace_back();
      continue;
    }
    if (!argument.binary) {
      check_utf8(*argument.bytes);
      values.push_back(text_to_value(type, *argument.bytes, context));
      continue;
    }
    if (type_info(type.oid).category == 'S') {
      check_utf8(*argument.bytes);
    }
    try {
      values.push_back(binary_to_value(type, *argument.bytes, context));
    } catch (SqlError& error) {
      // Of bytes left over; other complaints are the type's own.
      if (error.diagnostic().message == "incorrect binary data format") {
        error.diagnostic().message =
            fmt::format("incorrect binary data format in bind parameter {}", i + 1);
      }
      throw;
    }
  }
  return values;
}

std::unique_ptr<Portal> make_portal(ClientSession& session, PreparedStatementPtr prepared,
                                    std::vector<engine::Value> parameters) {
  const ast::Statement* statement = prepared->statement();
  if (prepared->plan() != nullptr) {
    PreparedStatementPtr current = session.revalidate(prepared);
    PlanPtr plan = current->plan();
    return std::make_unique<QueryPortal>(session, std::move(current), std::move(plan),
                                         std::move(parameters));
  }
  if (statement != nullptr && statement->kind == ast::StatementKind::Execute) {
    return make_execute_portal(session, ast::as<ast::ExecuteStatement>(*statement), parameters);
  }
  if (prepared->statement_class() == StatementClass::CopyIn) {
    return std::make_unique<CopyFromPortal>(session, std::move(prepared));
  }
  if (prepared->statement_class() == StatementClass::CopyOut) {
    return std::make_unique<CopyToPortal>(session, std::move(prepared));
  }
  return std::make_unique<CommandPortal>(session, std::move(prepared), std::move(parameters));
}

bool CommandPortal::next(engine::ColumnBatch& out) {
  if (!has_run_) {
    has_run_ = true;
    result_ = session_.run_command(*prepared_, parameters_);
  }
  if (next_row_ == result_.rows.size()) {
    return false;
  }
  const std::size_t column_count = prepared_->columns().size();
  const std::size_t row_count = std::min(result_.rows.size() - next_row_, engine::kBatchRowsMax);
  const std::vector<engine::PhysicalType> types(column_count, engine::PhysicalType::Bytes);
  out.reset(types);
  out.resize(row_count);
  for (std::size_t row = 0; row < row_count; ++row) {
    for (std::size_t i = 0; i < column_count; ++i) {
      out.column(i).set_bytes(row, result_.rows[next_row_ + row][i]);
    }
  }
  next_row_ += row_count;
  return true;
}

std::string CommandPortal::command_tag(std::uint64_t) const {
  return result_.tag;
}

}  // namespace omen::sql
