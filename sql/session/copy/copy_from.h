#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"
#include "sql/session/copy/copy_reader.h"
#include "sql/session/execution.h"
#include "sql/session/portals.h"

namespace omen::sql {

/// COPY ... FROM STDIN: rows are collected in batches and go through the operator of
/// `INSERT INTO table (columns) VALUES ($1, ...)`, so that defaults, casts and constraints are
/// INSERT's. Errors carry PostgreSQL's CONTEXT: COPY t, line 1, column v: "...".
class CopyFromPortal final : public SessionPortal {
 public:
  CopyFromPortal(ClientSession& session, PreparedStatementPtr prepared);
  ~CopyFromPortal() override { close(); }

  bool next(engine::ColumnBatch& out) override;
  [[nodiscard]] std::string command_tag(std::uint64_t rows_sent) const override;
  void copy_data(std::string_view bytes) override;
  void copy_done() override;
  void copy_fail(std::string_view message) override;
  [[nodiscard]] bool copy_is_binary() const override {
    return options_.format == CopyFormat::Binary;
  }
  [[nodiscard]] std::size_t copy_column_count() const override { return types_.size(); }
  void close() override;

  static constexpr std::size_t kBatchRows = 1000;

 private:
  void start();
  void add_row(const CopyRow& row);
  void parse_field(const CopyRow& row, std::size_t column);
  void flush();
  void insert(const engine::ColumnBatch& rows);
  /// Finds the row of a failed batch that violates a constraint, for its line number.
  [[noreturn]] void rethrow_with_line(const SqlError& error);
  [[nodiscard]] std::string line_context(std::uint64_t line) const;
  template <typename Function>
  void with_context(Function function);

  CopyOptions options_;
  std::string table_name_;
  std::vector<std::string> column_names_;
  std::vector<Type> types_;
  std::unique_ptr<CopyReader> reader_;
  SessionEnvironmentPtr environment_;
  PlanPtr plan_;
  const InsertNode* node_ = nullptr;
  std::vector<engine::Value> no_parameters_;
  std::vector<Oid> no_parameter_types_;
  std::unique_ptr<engine::Budget> budget_;
  ExecutionState state_;
  std::unique_ptr<engine::Statement> statement_;
  engine::ColumnBatch batch_;
  std::size_t batch_rows_ = 0;
  std::vector<std::uint64_t> batch_lines_;
  bool has_context_ = false;  ///< the error under way has its CONTEXT
};

}  // namespace omen::sql
