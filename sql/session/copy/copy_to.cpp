#include "sql/session/copy/copy_to.h"

#include <fmt/format.h>

#include <utility>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/session/commands/commands.h"
#include "sql/session/commands/internal_query.h"
#include "sql/session/copy/copy_table.h"

namespace omen::sql {
namespace {

/// SELECT of a table's columns, as COPY table TO means it.
std::string select_text(CatalogAccess& access, const ast::CopyStatement& statement) {
  const engine::Table table = access.lock_table(statement.table->name, statement.table->location,
                                                engine::TableLock::AccessShare);
  std::string names;
  for (const std::uint16_t position : copy_columns(table, statement.columns)) {
    names += (names.empty() ? "" : ", ") + quote_identifier(table.columns[position].name);
  }
  return fmt::format("SELECT {} FROM {}", names, qualified_name(access, table));
}

}  // namespace

CopyToPortal::CopyToPortal(ClientSession& session, PreparedStatementPtr prepared)
    : SessionPortal(session, std::move(prepared)) {}

void CopyToPortal::start() {
  const auto& statement = ast::as<ast::CopyStatement>(*prepared_->statement());
  refuse_server_file(statement);
  options_ = parse_copy_options(statement);
  std::vector<Oid> parameter_types;
  PlanPtr plan;
  if (statement.query != nullptr) {
    if (!is_query(*statement.query)) {
      unsupported(fmt::format("COPY of {}", command_name(*statement.query)));
    }
    plan = session_.plan_and_lock(*statement.query, parameter_types);
    if (!plan->returns_rows) {
      throw SqlError(sqlstate::kFeatureNotSupported, "COPY query must have a RETURNING clause");
    }
  } else {
    CatalogAccess access(session_);
    const ParsedText parsed = parse(select_text(access, statement));
    plan = session_.plan_and_lock(*parsed.statements.at(0), parameter_types);
  }
  std::vector<std::string> names;
  std::vector<Type> types;
  for (const BoundTarget& target : plan->output) {
    names.push_back(target.name);
    types.push_back(target.expression->type);
  }
  column_count_ = types.size();
  writer_ = std::make_unique<CopyWriter>(options_, std::move(names), std::move(types));
  execution_ = std::make_unique<Execution>(session_, std::move(plan), std::vector<engine::Value>());
}

bool CopyToPortal::next(engine::ColumnBatch&) {
  if (execution_ == nullptr) {
    start();
  }
  return false;
}

bool CopyToPortal::copy_out(std::vector<std::string>& rows) {
  if (is_done_ || execution_ == nullptr) {
    return false;
  }
  if (!has_begun_) {
    has_begun_ = true;
    writer_->begin(rows);
  }
  if (execution_->next(batch_)) {
    writer_->write(batch_, execution_->state().eval, rows);
    row_count_ += batch_.row_count();
    return true;
  }
  is_done_ = true;
  writer_->end(rows);
  return !rows.empty();
}

std::string CopyToPortal::command_tag(std::uint64_t) const {
  return fmt::format("COPY {}", row_count_);
}

void CopyToPortal::close() {
  if (execution_ != nullptr) {
    execution_->close();
  }
}

}  // namespace omen::sql
