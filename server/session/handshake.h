#pragma once

#include <optional>

#include "server/net/connection.h"
#include "server/session/server_context.h"

namespace omen::server {

/// From the first byte to AuthenticationOk: encryption requests (answered 'N'), cancel requests,
/// protocol version, max_connections, and the client's proof that it is who it says.
///
/// Returns what the session starts with; nullopt if the connection is over without a session (a
/// cancel request was served, the client left, or its bytes were no start-up packet).
/// Throws SqlError with severity FATAL for everything the client is told.
Awaitable<std::optional<sql::SessionStart>> handshake(ServerContext& server, Connection& connection,
                                                      Backend& backend);

/// The FATAL error that says why a connection ends; nullopt if the client is past hearing it.
std::optional<sql::SqlError> termination_error(Termination why);

}  // namespace omen::server
