#include "server/session/client.h"

#include <spdlog/spdlog.h>

#include "server/net/connection.h"
#include "server/session/diagnostics.h"
#include "server/session/handshake.h"
#include "server/session/message_loop.h"

namespace omen::server {
namespace {

/// Gives back what the connection holds, in the right order, also when the server's stop destroys
/// the coroutine in the middle.
class Departure {
 public:
  Departure(ServerContext& server, Shard& shard, Connection& connection, Backend& backend)
      : server_(server), shard_(shard), connection_(connection), backend_(backend) {}
  ~Departure() {
    server_.deadlines.disarm(authentication_deadline);
    backend_.detach_socket();
    connection_.close();
    server_.backends.disconnect(backend_);
    WorkerPool::release_shard(shard_);
  }
  Departure(const Departure&) = delete;
  Departure& operator=(const Departure&) = delete;

  Deadlines::Ticket authentication_deadline;

 private:
  ServerContext& server_;
  Shard& shard_;
  Connection& connection_;
  Backend& backend_;
};

/// The backend's view of the session ends before the session does.
class Attachment {
 public:
  Attachment(Backend& backend, sql::Session& session) : backend_(backend) {
    backend_.attach(&session);
  }
  ~Attachment() { backend_.attach(nullptr); }
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

 private:
  Backend& backend_;
};

/// Session::start, whose errors all end the connection.
std::unique_ptr<sql::Session> start_session(sql::Database& database, sql::SessionStart start) {
  try {
    return sql::Session::start(database, std::move(start));
  } catch (sql::SqlError& error) {
    error.diagnostic().severity = "FATAL";
    throw;
  }
}

Awaitable<void> converse(ServerContext& server, Shard& shard, Connection& connection,
                         Backend& backend, Departure& departure) {
  departure.authentication_deadline = server.deadlines.arm(
      Deadlines::Clock::now() + std::chrono::seconds(server.config.authentication_timeout_s),
      [&backend] { backend.terminate(Termination::AuthenticationTimeout); });
  auto start = co_await handshake(server, connection, backend);
  server.deadlines.disarm(departure.authentication_deadline);
  if (!start) {
    co_return;
  }
  spdlog::debug("connection {} authorized: user={} database={}", backend.process_id(), start->user,
                start->database);
  const std::unique_ptr<sql::Session> session = start_session(server.database, std::move(*start));
  const Attachment attachment(backend, *session);
  MessageLoop loop(server, shard, connection, backend, *session);
  co_await loop.run();
}

}  // namespace

Awaitable<void> serve_client(ServerContext& server, Shard& shard, Socket socket,
                             std::shared_ptr<Backend> backend) {
  Connection connection(std::move(socket));
  Departure departure(server, shard, connection, *backend);
  std::optional<sql::SqlError> failure;
  try {
    co_await converse(server, shard, connection, *backend, departure);
  } catch (...) {
    failure = sql::to_sql_error(std::current_exception());
  }
  if (failure && !connection.broken()) {
    spdlog::debug("connection {} ends: {}", backend->process_id(), failure->what());
    failure->diagnostic().severity = "FATAL";
    write_diagnostic(protocol::BackendType::ErrorResponse, failure->diagnostic(),
                     connection.output());
    // A client that does not read is not waited for longer than Backend::check allows.
    backend->terminate(Termination::ClientGone);
    co_await connection.drain();
  }
  spdlog::debug("connection {} closed", backend->process_id());
}

}  // namespace omen::server
