#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/parser/parser.h"
#include "sql/planner/planner.h"
#include "sql/session/session.h"
#include "sql/session/session_environment.h"

namespace omen::sql {

/// A statement ready to run: its tree and, for queries, its plan. Immutable, shared between the
/// session's cache, its named statements and its portals.
class PreparedStatement final : public Prepared {
 public:
  struct Content {
    std::string text;
    ParsedText parsed;                          ///< owns `statement`
    const ast::Statement* statement = nullptr;  ///< null: an empty query
    PlanPtr plan;                               ///< queries only
    SessionEnvironmentPtr environment;          ///< under which it was bound
    std::vector<Oid> parameter_types;
    std::vector<ResultColumn> columns;
    StatementClass statement_class = StatementClass::Command;
  };
  explicit PreparedStatement(Content content) : content_(std::move(content)) {}

  [[nodiscard]] StatementClass statement_class() const override { return content_.statement_class; }
  [[nodiscard]] const std::vector<Oid>& parameter_types() const override {
    return content_.parameter_types;
  }
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override {
    return content_.columns;
  }
  [[nodiscard]] const std::string& text() const override { return content_.text; }
  [[nodiscard]] bool allowed_in_failed_block() const override;

  /// Whether this is the statement within a PREPARE, whose text() is the whole PREPARE.
  [[nodiscard]] bool is_nested() const {
    return !content_.parsed.statements.empty() &&
           content_.statement != content_.parsed.statements.front();
  }
  [[nodiscard]] const ast::Statement* statement() const { return content_.statement; }
  [[nodiscard]] const ParsedText& parsed() const { return content_.parsed; }
  [[nodiscard]] const PlanPtr& plan() const { return content_.plan; }
  [[nodiscard]] const SessionEnvironmentPtr& environment() const { return content_.environment; }

 private:
  Content content_;
};
using PreparedStatementPtr = std::shared_ptr<const PreparedStatement>;

/// RowDescription of a plan's output; empty if it returns no rows.
std::vector<ResultColumn> result_columns(const Plan& plan);
/// Whether a client that knows one description may read rows of the other.
bool same_columns(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b);
/// A column of a utility command's result.
ResultColumn text_column(std::string name);

}  // namespace omen::sql
