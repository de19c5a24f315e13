#include "server/net/connection.h"

namespace omen::server {
namespace {

/// Output buffers larger than this are given back when empty.
constexpr std::size_t kOutputBytesKept = 2 * Connection::kFlushBytes;

}  // namespace

Connection::Connection(Socket socket) : socket_(std::move(socket)) {
  boost::system::error_code ignored;  // of a socket that is broken already: the first read tells
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
}

Awaitable<bool> Connection::receive() {
  const std::span<char> room = input_.prepare();
  const auto [error, size_bytes] =
      co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), kUseAwaitable);
  if (error) {
    co_return false;
  }
  input_.commit(size_bytes);
  co_return true;
}

bool Connection::try_flush() {
  while (sent_bytes_ < output_.size()) {
    boost::system::error_code error;
    const std::size_t size_bytes = socket_.write_some(
        asio::buffer(output_.data() + sent_bytes_, output_.size() - sent_bytes_), error);
    if (error) {
      broken_ = error != asio::error::would_block;
      return false;
    }
    sent_bytes_ += size_bytes;
  }
  sent_bytes_ = 0;
  output_.clear();
  if (output_.capacity() > kOutputBytesKept) {
    output_.shrink_to_fit();
  }
  return true;
}

Awaitable<bool> Connection::drain() {
  while (!try_flush()) {
    if (broken_) {
      co_return false;
    }
    const auto [error] = co_await socket_.async_wait(Socket::wait_write, kUseAwaitable);
    if (error) {
      broken_ = true;
      co_return false;
    }
  }
  co_return true;
}

void Connection::close() {
  boost::system::error_code ignored;  // nothing is left to be done about it
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

}  // namespace omen::server
