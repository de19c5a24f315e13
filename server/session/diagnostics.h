#pragma once

#include <string>
#include <string_view>

#include "protocol/wire/message_type.h"
#include "sql/error/sql_error.h"

namespace omen::server {

/// Appends an ErrorResponse or a NoticeResponse.
void write_diagnostic(protocol::BackendType type, const sql::Diagnostic& diagnostic,
                      std::string& out);

/// A FATAL error: the connection ends with it.
sql::SqlError fatal(sql::SqlState sqlstate, std::string message);
/// 08P01.
sql::SqlError protocol_error(std::string message);

/// The statement being run, as part of the text the client sent.
struct StatementText {
  std::string_view message;      ///< the whole text
  std::size_t offset_bytes = 0;  ///< where the statement begins in it
};
/// Sets the position of an error, in characters of the whole text, from its location or position
/// within the statement.
void locate(sql::SqlError& error, const StatementText& text);

}  // namespace omen::server
