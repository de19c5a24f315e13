#pragma once

#include <string_view>

#include "engine/base/column_batch.h"
#include "sql/types/array.h"
#include "sql/types/type_io.h"

/// What bodies of array functions share.
namespace omen::sql {

using engine::ColumnVector;

/// An array with its elements as a column.
struct Elements {
  ArrayView array;
  ColumnVector column;
  explicit Elements(std::string_view bytes) : array(bytes) { unpack_array(array, column); }
  [[nodiscard]] Oid type() const { return array.element_type(); }
  [[nodiscard]] std::size_t size() const { return array.size(); }
};

inline Oid element_type_of(Oid array_type) {
  return type_info(array_type).element_oid;
}

inline bool elements_equal(Oid type, const ColumnVector& a, std::size_t i, const ColumnVector& b,
                           std::size_t j) {
  return !a.is_null(i) && !b.is_null(j) && compare_values(type, a, i, b, j) == 0;
}

inline void add_elements(const ArrayView& array, ArrayBuilder& builder) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      builder.add_null();
    } else {
      builder.add_bytes(array.element(i));
    }
  }
}

}  // namespace omen::sql
