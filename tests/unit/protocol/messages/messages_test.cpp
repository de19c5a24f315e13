#include <catch2/catch.hpp>
#include <string>

#include "protocol/messages/authentication.h"
#include "protocol/messages/bare.h"
#include "protocol/messages/copy.h"
#include "protocol/messages/diagnostic.h"
#include "protocol/messages/portal.h"
#include "protocol/messages/query.h"
#include "protocol/messages/rows.h"
#include "protocol/messages/session.h"
#include "protocol/messages/startup.h"
#include "protocol/messages/statement.h"

namespace omen::protocol {
namespace {

using std::string_view_literals::operator""sv;

template <typename Message>
std::string encoded(const Message& message) {
  std::string bytes;
  ByteWriter out(bytes);
  encode(message, out);
  return bytes;
}

/// What follows type and length, after checking that the length is right.
std::string_view body_of(const std::string&& bytes) = delete;
std::string_view body_of(const std::string& message) {
  const std::string_view bytes = message;
  REQUIRE(bytes.size() >= 5);
  ByteReader reader(bytes.substr(1));
  REQUIRE(reader.read_u32() == bytes.size() - 1);
  return bytes.substr(5);
}

/// Every prefix of a valid body must be refused, not misread.
template <typename Message>
void check_prefixes_fail(std::string_view body) {
  for (std::size_t size = 0; size < body.size(); ++size) {
    Message message;
    INFO("prefix of " << size << " bytes");
    CHECK_FALSE(decode(body.substr(0, size), message).ok());
  }
  Message message;
  CHECK_FALSE(decode(std::string(body) + 'x', message).ok());
}

}  // namespace

TEST_CASE("a start-up message carries its parameters") {
  const std::string bytes =
      encoded(StartupMessage{.parameters = {{"user", "ada"}, {"database", "db"}}});
  CHECK(bytes == "\x00\x00\x00\x1e\x00\x03\x00\x00user\0ada\0database\0db\0\0"sv);
  auto packet = decode_startup(std::string_view(bytes).substr(4));
  REQUIRE(packet.ok());
  const auto& message = std::get<StartupMessage>(packet.value());
  CHECK(message.major_version() == 3);
  CHECK(message.parameters[0] == std::pair("user"sv, "ada"sv));
  CHECK(message.parameters[1] == std::pair("database"sv, "db"sv));
  for (std::size_t size = 0; size + 4 < bytes.size(); ++size) {
    CHECK_FALSE(decode_startup(std::string_view(bytes).substr(4, size)).ok());
  }
}

TEST_CASE("the special start-up packets are recognised") {
  CHECK(encoded(SslRequest{}) == "\x00\x00\x00\x08\x04\xd2\x16\x2f"sv);
  CHECK(encoded(GssEncRequest{}) == "\x00\x00\x00\x08\x04\xd2\x16\x30"sv);
  const std::string cancel = encoded(CancelRequest{.process_id = 7, .secret_key = 0xdeadbeef});
  auto packet = decode_startup(std::string_view(cancel).substr(4));
  REQUIRE(packet.ok());
  CHECK(std::get<CancelRequest>(packet.value()).process_id == 7);
  CHECK(std::get<CancelRequest>(packet.value()).secret_key == 0xdeadbeef);
  CHECK(std::holds_alternative<SslRequest>(decode_startup("\x04\xd2\x16\x2f"sv).value()));
  CHECK_FALSE(decode_startup("\x04\xd2\x16\x2e\x00"sv).ok());
}

TEST_CASE("another major version is told apart, its packet is not read") {
  auto packet = decode_startup("\x00\x02\x00\x00garbage"sv);
  REQUIRE(packet.ok());
  CHECK(std::get<StartupMessage>(packet.value()).major_version() == 2);
}

TEST_CASE("Query and FunctionCall survive a round trip") {
  const std::string bytes = encoded(Query{"SELECT 1"});
  CHECK(bytes == "Q\x00\x00\x00\x0dSELECT 1\0"sv);
  Query query;
  REQUIRE(decode(body_of(bytes), query).ok());
  CHECK(query.text == "SELECT 1");
  check_prefixes_fail<Query>(body_of(bytes));

  const std::string call = encoded(
      FunctionCall{.function_oid = 5, .argument_formats = {1}, .arguments = {"x", std::nullopt}});
  FunctionCall decoded;
  REQUIRE(decode(body_of(call), decoded).ok());
  CHECK(decoded.arguments.size() == 2);
  CHECK_FALSE(decoded.arguments[1]);
  check_prefixes_fail<FunctionCall>(body_of(call));
}

TEST_CASE("Parse survives a round trip") {
  const std::string bytes =
      encoded(Parse{.statement_name = "s", .text = "SELECT $1", .parameter_types = {23, 0}});
  Parse parse;
  REQUIRE(decode(body_of(bytes), parse).ok());
  CHECK(parse.statement_name == "s");
  CHECK(parse.text == "SELECT $1");
  CHECK(parse.parameter_types == std::vector<std::uint32_t>{23, 0});
  check_prefixes_fail<Parse>(body_of(bytes));
}

TEST_CASE("Bind survives a round trip, NULL and the empty value apart") {
  const std::string bytes = encoded(Bind{.portal_name = "p",
                                         .statement_name = "s",
                                         .parameter_formats = {0, 1, 0},
                                         .parameters = {"", std::nullopt, "abc"},
                                         .result_formats = {1}});
  Bind bind;
  REQUIRE(decode(body_of(bytes), bind).ok());
  CHECK(bind.portal_name == "p");
  CHECK(bind.parameters.size() == 3);
  CHECK(bind.parameters[0] == ""sv);
  CHECK_FALSE(bind.parameters[1]);
  CHECK(bind.parameters[2] == "abc"sv);
  CHECK(bind.result_formats == std::vector<std::int16_t>{1});
  check_prefixes_fail<Bind>(body_of(bytes));
}

TEST_CASE("hostile lengths in Bind are refused") {
  Bind bind;
  // 65,535 parameters announced, none there.
  CHECK_FALSE(decode("\0\0\0\0\xff\xff"sv, bind).ok());
  // A value of 2 GiB, of -2 bytes, of one byte more than there is.
  CHECK_FALSE(decode("\0\0\0\0\0\1\x7f\xff\xff\xff\0\0"sv, bind).ok());
  CHECK_FALSE(decode("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"sv, bind).ok());
  CHECK_FALSE(decode("\0\0\0\0\0\1\0\0\0\3\0\0"sv, bind).ok());
  CHECK(decode("\0\0\0\0\0\1\0\0\0\2ab\0\0"sv, bind).ok());
}

TEST_CASE("Execute, Describe and Close survive a round trip") {
  const std::string execute = encoded(Execute{.portal_name = "p", .row_count_max = 10});
  Execute decoded;
  REQUIRE(decode(body_of(execute), decoded).ok());
  CHECK(decoded.row_count_max == 10);
  check_prefixes_fail<Execute>(body_of(execute));

  Describe describe;
  const std::string bytes_1 = encoded(Describe{Target::Portal, "p"});
  REQUIRE(decode(body_of(bytes_1), describe).ok());
  CHECK(describe.target == Target::Portal);
  CHECK(decode("Xname\0"sv, describe).message() == "invalid DESCRIBE message subtype 88");
  Close close;
  const std::string bytes_2 = encoded(Close{Target::Statement, "s"});
  REQUIRE(decode(body_of(bytes_2), close).ok());
  CHECK(close.name == "s");
  CHECK(decode("xname\0"sv, close).message() == "invalid CLOSE message subtype 120");
}

TEST_CASE("messages without a body refuse one") {
  CHECK(decode_bare("").ok());
  CHECK_FALSE(decode_bare("x").ok());
  std::string bytes;
  ByteWriter out(bytes);
  encode_bare(BackendType::ParseComplete, out);
  encode_bare(FrontendType::Sync, out);
  CHECK(bytes == "1\0\0\0\4S\0\0\0\4"sv);
}

TEST_CASE("authentication messages survive a round trip") {
  const std::string sasl =
      encoded(Authentication{.kind = AuthenticationKind::Sasl, .mechanisms = {"SCRAM-SHA-256"}});
  CHECK(sasl == "R\x00\x00\x00\x17\x00\x00\x00\x0aSCRAM-SHA-256\0\0"sv);
  Authentication authentication;
  REQUIRE(decode(body_of(sasl), authentication).ok());
  CHECK(authentication.mechanisms == std::vector{"SCRAM-SHA-256"sv});
  CHECK(encoded(Authentication{}) == "R\0\0\0\x08\0\0\0\0"sv);

  const std::string initial =
      encoded(SaslInitialResponse{.mechanism = "SCRAM-SHA-256", .data = "n,,n=,r=x"});
  SaslInitialResponse response;
  REQUIRE(decode(body_of(initial), response).ok());
  CHECK(response.mechanism == "SCRAM-SHA-256");
  CHECK(response.data == "n,,n=,r=x"sv);
  check_prefixes_fail<SaslInitialResponse>(body_of(initial));
  REQUIRE(decode("m\0\xff\xff\xff\xff"sv, response).ok());
  CHECK_FALSE(response.data);
  CHECK_FALSE(decode("m\0\x80\x00\x00\x00"sv, response).ok());
}

TEST_CASE("rows survive a round trip") {
  const std::string description = encoded(
      RowDescription{.fields = {{.name = "id", .type_oid = 23, .type_length = 4, .format = 1}}});
  RowDescription fields;
  REQUIRE(decode(body_of(description), fields).ok());
  CHECK(fields.fields[0].name == "id");
  CHECK(fields.fields[0].type_oid == 23);
  CHECK(fields.fields[0].format == 1);
  check_prefixes_fail<RowDescription>(body_of(description));

  const std::string row = encoded(DataRow{.values = {"1", std::nullopt}});
  std::string written;
  RowWriter writer(written);
  writer.begin_row(2);
  writer.begin_value();
  written.append("1");
  writer.end_value();
  writer.write_null();
  writer.end_row();
  CHECK(written == row);
  CHECK(written == row);
  CHECK(encoded(CommandComplete{"SELECT 1"}) == "C\0\0\0\x0dSELECT 1\0"sv);
}

TEST_CASE("COPY messages survive a round trip") {
  std::string bytes;
  ByteWriter out(bytes);
  encode(BackendType::CopyInResponse, CopyResponse{.format = 1, .column_formats = {1, 1}}, out);
  CHECK(bytes == "G\0\0\0\x0b\1\0\2\0\1\0\1"sv);
  CopyResponse response;
  REQUIRE(decode(body_of(bytes), response).ok());
  CHECK(response.column_formats.size() == 2);
  check_prefixes_fail<CopyResponse>(body_of(bytes));
  CHECK(encoded(CopyData{"a\tb\n"}) ==
        "d\0\0\0\x08"
        "a\tb\n"sv);
  CopyFail fail;
  const std::string bytes_3 = encoded(CopyFail{"no more"});
  REQUIRE(decode(body_of(bytes_3), fail).ok());
  CHECK(fail.reason == "no more");
}

TEST_CASE("an error carries its fields in order and leaves empty ones out") {
  DiagnosticMessage message;
  message.add(DiagnosticField::Severity, "ERROR");
  message.add(DiagnosticField::SqlState, "42P01");
  message.add(DiagnosticField::Message, "relation \"x\" does not exist");
  message.add(DiagnosticField::Detail, "");
  std::string bytes;
  ByteWriter out(bytes);
  encode(BackendType::ErrorResponse, message, out);
  CHECK(bytes == "E\0\0\0\x30SERROR\0C42P01\0Mrelation \"x\" does not exist\0\0"sv);
  DiagnosticMessage decoded;
  REQUIRE(decode(body_of(bytes), decoded).ok());
  CHECK(decoded.find(DiagnosticField::SqlState) == "42P01");
  CHECK(decoded.find(DiagnosticField::Hint).empty());
  check_prefixes_fail<DiagnosticMessage>(body_of(bytes));
}

TEST_CASE("messages about the session survive a round trip") {
  CHECK(encoded(ReadyForQuery{'T'}) == "Z\0\0\0\5T"sv);
  BackendKeyData key;
  const std::string bytes_4 = encoded(BackendKeyData{1, 2});
  REQUIRE(decode(body_of(bytes_4), key).ok());
  CHECK(key.process_id == 1);
  CHECK(key.secret_key == 2);
  ParameterStatus status;
  const std::string bytes_5 = encoded(ParameterStatus{"TimeZone", "UTC"});
  REQUIRE(decode(body_of(bytes_5), status).ok());
  CHECK(status.value == "UTC");
  NegotiateProtocolVersion negotiate;
  const std::string bytes_6 = encoded(NegotiateProtocolVersion{0, {"_pq_.x"}});
  REQUIRE(decode(body_of(bytes_6), negotiate).ok());
  CHECK(negotiate.unknown_options == std::vector{"_pq_.x"sv});
  // Four billion options announced, none there.
  CHECK_FALSE(decode("\0\0\0\0\xff\xff\xff\xff"sv, negotiate).ok());
}

}  // namespace omen::protocol
