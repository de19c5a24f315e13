#include "engine/vector/element.h"

#include <cmath>
#include <string>

#include "engine/api/vector_distance.h"
#include "engine/base/vector_forms.h"
#include "engine/kernels/kernels.h"
#include "engine/vector/sparse_query.h"

namespace omen::engine {
namespace {

constexpr std::uint32_t kDimensionsMax = 16000;
constexpr std::uint32_t kBitsMax = 64000;
constexpr std::uint32_t kSparseDimensionsMax = 1'000'000'000;

Status wrong_dimensions(std::size_t dimensions, const VectorIndexOptions& options) {
  return {StatusCode::InvalidArgument, "vector has " + std::to_string(dimensions) +
                                           " dimensions, its index " +
                                           std::to_string(options.dimensions)};
}

SparseView sparse_view(const VectorValue& value) {
  const SparseList list = sparse_list(value);
  return {{list.indices, list.count}, {list.values, list.count}};
}

BitBytes bit_bytes(const VectorValue& value) {
  return BitBytes(value.data() + sizeof(std::uint32_t), value.size_bytes() - sizeof(std::uint32_t));
}

/// Of operands that are spans of floats, spans of halves or sparse views.
template <typename T>
double distance_of(Metric metric, const T& a, const T& b) {
  switch (metric) {
    case Metric::L2:
      return l2_distance(a, b);
    case Metric::InnerProduct:
      return -inner_product(a, b);
    case Metric::Cosine:
      return cosine_distance(a, b);
    case Metric::L1:
      return l1_distance(a, b);
    case Metric::Hamming:
    case Metric::Jaccard:
      break;
  }
  return 0;
}

}  // namespace

Status check_options(const VectorIndexOptions& options) {
  const bool bits = options.element == VectorElement::Bit;
  const bool bit_metric = options.metric == Metric::Hamming || options.metric == Metric::Jaccard;
  if (bits != bit_metric) {
    return {StatusCode::InvalidArgument, "a vector index of this element has no such metric"};
  }
  const std::uint32_t dimensions_max = bits ? kBitsMax
                                       : options.element == VectorElement::Sparse
                                           ? kSparseDimensionsMax
                                           : kDimensionsMax;
  if (options.dimensions == 0 || options.dimensions > dimensions_max) {
    return {StatusCode::InvalidArgument,
            "a vector index takes 1 to " + std::to_string(dimensions_max) + " dimensions"};
  }
  return {};
}

Status check_value(const VectorIndexOptions& options, const VectorValue& value) {
  switch (options.element) {
    case VectorElement::Float32:
    case VectorElement::Half: {
      const std::size_t element_bytes = options.element == VectorElement::Half ? 2 : 4;
      const bool whole = value.size_bytes() == options.dimensions * element_bytes;
      return whole ? Status() : wrong_dimensions(value.size_bytes() / element_bytes, options);
    }
    case VectorElement::Bit: {
      if (value.size_bytes() < sizeof(std::uint32_t)) {
        return {StatusCode::InvalidArgument, "bit string is too short"};
      }
      const BitString bits = bit_string(value.bytes());
      return bits.bit_count == options.dimensions &&
                     bits.bytes.size() == bytes_of_bits(bits.bit_count)
                 ? Status()
                 : wrong_dimensions(bits.bit_count, options);
    }
    case VectorElement::Sparse:
      break;
  }
  if (value.size_bytes() < sizeof(std::int32_t) || value.size_bytes() % 8 != 4) {
    return {StatusCode::InvalidArgument, "sparse vector is cut off"};
  }
  const SparseParts parts = sparse_parts(value.bytes());
  if (parts.dimensions != static_cast<std::int32_t>(options.dimensions)) {
    return wrong_dimensions(static_cast<std::size_t>(parts.dimensions), options);
  }
  constexpr std::uint32_t kSparseElementsMax = 1000;  // pgvector's
  if (parts.count > kSparseElementsMax) {
    return {StatusCode::LimitExceeded,
            "sparsevec cannot have more than 1000 non-zero elements for hnsw index"};
  }
  return {};
}

std::size_t value_bytes(const VectorIndexOptions& options) {
  switch (options.element) {
    case VectorElement::Float32:
      return options.dimensions * sizeof(float);
    case VectorElement::Half:
      return options.dimensions * sizeof(Half);
    case VectorElement::Bit:
      return sizeof(std::uint32_t) + bytes_of_bits(options.dimensions);
    case VectorElement::Sparse:
      break;
  }
  return 0;
}

float squared_norm(const VectorIndexOptions& options, const VectorValue& value) {
  switch (options.element) {
    case VectorElement::Float32: {
      const auto floats = value.as<float>();
      return kernels().inner_product(floats.data(), floats.data(), floats.size());
    }
    case VectorElement::Half: {
      const auto halves = value.as<Half>();
      return kernels().half_inner_product(halves.data(), halves.data(), halves.size());
    }
    case VectorElement::Sparse: {
      const auto values = sparse_view(value).values;
      return kernels().inner_product(values.data(), values.data(), values.size());
    }
    case VectorElement::Bit:
      break;
  }
  return 1;
}

float sparse_magnitude(const VectorValue& value) {
  float sum = 0;
  for (const float element : sparse_view(value).values) {
    sum += std::abs(element);
  }
  return sum;
}

bool is_zero(const VectorIndexOptions& options, const VectorValue& value) {
  return options.metric == Metric::Cosine && squared_norm(options, value) == 0;
}

double exact_distance(const VectorIndexOptions& options, const VectorValue& a,
                      const VectorValue& b) {
  switch (options.element) {
    case VectorElement::Float32:
      return distance_of(options.metric, a.as<float>(), b.as<float>());
    case VectorElement::Half:
      return distance_of(options.metric, a.as<Half>(), b.as<Half>());
    case VectorElement::Sparse:
      return distance_of(options.metric, sparse_view(a), sparse_view(b));
    case VectorElement::Bit:
      break;
  }
  return options.metric == Metric::Hamming ? hamming_distance(bit_bytes(a), bit_bytes(b))
                                           : jaccard_distance(bit_bytes(a), bit_bytes(b));
}

const float* dense(const VectorIndexOptions& options, const VectorValue& value,
                   std::vector<float>& scratch) {
  if (options.element != VectorElement::Half) {
    return value.as<float>().data();
  }
  scratch.resize(options.dimensions);
  kernels().widen(value.as<Half>().data(), options.dimensions, scratch.data());
  return scratch.data();
}

}  // namespace omen::engine
