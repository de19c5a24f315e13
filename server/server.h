#pragma once

#include <memory>

#include "engine/api/engine.h"
#include "server/config/config.h"
#include "server/net/listener.h"
#include "server/session/server_context.h"

namespace omen::server {

/// One server process from open data directory to checkpoint.
///
/// run() serves on the calling thread's control loop (accepts, timers, signals, cancels: never a
/// statement, rule R8) and the worker pool's threads, until SIGTERM or SIGINT.
class Server {
 public:
  /// Opens (or creates) the data directory and the database in it.
  static engine::Result<std::unique_ptr<Server>> open(Config config);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens, then serves until told to stop. Ok after an orderly stop.
  engine::Status run();

 private:
  Server(Config config, std::unique_ptr<engine::Engine> engine, std::string mock_verifier_secret);

  Awaitable<void> wait_for_signals();
  Awaitable<void> watch_clients();
  Awaitable<void> stop_sessions();
  /// Waits until no connection is left, at most until `deadline`.
  Awaitable<bool> wait_for_sessions(Deadlines::Clock::time_point deadline);
  void spawn(Awaitable<void> task);

  const Config config_;
  std::unique_ptr<engine::Engine> engine_;
  sql::Database database_;
  asio::io_context control_{1};
  Deadlines deadlines_;
  BackendRegistry backends_;
  WorkerPool workers_;
  ServerContext context_;
  Listener listener_;
  SignalSet signals_;
};

}  // namespace omen::server
