#include <fmt/format.h>

#include "engine/api/vector_distance.h"
#include "sql/error/sql_error.h"
#include "sql/functions/registry.h"
#include "sql/types/bits.h"
#include "sql/types/vector.h"

/// What the vector extension adds to bit: distances, and signs of vectors; oids in
/// vector_functions.cpp.
namespace omen::sql {
namespace {

using engine::BitString;

engine::BitBytes bytes_of(BitString bits) {
  return {reinterpret_cast<const unsigned char*>(bits.bytes.data()), bits.bytes.size()};
}

template <double (*kDistance)(engine::BitBytes, engine::BitBytes)>
Float8 distance(Bit left, Bit right) {
  const BitString a = engine::bit_string(left.value);
  const BitString b = engine::bit_string(right.value);
  if (a.bit_count != b.bit_count) {
    throw SqlError(sqlstate::kDataException,
                   fmt::format("different bit lengths {} and {}", a.bit_count, b.bit_count));
  }
  return kDistance(bytes_of(a), bytes_of(b));
}

template <typename Element>
Owned<type_oid::kBit> signs(std::span<const Element> a) {
  std::string result = zero_bits(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    set_bit(result, i, to_float(a[i]) > 0);
  }
  return {result};
}

constexpr FunctionRow kRows[] = {
    scalar<distance<engine::hamming_distance>>(16290, "hamming_distance", "Hamming distance"),
    scalar<distance<engine::jaccard_distance>>(16291, "jaccard_distance", "Jaccard distance"),
    scalar<signs<float>>(16292, "binary_quantize", "bits set where elements are positive"),
    scalar<signs<Half>>(16293, "binary_quantize", "bits set where elements are positive"),
};

constexpr OperatorRow kOperators[] = {
    {16236, "<~>", 16290, "<~>", ""},
    {16237, "<%>", 16291, "<%>", ""},
};

}  // namespace

const FunctionTable kVectorBitFunctions = kRows;
const std::span<const OperatorRow> kVectorBitOperatorRows = kOperators;

}  // namespace omen::sql
