#include "engine/vector/sparse_query.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/base/vector_forms.h"

namespace omen::engine {
namespace {

constexpr std::size_t kDirectDimensionsMax = 65536;  // floats that stay in a second-level cache
constexpr std::size_t kCellsPerElement = 16;
constexpr std::size_t kNodesAhead = 8;
constexpr std::size_t kValuesAhead = 3;
constexpr std::size_t kPrefetchBytes = 1024;
constexpr std::size_t kLine = 64;

const unsigned char* node_of(const CodeArray& codes, std::uint32_t id) {
  return codes.nodes + id * codes.stride_bytes;
}

VectorFile::Place place_of(const unsigned char* node) {
  VectorFile::Place place;
  std::memcpy(&place, node, sizeof place);
  return place;
}

void prefetch_value(const VectorFile& file, const unsigned char* node) {
  const VectorValue value = file.value_at(place_of(node));
  const std::size_t size_bytes = std::min(value.size_bytes(), kPrefetchBytes);
  for (std::size_t byte = 0; byte < size_bytes; byte += kLine) {
    __builtin_prefetch(value.data() + byte);
  }
}

/// Calls distance(node, list) for each of `ids`, the values of those to come on their way.
template <typename Distance>
void for_each(const VectorFile& file, const CodeArray& codes, const std::uint32_t* ids,
              std::size_t count, float* out, const Distance& distance) {
  for (std::size_t i = 0; i < std::min(count, kNodesAhead); ++i) {
    __builtin_prefetch(node_of(codes, ids[i]));
  }
  for (std::size_t i = 0; i < std::min(count, kValuesAhead); ++i) {
    prefetch_value(file, node_of(codes, ids[i]));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (i + kNodesAhead < count) {
      __builtin_prefetch(node_of(codes, ids[i + kNodesAhead]));
    }
    if (i + kValuesAhead < count) {
      prefetch_value(file, node_of(codes, ids[i + kValuesAhead]));
    }
    const unsigned char* node = node_of(codes, ids[i]);
    const VectorValue value = file.value_at(place_of(node));
    out[i] = value == nullptr ? HUGE_VALF : distance(node, sparse_list(value));
  }
}

/// Sums term(index, value) over a list.
template <typename Term>
float sum(const SparseList& list, const Term& term) {
  // Independent sums, so that one addition need not wait for the last.
  float sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= list.count; i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      sums[lane] += term(list.indices[i + lane], list.values[i + lane]);
    }
  }
  for (; i < list.count; ++i) {
    sums[0] += term(list.indices[i], list.values[i]);
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

template <typename Elements>
void estimate_products(const CodeQuery& query, const SparseQuery& sparse, const Elements& elements,
                       const CodeArray& codes, const std::uint32_t* ids, std::size_t count,
                       float* out) {
  for_each(sparse.file(), codes, ids, count, out,
           [&](const unsigned char* node, const SparseList& list) {
             const float product = sum(
                 list, [&](std::int32_t index, float value) { return value * elements(index); });
             float factors[2];  // CodeFactors: add, factor
             std::memcpy(factors, node + sizeof(VectorFile::Place), sizeof factors);
             return factors[0] + query.add + factors[1] * product;
           });
}

template <typename Elements>
void estimate_differences(const CodeQuery& query, const SparseQuery& sparse,
                          const Elements& elements, const CodeArray& codes,
                          const std::uint32_t* ids, std::size_t count, float* out) {
  for_each(sparse.file(), codes, ids, count, out,
           [&](const unsigned char*, const SparseList& list) {
             return query.add + sum(list, [&](std::int32_t index, float value) {
                      const float element = elements(index);
                      return std::abs(value - element) - std::abs(element);
                    });
           });
}

const SparseQuery& sparse_of(const CodeQuery& query) {
  return *reinterpret_cast<const SparseQuery*>(query.digits);
}

}  // namespace

SparseList sparse_list(const VectorValue& value) {
  if (value.size_bytes() < sizeof(std::int32_t)) {
    return {};
  }
  const SparseParts parts = sparse_parts(value.bytes());
  // Aligned, as the value is.
  return {reinterpret_cast<const std::int32_t*>(parts.indices),
          reinterpret_cast<const float*>(parts.values), parts.count};
}

void SparseQuery::set(const VectorFile& file, const VectorValue& value, std::size_t dimensions,
                      float factor) {
  file_ = &file;
  factor_ = factor;
  for (const std::int32_t index : filled_) {
    elements_[static_cast<std::size_t>(index)] = 0;
  }
  filled_.clear();
  spread(value == nullptr ? SparseList() : sparse_list(value), dimensions);
}

void SparseQuery::spread(const SparseList& list, std::size_t dimensions) {
  if (dimensions <= kDirectDimensionsMax) {
    elements_.resize(dimensions);
    for (std::size_t i = 0; i < list.count; ++i) {
      const std::int32_t index = list.indices[i];
      if (static_cast<std::uint32_t>(index) < dimensions) {
        elements_[static_cast<std::size_t>(index)] = list.values[i] * factor_;
        filled_.push_back(index);
      }
    }
    return;
  }
  const std::size_t cell_count =
      std::bit_ceil(std::max<std::size_t>(list.count, 4)) * kCellsPerElement;
  cells_.assign(cell_count, Cell());
  shift_ = 32 - static_cast<unsigned>(std::countr_zero(cell_count));
  for (std::size_t i = 0; i < list.count; ++i) {
    if (list.indices[i] < 0) {
      continue;
    }
    std::uint32_t place = place_of(list.indices[i], shift_);
    while (cells_[place].index >= 0) {
      place = (place + 1) & static_cast<std::uint32_t>(cell_count - 1);
    }
    cells_[place] = {list.indices[i], list.values[i] * factor_};
  }
}

void estimate_sparse(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                     std::size_t count, float* out) {
  const SparseQuery& sparse = sparse_of(query);
  if (sparse.is_direct()) {
    estimate_products(query, sparse, sparse.direct(), codes, ids, count, out);
  } else {
    estimate_products(query, sparse, sparse.hashed(), codes, ids, count, out);
  }
}

void estimate_sparse_l1(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                        std::size_t count, float* out) {
  const SparseQuery& sparse = sparse_of(query);
  if (sparse.is_direct()) {
    estimate_differences(query, sparse, sparse.direct(), codes, ids, count, out);
  } else {
    estimate_differences(query, sparse, sparse.hashed(), codes, ids, count, out);
  }
}

}  // namespace omen::engine
