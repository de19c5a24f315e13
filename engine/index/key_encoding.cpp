#include "engine/index/key_encoding.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace omen::engine {
namespace {

constexpr std::size_t kNumericScaleBytes = 2;

template <typename T>
void append_big_endian(std::string& key, T bits) {
  char bytes[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(bits >> (8 * (sizeof(T) - 1 - i)));
  }
  key.append(bytes, sizeof bytes);
}

template <typename T>
void append_integer(std::string& key, std::uint64_t bits) {
  const T sign = static_cast<T>(T{1} << (8 * sizeof(T) - 1));
  append_big_endian<T>(key, static_cast<T>(static_cast<T>(bits) ^ sign));
}

template <typename Float, typename Bits>
void append_float(std::string& key, std::uint64_t raw) {
  auto value = std::bit_cast<Float>(static_cast<Bits>(raw));
  if (value == Float{0}) {
    value = Float{0};
  } else if (std::isnan(value)) {
    value = std::numeric_limits<Float>::quiet_NaN();
  }
  const auto bits = std::bit_cast<Bits>(value);
  const Bits sign = Bits{1} << (8 * sizeof(Bits) - 1);
  const bool negative = (bits & sign) != 0 && !std::isnan(value);
  append_big_endian<Bits>(key, negative ? static_cast<Bits>(~bits) : (bits | sign));
}

void append_escaped(std::string& key, std::string_view bytes) {
  std::size_t start = 0;
  while (true) {
    const std::size_t zero = bytes.find('\0', start);
    if (zero == std::string_view::npos) {
      break;
    }
    key.append(bytes, start, zero - start + 1);
    key.push_back('\xff');
    start = zero + 1;
  }
  key.append(bytes, start);
  key.append(2, '\0');
}

}  // namespace

void append_key_column(std::string& key, PhysicalType type, const Datum& datum, KeyOrder order) {
  if (datum.null) {
    key.push_back(order.nulls_first ? kKeyMarkerNullFirst : kKeyMarkerNullLast);
    return;
  }
  key.push_back(kKeyMarkerValue);
  const std::size_t start = key.size();
  switch (type) {
    case PhysicalType::Bool:
      key.push_back(datum.bits != 0 ? '\1' : '\0');
      break;
    case PhysicalType::Int16:
      append_integer<std::uint16_t>(key, datum.bits);
      break;
    case PhysicalType::Int32:
      append_integer<std::uint32_t>(key, datum.bits);
      break;
    case PhysicalType::Int64:
      append_integer<std::uint64_t>(key, datum.bits);
      break;
    case PhysicalType::Float32:
      append_float<float, std::uint32_t>(key, datum.bits);
      break;
    case PhysicalType::Float64:
      append_float<double, std::uint64_t>(key, datum.bits);
      break;
    case PhysicalType::Bytes:
      append_escaped(key, datum.bytes);
      break;
    case PhysicalType::Numeric:
      append_escaped(key, datum.bytes.substr(std::min(kNumericScaleBytes, datum.bytes.size())));
      break;
  }
  if (order.descending) {
    for (std::size_t i = start; i < key.size(); ++i) {
      key[i] = static_cast<char>(~key[i]);
    }
  }
}

}  // namespace omen::engine
