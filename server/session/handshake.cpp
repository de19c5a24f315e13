#include "server/session/handshake.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "protocol/auth/scram_server.h"
#include "protocol/messages/authentication.h"
#include "protocol/messages/startup.h"
#include "protocol/session_state.h"
#include "server/config/text.h"
#include "server/session/diagnostics.h"

namespace omen::server {
namespace {

using protocol::Authentication;
using protocol::AuthenticationKind;
namespace sqlstate = sql::sqlstate;

constexpr std::size_t kPreAuthenticationBodyBytesMax = protocol::kAuthenticationBodyBytesMax;

/// Throws the Status as FATAL: during start-up every error ends the connection.
void check(const engine::Status& status, sql::SqlState state = sqlstate::kProtocolViolation) {
  if (!status.ok()) {
    throw fatal(state, status.message());
  }
}

void throw_if_terminated(const Backend& backend) {
  if (auto error = termination_error(backend.termination())) {
    throw std::move(*error);
  }
}

void send(const Authentication& message, Connection& connection) {
  protocol::ByteWriter writer(connection.output());
  encode(message, writer);
}

Awaitable<bool> flush(Connection& connection) {
  if (connection.try_flush()) {
    co_return true;
  }
  co_return co_await connection.drain();
}

/// The next start-up packet; nullopt if none comes or it is malformed (nobody is told then, as in
/// PostgreSQL: what sends such bytes may not speak the protocol at all).
Awaitable<std::optional<protocol::StartupPacket>> read_startup(Connection& connection) {
  while (true) {
    auto frame = connection.input().next_startup();
    if (!frame.ok()) {
      spdlog::debug("{}", frame.status().message());
      co_return std::nullopt;
    }
    if (frame.value()) {
      auto packet = protocol::decode_startup(frame.value()->body);
      check(packet.status());
      co_return std::move(packet).value();
    }
    if (!co_await connection.receive()) {
      co_return std::nullopt;
    }
  }
}

/// The body of the next password message; nullopt if the client is gone.
Awaitable<std::optional<std::string_view>> read_password(Connection& connection) {
  protocol::SessionState state;
  state.authentication_started();
  while (true) {
    auto frame = connection.input().next();
    check(frame.status());
    if (frame.value()) {
      const auto type = static_cast<protocol::FrontendType>(frame.value()->type);
      if (state.admit(type) != protocol::SessionState::Verdict::Process) {
        throw fatal(sqlstate::kProtocolViolation,
                    fmt::format("expected SASL response, got message type {}",
                                static_cast<unsigned char>(frame.value()->type)));
      }
      co_return frame.value()->body;
    }
    if (!co_await connection.receive()) {
      co_return std::nullopt;
    }
  }
}

bool is_loopback(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(std::string(address), error);
  if (error) {
    return false;
  }
  if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, parsed.to_v6()).is_loopback();
  }
  return parsed.is_loopback();
}

/// False if the client left in the middle.
Awaitable<bool> authenticate_scram(ServerContext& server, Connection& connection,
                                   const std::string& user,
                                   const std::optional<std::string>& stored) {
  protocol::ScramVerifier verifier;
  bool genuine = false;
  if (stored) {
    if (auto parsed = protocol::parse_verifier(*stored); parsed.ok()) {
      verifier = std::move(parsed).value();
      genuine = true;
    } else {
      spdlog::warn("role \"{}\" has a malformed password verifier", user);
    }
  }
  if (!genuine) {
    auto mock = protocol::mock_verifier(user, server.mock_verifier_secret);
    check(mock.status(), sqlstate::kInternalError);
    verifier = std::move(mock).value();
  }
  auto created = protocol::ScramServer::create(std::move(verifier), genuine);
  check(created.status(), sqlstate::kInternalError);
  protocol::ScramServer scram = std::move(created).value();

  send({.kind = AuthenticationKind::Sasl, .mechanisms = {protocol::kScramMechanism}}, connection);
  if (!co_await flush(connection)) {
    co_return false;
  }
  auto body = co_await read_password(connection);
  if (!body) {
    co_return false;
  }
  protocol::SaslInitialResponse initial;
  check(decode(*body, initial));
  if (initial.mechanism != protocol::kScramMechanism) {
    throw fatal(sqlstate::kProtocolViolation,
                "client selected an invalid SASL authentication mechanism");
  }
  auto first = scram.start(initial.data.value_or(std::string_view()));
  check(first.status());
  send({.kind = AuthenticationKind::SaslContinue, .data = first.value()}, connection);
  if (!co_await flush(connection)) {
    co_return false;
  }
  body = co_await read_password(connection);
  if (!body) {
    co_return false;
  }
  protocol::SaslResponse response;
  check(decode(*body, response));
  auto final_message = scram.finish(response.data);
  check(final_message.status());
  if (!scram.authenticated()) {
    throw fatal(sqlstate::kInvalidPassword,
                fmt::format("password authentication failed for user \"{}\"", user));
  }
  send({.kind = AuthenticationKind::SaslFinal, .data = final_message.value()}, connection);
  co_return true;
}

Awaitable<bool> authenticate(ServerContext& server, Connection& connection, const Backend& backend,
                             const std::string& user) {
  const std::optional<std::string> stored =
      sql::role_verifier(*server.database.engine().catalog(), user);
  const bool trusted = is_loopback(backend.client_address()) &&
                       (!stored || server.config.auth_loopback == AuthLoopback::Trust);
  if (!trusted && !co_await authenticate_scram(server, connection, user, stored)) {
    co_return false;
  }
  send({.kind = AuthenticationKind::Ok}, connection);
  co_return true;
}

bool asks_for_replication(std::string_view value) {
  constexpr std::array<std::string_view, 5> kNo = {"false", "off", "no", "0", ""};
  return std::find(kNo.begin(), kNo.end(), value) == kNo.end();
}

/// Turns the packet's parameters into what the session starts with.
sql::SessionStart read_parameters(const protocol::StartupMessage& message, const Backend& backend,
                                  Connection& connection) {
  if (message.major_version() != 3) {
    throw fatal(sqlstate::kFeatureNotSupported,
                fmt::format("unsupported frontend protocol {}.{}: server supports 3.0 to 3.0",
                            message.major_version(), message.minor_version()));
  }
  sql::SessionStart start;
  start.process_id = backend.process_id();
  start.client_address = backend.client_address();
  protocol::NegotiateProtocolVersion negotiation;
  for (const auto& [name, value] : message.parameters) {
    if (name == "user") {
      start.user = value;
    } else if (name == "database") {
      start.database = value;
    } else if (name == "options") {
      auto options = parse_options(value);
      check(options.status(), sqlstate::kSyntaxError);
      std::move(options.value().begin(), options.value().end(), std::back_inserter(start.settings));
    } else if (name == "replication") {
      if (asks_for_replication(value)) {
        throw fatal(sqlstate::kFeatureNotSupported, "replication connections are not supported");
      }
    } else if (name.starts_with("_pq_.")) {
      negotiation.unknown_options.push_back(name);
    } else {
      start.settings.emplace_back(name, value);
    }
  }
  if (start.user.empty()) {
    throw fatal(sqlstate::kInvalidAuthorizationSpecification,
                "no PostgreSQL user name specified in startup packet");
  }
  if (start.database.empty()) {
    start.database = start.user;
  }
  if (message.minor_version() > 0 || !negotiation.unknown_options.empty()) {
    protocol::ByteWriter writer(connection.output());
    encode(negotiation, writer);
  }
  return start;
}

void admit(ServerContext& server, const Backend& backend) {
  switch (server.backends.admit(backend)) {
    case BackendRegistry::Admission::Admitted:
      return;
    case BackendRegistry::Admission::TooMany:
      throw fatal(sqlstate::kTooManyConnections, "sorry, too many clients already");
    case BackendRegistry::Admission::Stopping:
      throw fatal(sqlstate::kCannotConnectNow, "the database system is shutting down");
  }
}

}  // namespace

std::optional<sql::SqlError> termination_error(Termination why) {
  switch (why) {
    case Termination::None:
    case Termination::ClientGone:
      return std::nullopt;
    case Termination::Administrator:
      return fatal(sqlstate::kAdminShutdown, "terminating connection due to administrator command");
    case Termination::IdleInTransaction:
      return fatal(sqlstate::kIdleInTransactionSessionTimeout,
                   "terminating connection due to idle-in-transaction timeout");
    case Termination::AuthenticationTimeout:
      return fatal(sqlstate::kQueryCanceled, "canceling authentication due to timeout");
  }
  return std::nullopt;
}

Awaitable<std::optional<sql::SessionStart>> handshake(ServerContext& server, Connection& connection,
                                                      Backend& backend) {
  connection.input().set_body_limit(kPreAuthenticationBodyBytesMax);
  // TLS and GSSAPI may each be asked for once before the start-up message.
  for (int requests_left = 2;; --requests_left) {
    auto packet = co_await read_startup(connection);
    if (!packet) {
      throw_if_terminated(backend);
      co_return std::nullopt;
    }
    if (const auto* cancel = std::get_if<protocol::CancelRequest>(&*packet)) {
      if (!server.backends.cancel(cancel->process_id, cancel->secret_key)) {
        spdlog::debug("cancel request for process {} refused", cancel->process_id);
      }
      co_return std::nullopt;
    }
    if (const auto* message = std::get_if<protocol::StartupMessage>(&*packet)) {
      sql::SessionStart start = read_parameters(*message, backend, connection);
      admit(server, backend);
      backend.set_user(start.user);
      if (!co_await authenticate(server, connection, backend, start.user)) {
        throw_if_terminated(backend);
        co_return std::nullopt;
      }
      throw_if_terminated(backend);
      connection.input().set_body_limit(protocol::kLargeBodyBytesMax);
      co_return start;
    }
    if (requests_left == 0) {
      co_return std::nullopt;
    }
    connection.output().push_back('N');
    if (!co_await flush(connection)) {
      co_return std::nullopt;
    }
  }
}

}  // namespace omen::server
