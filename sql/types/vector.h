#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/arena.h"

/// vector(n): Bytes holding float32 in host order, dimensions = size / 4.
namespace omen::sql {

constexpr std::int32_t kVectorDimensionsMax = 16000;

using VectorView = std::span<const float>;

/// The elements of a stored vector. Bytes that do not start at a multiple of 4 are first copied
/// into `scratch`.
VectorView vector_view(std::string_view bytes, engine::Arena& scratch);
inline std::string_view vector_bytes(VectorView vector) {
  return {reinterpret_cast<const char*>(vector.data()), vector.size_bytes()};
}

/// `[1,2,3]` as pgvector reads it: strtof's number forms, white space between tokens.
std::string parse_vector(std::string_view text, std::int32_t modifier);
void append_vector_text(VectorView vector, std::string& out);

/// 22000 / 54000 unless 1 to kVectorDimensionsMax.
void check_vector_dimensions(std::size_t count);
/// 22000 `expected 3 dimensions, not 2` unless the modifier is -1 or `count`.
void check_vector_modifier(std::size_t count, std::int32_t modifier);
/// 22000 for NaN and infinities.
void check_vector_element(float value);
/// 22000 `different vector dimensions 2 and 3`.
void check_same_dimensions(VectorView a, VectorView b);
/// btree order: by element, then the shorter first; -0 equals 0.
int compare_vectors(VectorView a, VectorView b);

}  // namespace omen::sql
