#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/result.h"
#include "sql/error/sqlstate.h"

namespace omen::sql {

/// What a client reads in an ErrorResponse or NoticeResponse. Empty fields are not sent.
struct Diagnostic {
  std::string severity = "ERROR";  ///< ERROR, FATAL, WARNING, NOTICE, DEBUG...
  SqlState sqlstate = sqlstate::kInternalError;
  std::string message;
  std::string detail;
  std::string hint;
  int position = 0;  ///< 1-based character index into the statement text; 0 is none
  std::string context;
  std::string schema_name, table_name, column_name, data_type_name, constraint_name;
};

/// Ends the statement. The only exception type of sql/; caught in server/session alone.
class SqlError final : public std::exception {
 public:
  SqlError(SqlState sqlstate, std::string message) {
    diagnostic_.sqlstate = sqlstate;
    diagnostic_.message = std::move(message);
  }
  /// Builders, to be chained: `throw SqlError(...).detail("...").at(position);`
  SqlError&& detail(std::string text) && {
    diagnostic_.detail = std::move(text);
    return std::move(*this);
  }
  SqlError&& hint(std::string text) && {
    diagnostic_.hint = std::move(text);
    return std::move(*this);
  }
  SqlError&& context(std::string text) && {
    diagnostic_.context = std::move(text);
    return std::move(*this);
  }
  /// `location` is a 0-based byte offset into the statement as parsed, -1 for none (AST
  /// convention);
  /// whoever knows the text turns it into characters.
  SqlError&& at(int location) && {
    location_ = location;
    return std::move(*this);
  }
  SqlError&& constraint(std::string schema, std::string table, std::string name) && {
    diagnostic_.schema_name = std::move(schema);
    diagnostic_.table_name = std::move(table);
    diagnostic_.constraint_name = std::move(name);
    return std::move(*this);
  }
  SqlError&& column(std::string schema, std::string table, std::string name) && {
    diagnostic_.schema_name = std::move(schema);
    diagnostic_.table_name = std::move(table);
    diagnostic_.column_name = std::move(name);
    return std::move(*this);
  }

  [[nodiscard]] const Diagnostic& diagnostic() const { return diagnostic_; }
  [[nodiscard]] Diagnostic& diagnostic() { return diagnostic_; }
  [[nodiscard]] int location() const { return location_; }
  void set_location(int location) { location_ = location; }
  [[nodiscard]] const char* what() const noexcept override { return diagnostic_.message.c_str(); }

 private:
  Diagnostic diagnostic_;
  int location_ = -1;
};

/// "Cannot happen" within one statement: XX000.
[[noreturn]] void internal_error(std::string message);
/// 0A000 `what is not supported`.
[[noreturn]] void unsupported(std::string what, int location = -1);

/// Throws the SqlError for a failed Status: the one switch from StatusCode to SQLSTATE.
void throw_if_error(const engine::Status& status);
SqlError to_sql_error(const engine::Status& status);
/// What any caught thing is to a client: SqlError as is, bad_alloc 53200, the rest XX000 (logged).
SqlError to_sql_error(const std::exception_ptr& failure);

/// The value, or its Status thrown.
template <typename T>
T value_or_throw(engine::Result<T> result) {
  throw_if_error(result.status());
  return std::move(result).value();
}

}  // namespace omen::sql
