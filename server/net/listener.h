#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/session/server_context.h"

namespace omen::server {

/// Accepts connections on the control loop and hands each to a shard.
/// Control thread only.
class Listener {
 public:
  Listener(ServerContext& server, asio::io_context& control) : server_(server), control_(control) {}

  /// Binds and listens on each configured address. IoError if none, or any but the IPv6 loopback of
  /// a machine without IPv6, can be bound. Returns the addresses as "127.0.0.1:5433".
  engine::Result<std::vector<std::string>> open();
  void start();
  void close();

 private:
  engine::Status open_address(const std::string& address);
  Awaitable<void> accept_loop(std::size_t acceptor_index);
  void adopt(Socket socket, Shard& shard);

  ServerContext& server_;
  asio::io_context& control_;
  std::vector<Acceptor> acceptors_;
  bool closed_ = false;
};

}  // namespace omen::server
