#include "sql/session/copy/copy_from.h"

#include <fmt/format.h>

#include <utility>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/exec/insert.h"
#include "sql/session/commands/catalog_access.h"
#include "sql/session/commands/internal_query.h"
#include "sql/session/copy/copy_table.h"
#include "sql/session/copy/field_parser.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr std::size_t kContextBytesMax = 100;

/// A value or line as CONTEXT shows it: cut to 100 bytes.
std::string shown(std::string_view text) {
  if (text.size() <= kContextBytesMax) {
    return std::string(text);
  }
  std::size_t end = kContextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return std::string(text.substr(0, end)) + "...";
}

/// Stands where the plan has its VALUES list: passes one batch on.
class BatchSource final : public Operator {
 public:
  explicit BatchSource(const engine::ColumnBatch& rows) : rows_(rows) {}
  bool next(ExecutionState&, engine::ColumnBatch& out) override {
    if (is_done_) {
      return false;
    }
    is_done_ = true;
    std::vector<PhysicalType> types;
    for (std::size_t i = 0; i < rows_.column_count(); ++i) {
      types.push_back(rows_.column(i).type());
    }
    out.reset(types);
    for (std::size_t i = 0; i < rows_.column_count(); ++i) {
      out.column(i).share(rows_.column(i));
    }
    out.set_row_count(rows_.row_count());
    return true;
  }
  void rewind(ExecutionState&) override { is_done_ = false; }

 private:
  const engine::ColumnBatch& rows_;
  bool is_done_ = false;
};

std::string insert_text(const std::string& table, const std::vector<std::string>& columns) {
  std::string names;
  std::string values;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names += (i == 0 ? "" : ", ") + quote_identifier(columns[i]);
    values += fmt::format("{}${}", i == 0 ? "" : ", ", i + 1);
  }
  return fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})", table, names,
                     values);
}

}  // namespace

CopyFromPortal::CopyFromPortal(ClientSession& session, PreparedStatementPtr prepared)
    : SessionPortal(session, std::move(prepared)) {}

void CopyFromPortal::start() {
  const auto& statement = ast::as<ast::CopyStatement>(*prepared_->statement());
  refuse_server_file(statement);
  if (statement.where != nullptr) {
    unsupported("WHERE in COPY FROM", statement.where->location);
  }
  options_ = parse_copy_options(statement);
  CatalogAccess access(session_);
  const engine::Table table = access.lock_table(statement.table->name, statement.table->location,
                                                engine::TableLock::RowExclusive);
  if (session_.block().is_read_only()) {
    throw SqlError(sqlstate::kReadOnlySqlTransaction,
                   "cannot execute COPY FROM in a read-only transaction");
  }
  table_name_ = table.name;
  std::vector<Oid> parameter_types;
  std::vector<PhysicalType> physical;
  for (const std::uint16_t position : copy_columns(table, statement.columns)) {
    const engine::Column& column = table.columns[position];
    column_names_.push_back(column.name);
    types_.push_back({column.type_oid, column.type_modifier});
    parameter_types.push_back(column.type_oid);
    physical.push_back(column.physical);
  }
  if (types_.empty()) {
    unsupported("COPY FROM into a table without columns");
  }
  reader_ = make_copy_reader(
      options_,
      {.names = column_names_,
       .force_not_null = chosen_columns(options_.force_not_null, column_names_, "FORCE_NOT_NULL"),
       .force_null = chosen_columns(options_.force_null, column_names_, "FORCE_NULL")});
  const ParsedText insert = parse(insert_text(qualified_name(access, table), column_names_));
  plan_ = session_.plan_and_lock(*insert.statements.at(0), parameter_types);
  node_ = static_cast<const InsertNode*>(plan_->root->node);

  environment_ = session_.environment();
  budget_ = std::make_unique<engine::Budget>(environment_->work_mem_bytes);
  session_.block().query_started();
  state_.eval = session_.make_eval_context();
  environment_->apply_to(state_.eval);
  state_.transaction = &session_.transaction();
  statement_ = value_or_throw(state_.transaction->begin_statement(session_.cancel_token()));
  state_.statement = statement_.get();
  state_.budget = budget_.get();
  state_.parameters = &no_parameters_;
  state_.parameter_types = &no_parameter_types_;
  static_cast<void>(make_operators(*plan_, state_));  // sets up what operators share
  batch_.reset(physical);
  batch_.resize(kBatchRows);
}

bool CopyFromPortal::next(engine::ColumnBatch&) {
  if (reader_ == nullptr) {
    start();
  }
  return false;
}

std::string CopyFromPortal::command_tag(std::uint64_t) const {
  return fmt::format("COPY {}", state_.rows_affected);
}

std::string CopyFromPortal::line_context(std::uint64_t line) const {
  return fmt::format("COPY {}, line {}", table_name_, line);
}

template <typename Function>
void CopyFromPortal::with_context(Function function) {
  if (statement_ == nullptr) {
    throw SqlError(sqlstate::kInvalidCursorName, "COPY is over: its transaction has ended");
  }
  try {
    function();
  } catch (SqlError& error) {
    if (!has_context_) {
      error.diagnostic().context = line_context(std::max<std::uint64_t>(reader_->line(), 1));
      if (!reader_->text().empty()) {
        error.diagnostic().context += fmt::format(": \"{}\"", shown(reader_->text()));
      }
    }
    throw;
  }
}

void CopyFromPortal::copy_data(std::string_view bytes) {
  with_context([&] { reader_->feed(bytes, [&](const CopyRow& row) { add_row(row); }); });
}

void CopyFromPortal::copy_done() {
  with_context([&] {
    reader_->finish([&](const CopyRow& row) { add_row(row); });
    has_context_ = true;  // what follows is about rows, not about bytes
    flush();
  });
  close();
}

void CopyFromPortal::copy_fail(std::string_view message) {
  const std::uint64_t line = reader_ == nullptr ? 1 : reader_->line() + 1;
  throw SqlError(sqlstate::kQueryCanceled, fmt::format("COPY from stdin failed: {}", message))
      .context(line_context(line));
}

void CopyFromPortal::add_row(const CopyRow& row) {
  if (row.fields.size() > types_.size()) {
    throw SqlError(sqlstate::kBadCopyFileFormat, "extra data after last expected column");
  }
  if (row.fields.size() < types_.size()) {
    throw SqlError(sqlstate::kBadCopyFileFormat,
                   fmt::format("missing data for column \"{}\"", column_names_[row.fields.size()]));
  }
  for (std::size_t i = 0; i < types_.size(); ++i) {
    parse_field(row, i);
  }
  batch_lines_.push_back(row.line);
  if (++batch_rows_ == kBatchRows) {
    flush();
  }
}

void CopyFromPortal::parse_field(const CopyRow& row, std::size_t column) {
  const std::optional<std::string_view>& field = row.fields[column];
  engine::ColumnVector& target = batch_.column(column);
  if (!field) {
    target.set_null(batch_rows_);
    return;
  }
  try {
    if (options_.format == CopyFormat::Binary) {
      parse_binary_field(types_[column], *field, state_.eval, target, batch_rows_);
    } else {
      parse_text_field(types_[column], *field, state_.eval, target, batch_rows_);
    }
  } catch (SqlError& error) {
    error.diagnostic().context =
        fmt::format("{}, column {}", line_context(row.line), column_names_[column]);
    if (options_.format != CopyFormat::Binary) {
      error.diagnostic().context += fmt::format(": \"{}\"", shown(*field));
    }
    error.set_location(-1);
    has_context_ = true;
    throw;
  }
}

void CopyFromPortal::insert(const engine::ColumnBatch& rows) {
  InsertOperator operation(*node_, std::make_unique<BatchSource>(rows), state_);
  engine::ColumnBatch ignored;
  static_cast<void>(operation.next(state_, ignored));
}

void CopyFromPortal::flush() {
  if (batch_rows_ == 0) {
    return;
  }
  session_.make_eval_context().check_cancel();
  batch_.truncate(batch_rows_);
  has_context_ = true;
  const std::uint64_t rows_before = state_.rows_affected;
  try {
    insert(batch_);
  } catch (SqlError& error) {
    if (error.diagnostic().sqlstate == sqlstate::kUniqueViolation) {
      const std::uint64_t row = state_.rows_affected - rows_before;
      error.diagnostic().context = line_context(batch_lines_[std::min(row, batch_rows_ - 1)]);
      throw;
    }
    rethrow_with_line(error);
  }
  has_context_ = false;
  std::vector<PhysicalType> physical;
  for (std::size_t i = 0; i < batch_.column_count(); ++i) {
    physical.push_back(batch_.column(i).type());
  }
  batch_.reset(physical);
  batch_.resize(kBatchRows);
  batch_rows_ = 0;
  batch_lines_.clear();
}

void CopyFromPortal::rethrow_with_line(const SqlError& error) {
  const SqlState code = error.diagnostic().sqlstate;
  if (code == sqlstate::kNotNullViolation || code == sqlstate::kCheckViolation) {
    // Nothing of the batch was written: constraints are checked first. One by one, a row fails.
    for (std::uint32_t row = 0; row < batch_rows_; ++row) {
      engine::ColumnBatch single;
      single.gather(batch_, std::span(&row, 1));
      try {
        insert(single);
      } catch (SqlError& found) {
        found.diagnostic().context = line_context(batch_lines_[row]);
        throw;
      }
    }
  }
  throw error;
}

void CopyFromPortal::close() {
  state_.runtime.reset();
  state_.statement = nullptr;
  state_.transaction = nullptr;
  statement_.reset();
}

}  // namespace omen::sql
