#pragma once

#include <memory>

#include "server/net/asio.h"
#include "server/session/server_context.h"

namespace omen::server {

/// Serves one connection from its first byte to its end; runs on the shard's loop.
///
/// Ways a connection ends, all of which come back here:
///   1. Terminate, or the client closes its socket between two commands: silently. An open
///      transaction is rolled back by the session's destructor.
///   2. The client is gone while its statement runs: found by Backend::check within a second or two
///      (or by a failing write), the statement is cancelled.
///   3. A FATAL error: it is sent, then the socket is closed. Protocol violations, start-up errors
///      (53300, 28P01, 3D000, ...), 25P03 for idle_in_transaction_session_timeout, 57014 for
///      authentication_timeout, 57P01 for pg_terminate_backend and for the stop of the server.
///   4. A client that does not read while 3. happens: cut off after Backend::kPatience.
///   5. A second stop signal, an assertion, kill -9: the process ends, the kernel closes the
///   socket.
/// An ERROR never ends a connection.
///
/// `backend` was made by the registry, `shard` acquired from the pool: both are given back.
Awaitable<void> serve_client(ServerContext& server, Shard& shard, Socket socket,
                             std::shared_ptr<Backend> backend);

}  // namespace omen::server
