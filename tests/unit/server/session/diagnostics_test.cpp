#include "server/session/diagnostics.h"

#include <catch2/catch.hpp>

#include "protocol/messages/diagnostic.h"

namespace omen::server {

TEST_CASE("a location becomes a position in characters of the whole message") {
  // Two bytes for each of the three letters before the statement's third character.
  const StatementText text{.message = "äöü; xé y", .offset_bytes = 8};
  sql::SqlError error(sql::sqlstate::kSyntaxError, "no");
  error.set_location(4);
  locate(error, text);
  CHECK(error.diagnostic().position == 9);
}

TEST_CASE("an error without a location has no position") {
  sql::SqlError error(sql::sqlstate::kSyntaxError, "no");
  locate(error, {.message = "text"});
  CHECK(error.diagnostic().position == 0);
}

TEST_CASE("a location beyond the text stays within it") {
  sql::SqlError error(sql::sqlstate::kSyntaxError, "no");
  error.set_location(100);
  locate(error, {.message = "text", .offset_bytes = 50});
  CHECK(error.diagnostic().position == 5);
}

TEST_CASE("an error is written with all the fields it has") {
  sql::Diagnostic diagnostic;
  diagnostic.sqlstate = sql::sqlstate::kUniqueViolation;
  diagnostic.message = "duplicate key value violates unique constraint \"t_pkey\"";
  diagnostic.detail = "Key (a)=(1) already exists.";
  diagnostic.table_name = "t";
  diagnostic.position = 7;
  std::string out;
  write_diagnostic(protocol::BackendType::ErrorResponse, diagnostic, out);
  protocol::DiagnosticMessage message;
  REQUIRE(out[0] == 'E');
  REQUIRE(decode(std::string_view(out).substr(5), message).ok());
  CHECK(message.find(protocol::DiagnosticField::Severity) == "ERROR");
  CHECK(message.find(protocol::DiagnosticField::SqlState) == "23505");
  CHECK(message.find(protocol::DiagnosticField::Detail) == diagnostic.detail);
  CHECK(message.find(protocol::DiagnosticField::TableName) == "t");
  CHECK(message.find(protocol::DiagnosticField::Position) == "7");
  CHECK(message.find(protocol::DiagnosticField::Hint).empty());
}

}  // namespace omen::server
