#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/api/vector_distance.h"
#include "engine/base/arena.h"
#include "sql/types/type.h"

/// vector(n) and halfvec(n): Bytes holding n elements in host order, float32 and binary16. All that
/// takes an Element exists for both.
namespace omen::sql {

using engine::Half;
using engine::to_float;
using engine::to_half;

constexpr std::int32_t kVectorDimensionsMax = 16000;

template <typename Element>
struct VectorType;
template <>
struct VectorType<float> {
  static constexpr Oid kOid = type_oid::kVector;
  static constexpr std::string_view kName = "vector";
};
template <>
struct VectorType<Half> {
  static constexpr Oid kOid = type_oid::kHalfvec;
  static constexpr std::string_view kName = "halfvec";
};

using VectorView = std::span<const float>;
using HalfVectorView = std::span<const Half>;

constexpr float to_float(float value) {
  return value;
}
/// The element nearest to `value`; a half may become infinite.
template <typename Element>
Element to_element(float value) {
  if constexpr (std::is_same_v<Element, Half>) {
    return to_half(value);
  } else {
    return value;
  }
}

/// The elements of a stored vector. Bytes that do not start at a multiple of the element's size are
/// first copied into `scratch`.
template <typename Element>
std::span<const Element> vector_view(std::string_view bytes, engine::Arena& scratch);
template <typename Element>
std::string_view vector_bytes(std::span<const Element> vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size_bytes()};
}

/// 22000 / 54000 unless 1 to kVectorDimensionsMax.
template <typename Element>
void check_vector_dimensions(std::size_t count);
/// 22000 `expected 3 dimensions, not 2` unless the modifier is -1 or `count`.
void check_vector_modifier(std::size_t count, std::int32_t modifier);
/// 22000 `NaN not allowed in <type_name>`, and the like for infinities.
void check_vector_element(float value, std::string_view type_name);
template <typename Element>
void check_vector_element(Element value) {
  check_vector_element(to_float(value), VectorType<Element>::kName);
}
/// 22000 `different <type_name> dimensions 2 and 3`.
void check_same_dimensions(std::size_t a, std::size_t b, std::string_view type_name);
template <typename Element>
void check_same_dimensions(std::span<const Element> a, std::span<const Element> b) {
  check_same_dimensions(a.size(), b.size(), VectorType<Element>::kName);
}
/// 22003 `"70000" is out of range for type halfvec` for a finite value that is no half.
Half to_half_checked(float value);
/// The modifier of a vector type: dimensions from 1 to `dimensions_max`; 22023.
std::int32_t read_dimensions(std::span<const std::string> arguments, std::string_view type_name,
                             std::int32_t dimensions_max);

/// btree order: by element, then the shorter first; -0 equals 0.
template <typename Element>
int compare_vectors(std::span<const Element> a, std::span<const Element> b);

}  // namespace omen::sql
