#include "server/net/listener.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "protocol/auth/crypto.h"
#include "server/session/client.h"

namespace omen::server {
namespace {

using asio::ip::tcp;
using engine::Result;
using engine::Status;
using engine::StatusCode;

/// A new try after file descriptors ran out.
constexpr std::chrono::milliseconds kAcceptRetry{100};

std::string to_string(const tcp::endpoint& endpoint) {
  return endpoint.address().is_v6()
             ? fmt::format("[{}]:{}", endpoint.address().to_string(), endpoint.port())
             : fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

Status could_not(std::string_view what, const boost::system::error_code& error) {
  return {StatusCode::IoError, fmt::format("could not listen on {}: {}", what, error.message())};
}

void report(const std::exception_ptr& failure) {
  if (failure == nullptr) {
    return;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::warn("a connection ended by an exception: {}", error.what());
  }
}

}  // namespace

Result<std::vector<std::string>> Listener::open() {
  const std::vector<std::string>& addresses = server_.config.listen_addresses;
  for (const std::string& address : addresses) {
    if (Status status = open_address(address); !status.ok()) {
      // A machine without IPv6 still serves the default addresses.
      if (address != "::1" || addresses.size() == 1) {
        return status;
      }
      spdlog::warn("{}", status.message());
    }
  }
  std::vector<std::string> names;
  for (const Acceptor& acceptor : acceptors_) {
    names.push_back(to_string(acceptor.local_endpoint()));
  }
  return names;
}

Status Listener::open_address(const std::string& address) {
  boost::system::error_code error;
  std::vector<tcp::endpoint> endpoints;
  if (address == "*") {
    endpoints = {{tcp::v4(), server_.config.port}, {tcp::v6(), server_.config.port}};
  } else {
    tcp::resolver resolver(control_);
    for (const auto& entry : resolver.resolve(address, std::to_string(server_.config.port),
                                              tcp::resolver::passive, error)) {
      endpoints.push_back(entry.endpoint());
    }
    if (error) {
      return could_not(fmt::format("\"{}\"", address), error);
    }
  }
  for (const tcp::endpoint& endpoint : endpoints) {
    Acceptor acceptor(control_.get_executor());
    acceptor.open(endpoint.protocol(), error);
    if (error && address == "*" && endpoint.address().is_v6() && !acceptors_.empty()) {
      continue;  // no IPv6 on this machine
    }
    if (!error) {
      acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error && endpoint.address().is_v6()) {
      acceptor.set_option(asio::ip::v6_only(true), error);
    }
    if (!error) {
      acceptor.bind(endpoint, error);
    }
    if (!error) {
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return could_not(to_string(endpoint), error);
    }
    acceptors_.push_back(std::move(acceptor));
  }
  return {};
}

void Listener::start() {
  for (std::size_t i = 0; i < acceptors_.size(); ++i) {
    asio::co_spawn(control_, accept_loop(i), [](const std::exception_ptr& failure) {
      if (failure != nullptr) {
        spdlog::error("a listener failed");
      }
    });
  }
}

void Listener::close() {
  closed_ = true;
  for (Acceptor& acceptor : acceptors_) {
    boost::system::error_code ignored;
    acceptor.close(ignored);
  }
}

Awaitable<void> Listener::accept_loop(std::size_t acceptor_index) {
  Acceptor& acceptor = acceptors_[acceptor_index];
  while (!closed_) {
    Shard& shard = server_.workers.acquire_shard();
    Socket socket(shard.context.get_executor());
    const auto [error] = co_await acceptor.async_accept(socket, kUseAwaitable);
    if (!error) {
      adopt(std::move(socket), shard);
      continue;
    }
    WorkerPool::release_shard(shard);
    if (!closed_) {
      spdlog::warn("could not accept a connection: {}", error.message());
      Timer pause(control_.get_executor(), kAcceptRetry);
      static_cast<void>(co_await pause.async_wait(kUseAwaitable));
    }
  }
}

void Listener::adopt(Socket socket, Shard& shard) {
  boost::system::error_code error;
  const tcp::endpoint client = socket.remote_endpoint(error);
  const auto secret_key = protocol::random_u32();
  std::shared_ptr<Backend> backend;
  if (!error && secret_key.ok()) {
    backend = server_.backends.connect(secret_key.value(), socket.native_handle(),
                                       client.address().to_string());
  }
  if (backend == nullptr) {
    WorkerPool::release_shard(shard);  // the socket closes here
    return;
  }
  asio::co_spawn(shard.context, serve_client(server_, shard, std::move(socket), std::move(backend)),
                 report);
}

}  // namespace omen::server
