#include "protocol/wire/byte_reader.h"

#include <catch2/catch.hpp>

namespace omen::protocol {

TEST_CASE("integers are big-endian") {
  ByteReader reader(std::string_view("\x01\x02\x03\xff\xff\xff\xfe\x80\x00", 9));
  CHECK(reader.read_u8() == 1);
  CHECK(reader.read_u16() == 0x0203);
  CHECK(reader.read_i32() == -2);
  CHECK(reader.read_i16() == -32768);
  CHECK(reader.finish().ok());
}

TEST_CASE("a reader that ran short stays failed and yields zeros") {
  ByteReader reader(std::string_view("\x01\x02\x03", 3));
  CHECK(reader.read_u32() == 0);
  CHECK(reader.read_u8() == 0);
  CHECK(reader.read_c_string().empty());
  CHECK(reader.finish().message() == "insufficient data left in message");
}

TEST_CASE("a string without its zero byte is refused") {
  ByteReader reader("abc");
  CHECK(reader.read_c_string().empty());
  CHECK(reader.finish().message() == "invalid string in message");
}

TEST_CASE("bytes left over are refused") {
  ByteReader reader(std::string_view("a\0b", 3));
  CHECK(reader.read_c_string() == "a");
  CHECK(reader.finish().message() == "invalid message format");
}

TEST_CASE("a count that the body cannot hold is refused before anybody reserves for it") {
  ByteReader reader(std::string_view("\xff\xff\x00\x00\x00\x00", 6));
  CHECK(reader.read_count(4) == 0);
  CHECK_FALSE(reader.finish().ok());
}

}  // namespace omen::protocol
