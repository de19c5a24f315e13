#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/vector/vector_index.h"

namespace omen::engine {

/// What the codes of an index look like; follows from its options.
struct CodeShape {
  enum class Kind : std::uint8_t {
    None,      ///< no codes: values are always scanned
    Signs,     ///< one bit an element of the rotated vector
    Digits,    ///< 2, 4 or 8 bits an element of the rotated vector
    Floats,    ///< the vector itself
    Taxicab,   ///< one byte an element, for L1: neither rotated nor scaled one by one
    BitString  ///< the value's own bits, exact
  };
  Kind kind = Kind::None;
  unsigned bits = 0;                 ///< an element
  std::size_t input_dimensions = 0;  ///< floats of a value (dense_dimensions())
  std::size_t space_dimensions = 0;  ///< of the space whose L2 order is the metric's
  std::size_t code_dimensions = 0;   ///< elements coded, of the rotated vector's first ones
  std::size_t code_bytes = 0;        ///< a multiple of 8
  bool sketched = false;             ///< inputs are estimates of the vectors themselves

  static CodeShape of(const VectorIndexOptions& options);
  /// Codes of 4 bits in the same space, finer than these (see is_fine()).
  [[nodiscard]] CodeShape fine() const;

  [[nodiscard]] bool has_codes() const { return kind != Kind::None; }
  /// Fine enough to choose links by; other codes are accompanied by FineCodes.
  [[nodiscard]] bool is_fine() const {
    return kind != Kind::Signs && (kind != Kind::Digits || (bits >= 4 && whole()));
  }
  /// Estimates are so rough that a search must keep more of them.
  [[nodiscard]] bool is_coarse() const { return sketched || (kind == Kind::Signs && !whole()); }
  /// Places of the pool for a given ef_search: what pgvector finds among so many exact distances
  /// takes half as many more estimates of 1 bit, thrice as many rough ones (docs/vector-index.md).
  [[nodiscard]] std::size_t pool_for(std::size_t ef_search) const {
    return is_coarse() ? ef_search * 3 : ef_search * 3 / 2;
  }
  /// All elements are coded.
  [[nodiscard]] bool whole() const { return code_dimensions >= space_dimensions; }

 private:
  void set(Kind new_kind, unsigned new_bits, std::size_t dimensions);
};

}  // namespace omen::engine
