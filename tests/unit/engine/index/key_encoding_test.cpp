#include "engine/index/key_encoding.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

namespace omen::engine {
namespace {

/// Three-way comparison as SQL orders values: NaN above all numbers.
int compare(const Value& a, const Value& b) {
  return std::visit(
      [&b]<typename T>(const T& left) -> int {
        if constexpr (std::is_same_v<T, std::monostate>) {
          return 0;
        } else {
          const T& right = std::get<T>(b);
          if constexpr (std::is_floating_point_v<T>) {
            if (std::isnan(left) || std::isnan(right)) {
              return static_cast<int>(std::isnan(left)) - static_cast<int>(std::isnan(right));
            }
          }
          return left < right ? -1 : right < left ? 1 : 0;
        }
      },
      a);
}

std::string key_of(PhysicalType type, const Value& value, KeyOrder order) {
  std::string key;
  append_key_column(key, type, datum_of(value), order);
  return key;
}

void check_order(PhysicalType type, const std::vector<Value>& values) {
  for (const bool descending : {false, true}) {
    for (const Value& a : values) {
      for (const Value& b : values) {
        const KeyOrder order{descending, false};
        const int expected = descending ? compare(b, a) : compare(a, b);
        const int actual = key_of(type, a, order).compare(key_of(type, b, order));
        CHECK((expected < 0) == (actual < 0));
        CHECK((expected == 0) == (actual == 0));
      }
    }
  }
}

}  // namespace

TEST_CASE("keys of numbers sort as the numbers do") {
  std::mt19937_64 random(42);
  std::vector<Value> integers = {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, INT64_MIN,
                                 INT64_MAX};
  std::vector<Value> doubles = {0.0,
                                -0.0,
                                1.5,
                                -1.5,
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity(),
                                std::numeric_limits<double>::quiet_NaN(),
                                -std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::denorm_min()};
  std::vector<Value> floats = {0.0F, -0.0F, 3.0F, -3.0F, std::numeric_limits<float>::quiet_NaN()};
  std::vector<Value> small = {std::int16_t{0}, std::int16_t{-5}, std::int16_t{300}};
  for (int i = 0; i < 40; ++i) {
    const std::uint64_t bits = random();
    integers.emplace_back(static_cast<std::int64_t>(bits >> (bits % 60)));
    doubles.emplace_back(static_cast<double>(static_cast<std::int64_t>(bits)) / 1e9);
  }
  check_order(PhysicalType::Int64, integers);
  check_order(PhysicalType::Float64, doubles);
  check_order(PhysicalType::Float32, floats);
  check_order(PhysicalType::Int16, small);
  check_order(PhysicalType::Bool, {Value(false), Value(true)});
}

TEST_CASE("keys of bytes sort as bytes do, zero bytes and prefixes included") {
  std::mt19937 random(7);
  std::vector<Value> values = {std::string(),       std::string(1, '\0'),  std::string(2, '\0'),
                               std::string("a"),    std::string("a\0", 2), std::string("a\0b", 3),
                               std::string("\xff"), std::string("ab")};
  for (int i = 0; i < 40; ++i) {
    std::string text;
    for (std::uint32_t n = random() % 5; n > 0; --n) {
      text.push_back(static_cast<char>(random() % 3 == 0 ? 0 : random()));
    }
    values.emplace_back(text);
  }
  check_order(PhysicalType::Bytes, values);
}

TEST_CASE("nulls sort first or last, whatever the direction") {
  const Value null;
  const Value one = std::int32_t{1};
  for (const bool descending : {false, true}) {
    CHECK(key_of(PhysicalType::Int32, null, {descending, true}) <
          key_of(PhysicalType::Int32, one, {descending, true}));
    CHECK(key_of(PhysicalType::Int32, null, {descending, false}) >
          key_of(PhysicalType::Int32, one, {descending, false}));
  }
}

TEST_CASE("numeric keys leave out the display scale") {
  const Value a = std::string("\0\1xyz", 5);
  const Value b = std::string("\0\2xyz", 5);
  CHECK(key_of(PhysicalType::Numeric, a, {}) == key_of(PhysicalType::Numeric, b, {}));
}

TEST_CASE("the columns of a key do not run into each other") {
  const auto pair_of = [](const std::string& a, const std::string& b) {
    return key_of(PhysicalType::Bytes, a, {}) + key_of(PhysicalType::Bytes, b, {});
  };
  CHECK(pair_of("a", "z") < pair_of("ab", "a"));
  CHECK(pair_of("", "z") < pair_of(std::string(1, '\0'), "a"));
}

}  // namespace omen::engine
