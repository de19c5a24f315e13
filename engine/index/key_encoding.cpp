#include "engine/index/key_encoding.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/base/vector_forms.h"

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

template <typename T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

void append_float(std::string& key, float value) {
  append_float<float, std::uint32_t>(key, std::bit_cast<std::uint32_t>(value));
}

/// What orders as a half does: its bits as those of a float with the same fields.
float widen(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16;
  return std::bit_cast<float>(sign | (half & 0x7FFFU) << 13);
}

void append_bits(std::string& key, std::string_view value) {
  const BitString bits = bit_string(value);
  for (const char byte : bits.bytes) {
    key.push_back('\1');
    key.push_back(byte);
  }
  key.push_back('\0');
  append_big_endian(key, bits.bit_count);
}

void append_sparse(std::string& key, std::string_view value) {
  constexpr char kBelowZero = 1;
  constexpr char kAboveZero = 3;
  const SparseParts parts = sparse_parts(value);
  for (std::size_t i = 0; i < parts.count; ++i) {
    const auto index = load<std::uint32_t>(parts.indices + i * sizeof(std::uint32_t));
    const auto element = load<float>(parts.values + i * sizeof(float));
    key.push_back(element < 0 ? kBelowZero : kAboveZero);
    append_big_endian(key, element < 0 ? index : ~index);
    append_float(key, element);
  }
  key.push_back(kBelowZero);
  append_big_endian(key, static_cast<std::uint32_t>(parts.dimensions));
  append_big_endian(key, std::uint32_t{0});
}

void append_bytes(std::string& key, KeyForm form, std::string_view bytes) {
  switch (form) {
    case KeyForm::Plain:
      append_escaped(key, bytes);
      return;
    case KeyForm::Vector:
      for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
        key.push_back('\1');
        append_float(key, load<float>(bytes.data() + i));
      }
      key.push_back('\0');
      return;
    case KeyForm::Halfvec:
      for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint16_t)) {
        key.push_back('\1');
        append_float(key, widen(load<std::uint16_t>(bytes.data() + i)));
      }
      key.push_back('\0');
      return;
    case KeyForm::Bits:
      append_bits(key, bytes);
      return;
    case KeyForm::Sparsevec:
      append_sparse(key, bytes);
      return;
  }
}

}  // namespace

KeyForm key_form_of(Oid type_oid) {
  switch (type_oid) {
    case vector_type::kVector:
      return KeyForm::Vector;
    case vector_type::kHalfvec:
      return KeyForm::Halfvec;
    case vector_type::kBit:
    case vector_type::kVarbit:
      return KeyForm::Bits;
    case vector_type::kSparsevec:
      return KeyForm::Sparsevec;
    default:
      return KeyForm::Plain;
  }
}

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
      append_bytes(key, order.form, datum.bytes);
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
