#include <fmt/format.h>

#include <chrono>

#include "sql/error/sql_error.h"
#include "sql/planner/planner.h"
#include "sql/session/commands/commands.h"
#include "sql/session/execution.h"

namespace omen::sql {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool is_true(const ast::Option& option) {
  if (!option.value) {
    return true;
  }
  const std::string& value = *option.value;
  if (value == "true" || value == "on" || value == "1") {
    return true;
  }
  if (value == "false" || value == "off" || value == "0") {
    return false;
  }
  throw SqlError(sqlstate::kSyntaxError, fmt::format("{} requires a Boolean value", option.name));
}

ExplainOptions options_of(const ast::ExplainStatement& statement) {
  ExplainOptions options;
  bool has_timing = false;
  bool has_summary = false;
  for (const ast::Option& option : statement.options) {
    if (option.name == "analyze") {
      options.analyze = is_true(option);
    } else if (option.name == "verbose") {
      options.verbose = is_true(option);
    } else if (option.name == "costs") {
      options.costs = is_true(option);
    } else if (option.name == "buffers") {
      options.buffers = is_true(option);
    } else if (option.name == "timing") {
      options.timing = is_true(option);
      has_timing = true;
    } else if (option.name == "summary") {
      options.summary = is_true(option);
      has_summary = true;
    } else if (option.name == "settings" || option.name == "wal") {
      if (is_true(option)) {
        unsupported(fmt::format("EXPLAIN ({})", option.name), option.location);
      }
    } else if (option.name == "format") {
      const std::string format = option.value.value_or("");
      if (format == "json") {
        options.format = ExplainOptions::Format::Json;
      } else if (format == "xml" || format == "yaml") {
        unsupported(fmt::format("EXPLAIN (FORMAT {})", format), option.location);
      } else if (format != "text") {
        throw SqlError(
            sqlstate::kInvalidParameterValue,
            fmt::format("unrecognized value for EXPLAIN option \"format\": \"{}\"", format))
            .at(option.location);
      }
    } else {
      throw SqlError(sqlstate::kSyntaxError,
                     fmt::format("unrecognized EXPLAIN option \"{}\"", option.name))
          .at(option.location);
    }
  }
  if (has_timing && options.timing && !options.analyze) {
    throw SqlError(sqlstate::kInvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE");
  }
  options.summary = has_summary ? options.summary : options.analyze;
  return options;
}

/// The query within, through PREPAREd statements and CREATE TABLE AS.
const ast::Statement& query_of(const ast::ExplainStatement& statement) {
  const ast::Statement& inner = *statement.query;
  if (is_query(inner)) {
    return inner;
  }
  if (inner.kind == ast::StatementKind::CreateTableAs) {
    return *ast::as<ast::CreateTableAsStatement>(inner).query;
  }
  unsupported(fmt::format("EXPLAIN of {}", command_name(inner)));
}

}  // namespace

void describe_explain(ClientSession& session, const ast::ExplainStatement& statement,
                      PreparedStatement::Content& content) {
  static_cast<void>(options_of(statement));
  content.statement_class = StatementClass::Rows;
  content.columns = {text_column("QUERY PLAN")};
  static_cast<void>(session.plan(query_of(statement), content.parameter_types));
}

CommandResult run_explain(ClientSession& session, const ast::ExplainStatement& statement,
                          const std::vector<Oid>& declared_types,
                          const std::vector<engine::Value>& parameters) {
  ExplainOptions options = options_of(statement);
  const bool writes_table = statement.query->kind == ast::StatementKind::CreateTableAs;
  if (writes_table && options.analyze) {
    unsupported("EXPLAIN ANALYZE of CREATE TABLE AS");
  }
  std::vector<Oid> parameter_types = declared_types;
  const Clock::time_point planning_start = Clock::now();
  const PlanPtr plan = session.plan_and_lock(query_of(statement), parameter_types);
  options.planning_ms = milliseconds_since(planning_start);
  std::vector<std::string> lines;
  if (options.analyze) {
    const Clock::time_point execution_start = Clock::now();
    Execution execution(session, plan, parameters);
    execution.instrument();
    execution.run();
    options.execution_ms = milliseconds_since(execution_start);
    lines = explain(*plan, options, &execution.state());
  } else {
    lines = explain(*plan, options, nullptr);
  }
  CommandResult result{.tag = "EXPLAIN", .rows = {}};
  for (std::string& line : lines) {
    result.rows.push_back({std::move(line)});
  }
  return result;
}

}  // namespace omen::sql
