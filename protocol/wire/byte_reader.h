#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/status.h"

namespace omen::protocol {

/// Reads the fields of one message body, big-endian, every length checked.
///
/// The first field that does not fit makes the reader fail; from then on it yields zeros and empty
/// views, so that a decoder reads straight on and asks finish() once. Views point into the body.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t read_u8() { return static_cast<std::uint8_t>(read_integer<1>()); }
  std::uint16_t read_u16() { return static_cast<std::uint16_t>(read_integer<2>()); }
  std::int16_t read_i16() { return static_cast<std::int16_t>(read_integer<2>()); }
  std::uint32_t read_u32() { return read_integer<4>(); }
  std::int32_t read_i32() { return static_cast<std::int32_t>(read_integer<4>()); }

  std::string_view read_bytes(std::size_t size_bytes) {
    if (size_bytes > bytes_.size()) {
      fail("insufficient data left in message");
      return {};
    }
    const std::string_view result = bytes_.substr(0, size_bytes);
    bytes_.remove_prefix(size_bytes);
    return result;
  }
  /// Bytes up to a zero byte, which is consumed.
  std::string_view read_c_string() {
    const std::size_t end = bytes_.find('\0');
    if (end == std::string_view::npos) {
      fail("invalid string in message");
      return {};
    }
    const std::string_view result = bytes_.substr(0, end);
    bytes_.remove_prefix(end + 1);
    return result;
  }
  std::string_view read_rest() { return read_bytes(bytes_.size()); }

  /// A count of items of at least `item_bytes_min` bytes each: fails at once when the body cannot
  /// hold them, so that nobody reserves memory for a number a client made up.
  std::size_t read_count(std::size_t item_bytes_min) {
    const std::size_t count = read_u16();
    if (count * item_bytes_min > bytes_.size()) {
      fail("insufficient data left in message");
      return 0;
    }
    return count;
  }

  [[nodiscard]] std::size_t remaining_bytes() const { return bytes_.size(); }
  [[nodiscard]] bool failed() const { return failure_ != nullptr; }
  /// Makes the reader fail with `why`, a literal; the first failure stays.
  void fail(const char* why) {
    if (failure_ == nullptr) {
      failure_ = why;
    }
    bytes_ = {};
  }
  /// ProtocolViolation if a field did not fit, or if bytes are left over.
  [[nodiscard]] engine::Status finish() const {
    if (failure_ == nullptr && bytes_.empty()) [[likely]] {
      return {};
    }
    return {engine::StatusCode::ProtocolViolation,
            failure_ != nullptr ? failure_ : "invalid message format"};
  }

 private:
  template <std::size_t Width>
  std::uint32_t read_integer() {
    if (bytes_.size() < Width) {
      fail("insufficient data left in message");
      return 0;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < Width; ++i) {
      value = (value << 8) | static_cast<std::uint8_t>(bytes_[i]);
    }
    bytes_.remove_prefix(Width);
    return value;
  }

  std::string_view bytes_;
  const char* failure_ = nullptr;
};

}  // namespace omen::protocol
