#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/vector_forms.h"

/// sparsevec(n), stored as engine/base/vector_forms.h says.
namespace omen::sql {

constexpr std::int32_t kSparseDimensionsMax = 1000000000;
constexpr std::size_t kSparseElementsMax = 16000;

/// One element that is not zero; indices count from 0.
struct SparseElement {
  std::int32_t index = 0;
  float value = 0;
};

/// Reads a stored value element by element.
class SparseReader {
 public:
  explicit SparseReader(std::string_view stored) : parts_(engine::sparse_parts(stored)) {}
  [[nodiscard]] std::int32_t dimensions() const { return parts_.dimensions; }
  [[nodiscard]] std::size_t size() const { return parts_.count; }
  [[nodiscard]] SparseElement operator[](std::size_t i) const {
    SparseElement element;
    std::memcpy(&element.index, parts_.indices + i * sizeof element.index, sizeof element.index);
    std::memcpy(&element.value, parts_.values + i * sizeof element.value, sizeof element.value);
    return element;
  }

 private:
  engine::SparseParts parts_;
};

/// The stored form of elements in ascending order of their indices.
std::string store_sparse(std::int32_t dimensions, const std::vector<SparseElement>& elements);

/// 22000 / 54000 unless 1 to kSparseDimensionsMax.
void check_sparse_dimensions(std::int64_t dimensions);
/// 54000 above kSparseElementsMax.
void check_sparse_elements(std::size_t count);

/// btree order: as the dense vectors would compare.
int compare_sparse(const SparseReader& a, const SparseReader& b);

}  // namespace omen::sql
