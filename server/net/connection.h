#pragma once

#include <string>

#include "protocol/wire/frame_assembler.h"
#include "server/net/asio.h"

namespace omen::server {

/// A client's socket with its buffers: frames come in, bytes go out.
///
/// Writers append whole messages to output() and flush. A flush first writes what the socket takes
/// at once; only a client that reads too slowly makes the session wait. Used by one session; not
/// thread-safe.
class Connection {
 public:
  /// Output is sent when it has grown to this, even in the middle of a result.
  static constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

  /// Sets the socket to non-blocking, without Nagle's delay, with keep-alive probes.
  explicit Connection(Socket socket);

  [[nodiscard]] protocol::FrameAssembler& input() { return input_; }
  [[nodiscard]] std::string& output() { return output_; }
  [[nodiscard]] int native_handle() { return socket_.native_handle(); }

  /// Waits for more input; false if the client is gone or reading was shut down.
  Awaitable<bool> receive();

  /// Writes what the socket takes now. True when nothing is left to send; false when some is (see
  /// drain) or the client is gone (see broken).
  bool try_flush();
  /// The slow half of a flush; false if the client is gone.
  Awaitable<bool> drain();
  [[nodiscard]] bool needs_flush() const { return output_.size() >= kFlushBytes; }
  [[nodiscard]] bool broken() const { return broken_; }

  void close();

 private:
  Socket socket_;
  protocol::FrameAssembler input_;
  std::string output_;
  std::size_t sent_bytes_ = 0;  ///< of output_
  bool broken_ = false;
};

}  // namespace omen::server
