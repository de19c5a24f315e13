#pragma once

#include <string>

#include "server/config/config.h"
#include "server/session/backend_registry.h"
#include "server/session/deadlines.h"
#include "server/threads/worker_pool.h"
#include "sql/session/session.h"

namespace omen::server {

/// What every session borrows from the server; all of it outlives them.
struct ServerContext {
  const Config& config;
  sql::Database& database;
  WorkerPool& workers;
  BackendRegistry& backends;
  Deadlines& deadlines;
  std::string mock_verifier_secret;  ///< see protocol::mock_verifier
};

}  // namespace omen::server
