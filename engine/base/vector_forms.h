#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/base/types.h"

/// How values of the vector types lie in Bytes columns. Host byte order; a value may start at any
/// address, so fields are copied out, not cast, unless the reader has checked the alignment.
///
/// | type             | bytes                                                                     |
/// | ---------------- | ------------------------------------------------------------------------- |
/// | vector           | n float32                                                                 |
/// | halfvec          | n IEEE binary16                                                           |
/// | bit, bit varying | uint32 number of bits n, then ceil(n / 8) bytes; the first bit is the     |
/// |                  | highest of the first byte, bits behind the last are 0                     |
/// | sparsevec        | int32 dimensions, k int32 indices (from 0, ascending), k float32 (none 0) |
namespace omen::engine {

/// Oids of these types, as sql/ numbers them: indexes order their values by what they mean.
namespace vector_type {
constexpr Oid kBit = 1560, kVarbit = 1562, kVector = 16001, kHalfvec = 16003, kSparsevec = 16005;
}  // namespace vector_type

/// A bit string. `bytes` borrows from the value.
struct BitString {
  std::uint32_t bit_count = 0;
  std::string_view bytes;
};
inline BitString bit_string(std::string_view value) {
  BitString result;
  std::memcpy(&result.bit_count, value.data(), sizeof result.bit_count);
  result.bytes = value.substr(sizeof result.bit_count);
  return result;
}
constexpr std::size_t bytes_of_bits(std::size_t bit_count) {
  return (bit_count + 7) / 8;
}

/// A sparse vector; `indices` and `values` borrow from it and hold `count` fields of 4 bytes each.
struct SparseParts {
  std::int32_t dimensions = 0;
  std::uint32_t count = 0;
  const char* indices = nullptr;  ///< int32, unaligned
  const char* values = nullptr;   ///< float32, unaligned
};
inline SparseParts sparse_parts(std::string_view value) {
  SparseParts result;
  std::memcpy(&result.dimensions, value.data(), sizeof result.dimensions);
  const std::size_t entry_bytes = sizeof(std::int32_t) + sizeof(float);
  result.count =
      static_cast<std::uint32_t>((value.size() - sizeof result.dimensions) / entry_bytes);
  result.indices = value.data() + sizeof result.dimensions;
  result.values = result.indices + result.count * sizeof(std::int32_t);
  return result;
}

}  // namespace omen::engine
