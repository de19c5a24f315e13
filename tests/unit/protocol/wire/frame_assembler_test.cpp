#include "protocol/wire/frame_assembler.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "protocol/wire/byte_writer.h"

namespace omen::protocol {
namespace {

void feed(FrameAssembler& assembler, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = assembler.prepare();
    const std::size_t size = std::min(room.size(), bytes.size());
    std::copy_n(bytes.data(), size, room.data());
    assembler.commit(size);
    bytes.remove_prefix(size);
  }
}

std::string header(char type, std::uint32_t length) {
  std::string bytes;
  ByteWriter out(bytes);
  if (type != '\0') {
    out.write_u8(static_cast<std::uint8_t>(type));
  }
  out.write_u32(length);
  return bytes;
}

}  // namespace

TEST_CASE("a frame appears once its last byte has come, whatever the cuts") {
  const std::string bytes = header('Q', 4 + 9) + std::string("SELECT 1\0", 9) + header('S', 4);
  FrameAssembler assembler;
  std::string types;
  for (const char byte : bytes) {
    feed(assembler, {&byte, 1});
    auto frame = assembler.next();
    REQUIRE(frame.ok());
    if (frame.value()) {
      types.push_back(frame.value()->type);
      if (frame.value()->type == 'Q') {
        CHECK(frame.value()->body == std::string_view("SELECT 1\0", 9));
      }
    }
  }
  CHECK(types == "QS");
  CHECK(assembler.buffered_bytes() == 0);
}

TEST_CASE("several frames of one read come out one by one") {
  FrameAssembler assembler;
  feed(assembler, header('S', 4) + header('H', 4) + header('X', 4));
  CHECK(assembler.next().value()->type == 'S');
  CHECK(assembler.next().value()->type == 'H');
  CHECK(assembler.next().value()->type == 'X');
  CHECK_FALSE(assembler.next().value());
}

TEST_CASE("a frame far longer than the buffer is assembled whole") {
  const std::string body(3'000'000, 'x');
  FrameAssembler assembler;
  feed(assembler, header('d', static_cast<std::uint32_t>(4 + body.size())));
  CHECK_FALSE(assembler.next().value());
  feed(assembler, body + header('c', 4));
  CHECK(assembler.next().value()->body == body);
  CHECK(assembler.next().value()->type == 'c');
  // The large buffer is given back as soon as it is empty.
  CHECK(assembler.prepare().size() <= 64 * 1024);
}

TEST_CASE("a claimed length reserves no memory") {
  FrameAssembler assembler;
  feed(assembler, header('d', (1u << 30) - 2));
  REQUIRE(assembler.next().ok());
  CHECK(assembler.prepare().size() <= 64 * 1024);
}

TEST_CASE("impossible lengths are refused at the header") {
  for (const std::uint32_t length : {0u, 3u, (1u << 30) - 1, 0x80000000u, 0xffffffffu}) {
    FrameAssembler assembler;
    feed(assembler, header('Q', length));
    auto frame = assembler.next();
    REQUIRE_FALSE(frame.ok());
    CHECK(frame.status().message() == "invalid message length");
  }
}

TEST_CASE("short messages may not be long") {
  FrameAssembler at_limit;
  feed(at_limit, header('E', 4 + 10'000));
  CHECK(at_limit.next().ok());
  FrameAssembler above;
  feed(above, header('E', 4 + 10'001));
  CHECK_FALSE(above.next().ok());
}

TEST_CASE("the body limit is the caller's") {
  FrameAssembler assembler;
  assembler.set_body_limit(100);
  feed(assembler, header('Q', 4 + 100));
  CHECK(assembler.next().ok());
  FrameAssembler above;
  above.set_body_limit(100);
  feed(above, header('Q', 4 + 101));
  CHECK_FALSE(above.next().ok());
}

TEST_CASE("an unknown message type is refused at its first byte") {
  for (const int type : {0, 1, int{'q'}, int{'R'}, 255}) {
    FrameAssembler assembler;
    const char byte = static_cast<char>(type);
    feed(assembler, {&byte, 1});
    auto frame = assembler.next();
    REQUIRE_FALSE(frame.ok());
    CHECK(frame.status().message() == "invalid frontend message type " + std::to_string(type));
  }
}

TEST_CASE("start-up packets have 8 to 10,000 bytes") {
  for (const std::uint32_t length : {0u, 4u, 7u, 10'001u, 0xffffffffu}) {
    FrameAssembler assembler;
    feed(assembler, header('\0', length));
    CHECK_FALSE(assembler.next_startup().ok());
  }
  FrameAssembler assembler;
  feed(assembler, header('\0', 10'000));
  CHECK_FALSE(assembler.next_startup().value());
  feed(assembler, std::string(9'996, 'x'));
  CHECK(assembler.next_startup().value()->body.size() == 9'996);
}

}  // namespace omen::protocol
