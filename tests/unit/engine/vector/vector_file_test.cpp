#include "engine/vector/vector_file.h"

#include <cstring>

#include "tests/unit/engine/vector/vector_test_support.h"

namespace omen::engine::vector_test {
namespace {

constexpr VectorIndexOptions kSparse{.dimensions = 1000, .element = VectorElement::Sparse};

/// A sparse value of `count` elements.
std::string value_of(std::size_t count) {
  std::string value(4 + count * 8, '\1');
  const std::int32_t dimensions = 1000;
  std::memcpy(value.data(), &dimensions, sizeof dimensions);
  return value;
}

}  // namespace

TEST_CASE("a row keeps the room of the largest value it has held, also when opened again") {
  const TemporaryDirectory directory;
  const std::string small = value_of(10);
  const std::string large = value_of(900);
  std::uint64_t size_bytes = 0;
  {
    auto file = VectorFile::create(directory / "vectors.1", kSparse, 100);
    REQUIRE(file.ok());
    REQUIRE(file.value()->reserve(2).ok());
    REQUIRE(file.value()->write(0, VectorValue(large)).ok());
    REQUIRE(file.value()->write(1, VectorValue(small)).ok());
    size_bytes = file.value()->size_bytes();
    for (int i = 0; i < 100; ++i) {
      REQUIRE(file.value()->write(0, VectorValue(small)).ok());
      REQUIRE(file.value()->write(0, VectorValue(large)).ok());
    }
    CHECK(file.value()->size_bytes() == size_bytes);
    REQUIRE(file.value()->write(0, VectorValue(small)).ok());
  }
  auto file = VectorFile::open(directory / "vectors.1", kSparse, 100, 2);
  REQUIRE(file.ok());
  REQUIRE(file.value()->write(0, VectorValue(large)).ok());
  CHECK(file.value()->value(0).bytes() == large);
  CHECK(file.value()->value(1).bytes() == small);
  CHECK(file.value()->size_bytes() == size_bytes);
}

TEST_CASE("a place that is damaged has no value") {
  const TemporaryDirectory directory;
  auto file = VectorFile::create(directory / "vectors.1", kSparse, 100);
  REQUIRE(file.ok());
  REQUIRE(file.value()->reserve(1).ok());
  REQUIRE(file.value()->write(0, VectorValue(value_of(10))).ok());
  CHECK(file.value()->value_at({std::uint64_t{1} << 60, 84, 84}) == nullptr);
  CHECK(file.value()->value_at({0, 0xFFFFFFFF, 84}) == nullptr);
  CHECK(file.value()->value_at({0, 0, 84}) == nullptr);
}

}  // namespace omen::engine::vector_test
