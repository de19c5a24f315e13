#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/vector/vector_index.h"

namespace omen::engine {

/// What the codes of an index look like; follows from its options.
struct CodeShape {
  enum class Kind : std::uint8_t {
    None,       ///< no codes: values are always scanned
    Signs,      ///< one bit an element of the rotated vector
    Digits,     ///< 2, 4 or 8 bits an element of the rotated vector
    Floats,     ///< the vector itself
    Taxicab,    ///< one byte an element, for L1: neither rotated nor scaled one by one
    BitString,  ///< the value's own bits, exact
    Sparse      ///< where a sparse value lies: it is read itself
  };
  Kind kind = Kind::None;
  unsigned bits = 0;                 ///< an element
  std::size_t input_dimensions = 0;  ///< floats of a value (dense_dimensions())
  std::size_t space_dimensions = 0;  ///< of the space whose L2 order is the metric's
  std::size_t code_dimensions = 0;   ///< elements coded, of the rotated vector's first ones
  std::size_t code_bytes = 0;        ///< a multiple of 8
  /// Sparse vectors share few elements, so that sums of differences, squared or not, say more of
  /// how short they are than of where they lie: the short ones are everybody's neighbours. Links
  /// that thinning would drop are kept while there is room, and pools are larger.
  bool has_hubs = false;

  static CodeShape of(const VectorIndexOptions& options);
  /// Codes of 4 bits in the same space, finer than these (see is_fine()).
  [[nodiscard]] CodeShape fine() const;

  [[nodiscard]] bool has_codes() const { return kind != Kind::None; }
  /// Fine enough to choose links by; other codes are accompanied by FineCodes.
  [[nodiscard]] bool is_fine() const {
    return kind != Kind::Signs && (kind != Kind::Digits || (bits >= 4 && whole()));
  }
  /// Estimates are so rough that a search must keep more of them.
  [[nodiscard]] bool is_coarse() const { return kind == Kind::Signs && !whole(); }
  /// Places of the pool for a given ef_search: what pgvector finds among so many exact distances
  /// takes half as many more estimates of 1 bit, thrice as many rough ones (docs/vector-index.md).
  [[nodiscard]] std::size_t pool_for(std::size_t ef_search) const {
    return is_coarse() || has_hubs ? ef_search * 3 : ef_search * 3 / 2;
  }
  /// Places of the smallest pool worth walking with.
  [[nodiscard]] std::size_t pool_min() const { return has_hubs ? 200 : 1; }
  /// All elements are coded.
  [[nodiscard]] bool whole() const { return code_dimensions >= space_dimensions; }

 private:
  void set(Kind new_kind, unsigned new_bits, std::size_t dimensions);
};

}  // namespace omen::engine
