#include "server/server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "protocol/auth/crypto.h"

namespace omen::server {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

constexpr std::chrono::seconds kWatchInterval{1};
constexpr std::chrono::milliseconds kStopLook{10};
/// After their statements were cancelled, sessions have this long to roll back and leave.
constexpr std::chrono::seconds kLeaveTimeout{10};
constexpr std::size_t kSecretBytes = 32;

std::uint32_t shard_count(const Config& config) {
  return config.worker_threads > 0 ? config.worker_threads
                                   : std::max(1u, std::thread::hardware_concurrency());
}

std::string absolute_path(const std::filesystem::path& path) {
  std::error_code error;  // the path as given will do where there is no current directory
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return path.empty() ? "" : (error ? path : absolute).lexically_normal().string();
}

/// What SHOW tells of this process, under PostgreSQL's names.
std::vector<std::pair<std::string, std::string>> shown_settings(const Config& config) {
  constexpr std::size_t kBlockBytes = 8192;  // the unit of shared_buffers
  return {
      {"config_file", absolute_path(config.config_file)},
      {"data_directory", absolute_path(config.data_directory)},
      {"listen_addresses", fmt::format("{}", fmt::join(config.listen_addresses, ","))},
      {"max_connections", std::to_string(config.max_connections)},
      {"port", std::to_string(config.port)},
      {"shared_buffers", std::to_string(config.block_cache_bytes / kBlockBytes)},
  };
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(Config config) {
  OMEN_ASSIGN(std::string secret, protocol::random_bytes(kSecretBytes));
  OMEN_ASSIGN(std::unique_ptr<engine::Engine> engine,
              engine::Engine::open({.data_directory = config.data_directory,
                                    .block_cache_bytes = config.block_cache_bytes,
                                    .memtable_bytes = config.memtable_bytes,
                                    .background_threads = config.background_threads}));
  return std::unique_ptr<Server>(
      new Server(std::move(config), std::move(engine), std::move(secret)));
}

Server::Server(Config config, std::unique_ptr<engine::Engine> engine,
               std::string mock_verifier_secret)
    : config_(std::move(config)),
      engine_(std::move(engine)),
      database_(*engine_),
      deadlines_(control_),
      backends_(config_.max_connections),
      // Every session may be blocked while each shard still polls, and some may be logging in.
      workers_({.shard_count = shard_count(config_),
                .thread_count_max = config_.max_connections + 2 * shard_count(config_)}),
      context_{.config = config_,
               .database = database_,
               .workers = workers_,
               .backends = backends_,
               .deadlines = deadlines_,
               .mock_verifier_secret = std::move(mock_verifier_secret)},
      listener_(context_, control_),
      signals_(control_.get_executor()) {
  database_.set_server_settings(shown_settings(config_));
  database_.set_backend_source([this] { return backends_.list(); });
  database_.set_cancel_backend([this](std::int32_t process_id, bool terminate) {
    return backends_.signal(process_id, terminate);
  });
}

Server::~Server() {
  workers_.stop();  // before anything that sessions borrow goes
}

Status Server::run() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  OMEN_ASSIGN(const std::vector<std::string> addresses, listener_.open());
  spawn(wait_for_signals());
  spawn(watch_clients());
  listener_.start();
  spdlog::info("ready to accept connections on {}", fmt::join(addresses, ", "));
  control_.run();
  workers_.stop();
  OMEN_TRY(engine_->checkpoint());
  spdlog::info("stopped");
  return {};
}

void Server::spawn(Awaitable<void> task) {
  asio::co_spawn(control_, std::move(task), [](const std::exception_ptr& failure) {
    if (failure != nullptr) {
      std::rethrow_exception(failure);  // out of control_.run(): a bug
    }
  });
}

Awaitable<void> Server::wait_for_signals() {
  const auto [error, number] = co_await signals_.async_wait(kUseAwaitable);
  if (error) {
    co_return;
  }
  spdlog::info("stopping on signal {}; once more stops at once", number);
  signals_.async_wait([](const boost::system::error_code& wait_error, int /*number*/) {
    if (!wait_error) {
      spdlog::warn("stopped at once; the next start recovers");
      std::_Exit(EXIT_FAILURE);
    }
  });
  co_await stop_sessions();
  control_.stop();
}

Awaitable<void> Server::stop_sessions() {
  listener_.close();
  backends_.stop();
  // Idle sessions leave now, running statements may finish.
  for (const auto& backend : backends_.all()) {
    backend->terminate(Termination::Administrator);
  }
  const auto now = Deadlines::Clock::now();
  if (co_await wait_for_sessions(now + std::chrono::seconds(config_.shutdown_timeout_s))) {
    co_return;
  }
  for (const auto& backend : backends_.all()) {
    backend->cancel(engine::CancelReason::Shutdown);
  }
  if (co_await wait_for_sessions(Deadlines::Clock::now() + kLeaveTimeout)) {
    co_return;
  }
  spdlog::warn("sessions do not end; stopped without a checkpoint, the next start recovers");
  std::_Exit(EXIT_FAILURE);
}

Awaitable<bool> Server::wait_for_sessions(Deadlines::Clock::time_point deadline) {
  Timer timer(control_.get_executor());
  while (!backends_.empty()) {
    if (Deadlines::Clock::now() >= deadline) {
      co_return false;
    }
    timer.expires_after(kStopLook);
    static_cast<void>(co_await timer.async_wait(kUseAwaitable));
  }
  co_return true;
}

Awaitable<void> Server::watch_clients() {
  Timer timer(control_.get_executor());
  while (true) {
    timer.expires_after(kWatchInterval);
    static_cast<void>(co_await timer.async_wait(kUseAwaitable));
    const auto now = Deadlines::Clock::now();
    for (const auto& backend : backends_.all()) {
      backend->check(now);
    }
  }
}

}  // namespace omen::server
