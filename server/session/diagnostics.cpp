#include "server/session/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/messages/diagnostic.h"

namespace omen::server {
namespace {

using protocol::DiagnosticField;

int character_count(std::string_view utf8) {
  return static_cast<int>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

void write_diagnostic(protocol::BackendType type, const sql::Diagnostic& diagnostic,
                      std::string& out) {
  const std::string position =
      diagnostic.position > 0 ? fmt::format("{}", diagnostic.position) : std::string();
  protocol::DiagnosticMessage message;
  message.add(DiagnosticField::Severity, diagnostic.severity);
  message.add(DiagnosticField::SeverityUntranslated, diagnostic.severity);
  message.add(DiagnosticField::SqlState, diagnostic.sqlstate);
  message.fields.emplace_back(DiagnosticField::Message, diagnostic.message);  // even if empty
  message.add(DiagnosticField::Detail, diagnostic.detail);
  message.add(DiagnosticField::Hint, diagnostic.hint);
  message.add(DiagnosticField::Position, position);
  message.add(DiagnosticField::Context, diagnostic.context);
  message.add(DiagnosticField::SchemaName, diagnostic.schema_name);
  message.add(DiagnosticField::TableName, diagnostic.table_name);
  message.add(DiagnosticField::ColumnName, diagnostic.column_name);
  message.add(DiagnosticField::DataTypeName, diagnostic.data_type_name);
  message.add(DiagnosticField::ConstraintName, diagnostic.constraint_name);
  protocol::ByteWriter writer(out);
  encode(type, message, writer);
}

sql::SqlError fatal(sql::SqlState sqlstate, std::string message) {
  sql::SqlError error(sqlstate, std::move(message));
  error.diagnostic().severity = "FATAL";
  return error;
}

sql::SqlError protocol_error(std::string message) {
  return {sql::sqlstate::kProtocolViolation, std::move(message)};
}

void locate(sql::SqlError& error, const StatementText& text) {
  const std::string_view before =
      text.message.substr(0, std::min(text.offset_bytes, text.message.size()));
  sql::Diagnostic& diagnostic = error.diagnostic();
  if (diagnostic.position > 0) {
    diagnostic.position += character_count(before);
  } else if (error.location() >= 0) {
    const std::string_view statement = text.message.substr(before.size());
    const std::size_t location =
        std::min(static_cast<std::size_t>(error.location()), statement.size());
    diagnostic.position =
        character_count(before) + character_count(statement.substr(0, location)) + 1;
  }
}

}  // namespace omen::server
