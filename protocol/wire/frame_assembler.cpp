#include "protocol/wire/frame_assembler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "protocol/wire/byte_reader.h"

namespace omen::protocol {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

constexpr std::size_t kLengthBytes = 4;

Status violation(std::string text) {
  return {StatusCode::ProtocolViolation, std::move(text)};
}

}  // namespace

std::span<char> FrameAssembler::prepare() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    if (capacity_ > kCapacityKept) {
      buffer_.reset();
      capacity_ = 0;
    }
  }
  if (capacity_ == 0) {
    move_to_front(kCapacityMin);
  } else if (filled_ && capacity_ < kCapacityKept) {
    move_to_front(capacity_ * 2);
  } else if (end_ == capacity_) {
    // A frame longer than the buffer: grow only while what has come fills most of it.
    move_to_front(buffered_bytes() > capacity_ / 2 ? capacity_ * 2 : capacity_);
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void FrameAssembler::move_to_front(std::size_t capacity) {
  const std::size_t size_bytes = buffered_bytes();
  if (capacity == capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, size_bytes);
  } else {
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_bytes > 0) {
      std::memcpy(larger.get(), buffer_.get() + begin_, size_bytes);
    }
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = size_bytes;
}

void FrameAssembler::commit(std::size_t size_bytes) {
  OMEN_ASSERT(size_bytes <= capacity_ - end_, "more bytes committed than prepared");
  end_ += size_bytes;
  filled_ = end_ == capacity_;
}

Result<std::optional<Frame>> FrameAssembler::next_startup() {
  if (buffered_bytes() < kLengthBytes) {
    return std::optional<Frame>();
  }
  const std::uint32_t length = ByteReader({buffer_.get() + begin_, kLengthBytes}).read_u32();
  // The shortest packet holds a protocol version.
  if (length < 2 * kLengthBytes || length > kStartupPacketBytesMax) {
    return violation("invalid length of startup packet");
  }
  if (buffered_bytes() < length) {
    return std::optional<Frame>();
  }
  const Frame frame{'\0', {buffer_.get() + begin_ + kLengthBytes, length - kLengthBytes}};
  begin_ += length;
  return std::optional<Frame>(frame);
}

Result<std::optional<Frame>> FrameAssembler::next() {
  if (buffered_bytes() == 0) {
    return std::optional<Frame>();
  }
  const char type = buffer_[begin_];
  const std::size_t limit_bytes = body_bytes_max(type);
  if (limit_bytes == 0) {
    return violation(
        fmt::format("invalid frontend message type {}", static_cast<unsigned char>(type)));
  }
  if (buffered_bytes() < 1 + kLengthBytes) {
    return std::optional<Frame>();
  }
  const std::uint32_t length = ByteReader({buffer_.get() + begin_ + 1, kLengthBytes}).read_u32();
  if (length < kLengthBytes || length - kLengthBytes > std::min(limit_bytes, body_limit_bytes_)) {
    return violation("invalid message length");
  }
  if (buffered_bytes() < 1 + std::size_t{length}) {
    return std::optional<Frame>();
  }
  const Frame frame{type, {buffer_.get() + begin_ + 1 + kLengthBytes, length - kLengthBytes}};
  begin_ += 1 + std::size_t{length};
  return std::optional<Frame>(frame);
}

}  // namespace omen::protocol
