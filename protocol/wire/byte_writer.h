#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace omen::protocol {

/// Appends messages to a buffer that the caller owns and may append to as well (row values).
/// Lengths are patched when what they measure is complete.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  void write_u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void write_u16(std::uint16_t value) {
    const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
    out_.append(bytes, sizeof(bytes));
  }
  void write_i16(std::int16_t value) { write_u16(static_cast<std::uint16_t>(value)); }
  void write_u32(std::uint32_t value) {
    const char bytes[] = {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
                          static_cast<char>(value >> 8), static_cast<char>(value)};
    out_.append(bytes, sizeof(bytes));
  }
  void write_i32(std::int32_t value) { write_u32(static_cast<std::uint32_t>(value)); }
  void write_bytes(std::string_view bytes) { out_.append(bytes); }
  void write_c_string(std::string_view text) {
    out_.append(text);
    out_.push_back('\0');
  }

  /// Starts a message of the given type byte (0: a start-up packet, which has none). Returns its
  /// mark.
  std::size_t begin_message(char type) {
    if (type != '\0') {
      out_.push_back(type);
    }
    return reserve_length();
  }
  /// Patches the message's length, which counts itself.
  void end_message(std::size_t mark) { patch_u32(mark, out_.size() - mark); }

  /// Starts a value whose length, not counting itself, goes before it. Returns its mark.
  std::size_t begin_value() { return reserve_length(); }
  void end_value(std::size_t mark) { patch_u32(mark, out_.size() - mark - 4); }

  [[nodiscard]] std::string& buffer() { return out_; }

 private:
  std::size_t reserve_length() {
    const std::size_t mark = out_.size();
    out_.append(4, '\0');
    return mark;
  }
  void patch_u32(std::size_t at, std::size_t value) {
    out_[at] = static_cast<char>(value >> 24);
    out_[at + 1] = static_cast<char>(value >> 16);
    out_[at + 2] = static_cast<char>(value >> 8);
    out_[at + 3] = static_cast<char>(value);
  }

  std::string& out_;
};

}  // namespace omen::protocol
