#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "protocol/wire/message_type.h"

namespace omen::protocol {

/// One message: its type byte (0 for a start-up packet) and its body without the length.
struct Frame {
  char type = '\0';
  std::string_view body;  ///< points into the FrameAssembler, until its next prepare()
};

/// Cuts a byte stream into frames.
///
/// The caller reads from its socket into prepare(), tells how much with commit(), and takes frames
/// with next() until there is none. Bodies are borrowed, never copied. The buffer grows with the
/// bytes that have really come, not with the length a client claims, and shrinks again when empty.
/// Not thread-safe.
class FrameAssembler {
 public:
  /// No body above `limit_bytes` is accepted, whatever its type allows. Small before a client is
  /// authenticated.
  void set_body_limit(std::size_t limit_bytes) { body_limit_bytes_ = limit_bytes; }

  /// Room to read into, never empty. Invalidates frames.
  std::span<char> prepare();
  void commit(std::size_t size_bytes);

  /// A start-up packet, once it is complete. ProtocolViolation on an impossible length.
  engine::Result<std::optional<Frame>> next_startup();
  /// A message, once it is complete. ProtocolViolation on an unknown type or an impossible length,
  /// as soon as the five bytes of its header are there.
  engine::Result<std::optional<Frame>> next();

  /// Bytes read and not taken yet.
  [[nodiscard]] std::size_t buffered_bytes() const { return end_ - begin_; }

 private:
  static constexpr std::size_t kCapacityMin = std::size_t{8} << 10;
  static constexpr std::size_t kCapacityKept = std::size_t{64} << 10;

  void move_to_front(std::size_t capacity);

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  ///< the last read used all of its room
  std::size_t body_limit_bytes_ = kLargeBodyBytesMax;
};

}  // namespace omen::protocol
