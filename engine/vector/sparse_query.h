#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/vector/vector_file.h"
#include "engine/vector/vector_value.h"

namespace omen::engine {

/// A sparse vector spread out by index, so that comparing it with another is one pass over that
/// one's elements: an array where dimensions are few, else a hash table so large that most
/// searches end at their first cell.
///
/// **Threads:** set() by one, then reads by any.
class SparseQuery {
 public:
  /// Takes `value` times `factor`, to be compared with vectors in `file`, which must outlive this.
  /// No value: all elements are zero.
  void set(const VectorFile& file, const VectorValue& value, std::size_t dimensions, float factor);

  [[nodiscard]] const VectorFile& file() const { return *file_; }
  [[nodiscard]] float factor() const { return factor_; }

  /// The elements where dimensions are few. Indices of a damaged vector may be anything.
  struct Direct {
    const float* elements = nullptr;
    std::uint32_t count = 0;
    float operator()(std::int32_t index) const {
      const auto place = static_cast<std::uint32_t>(index);
      return place < count ? elements[place] : 0.0F;
    }
  };
  struct Cell {
    std::int32_t index = -1;  ///< -1: empty
    float value = 0;
  };
  /// The elements by hash; a search for one ends at an empty cell.
  struct Hashed {
    const Cell* cells = nullptr;
    std::uint32_t mask = 0;
    unsigned shift = 0;
    float operator()(std::int32_t index) const {
      std::uint32_t place = place_of(index, shift);
      while (cells[place].index >= 0) {
        if (cells[place].index == index) {
          return cells[place].value;
        }
        place = (place + 1) & mask;
      }
      return 0;
    }
  };
  [[nodiscard]] bool is_direct() const { return cells_.empty(); }
  [[nodiscard]] Direct direct() const {
    return {elements_.data(), static_cast<std::uint32_t>(elements_.size())};
  }
  [[nodiscard]] Hashed hashed() const {
    return {cells_.data(), static_cast<std::uint32_t>(cells_.size() - 1), shift_};
  }

 private:
  static std::uint32_t place_of(std::int32_t index, unsigned shift) {
    return (static_cast<std::uint32_t>(index) * 0x9E3779B1U) >> shift;
  }
  void spread(const SparseList& list, std::size_t dimensions);

  const VectorFile* file_ = nullptr;
  float factor_ = 1;
  std::vector<std::int32_t> filled_;  ///< indices of elements_ that are not zero
  std::vector<float> elements_;
  std::vector<Cell> cells_;
  unsigned shift_ = 0;
};

/// EstimateFunctions over codes that are the places of the values (VectorFile::Place); the digits
/// of `query` are a SparseQuery. Exact but for rounding. A damaged place lies infinitely far away.
/// `node.add + query.add + node.factor * <x, q>`.
void estimate_sparse(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                     std::size_t count, float* out);
/// The sum of the magnitudes of the differences; `query.add` is that of the query's elements.
void estimate_sparse_l1(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                        std::size_t count, float* out);

/// The elements of a stored sparse value, borrowed.
SparseList sparse_list(const VectorValue& value);

}  // namespace omen::engine
