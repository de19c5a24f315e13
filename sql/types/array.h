#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/column_batch.h"
#include "engine/base/value.h"
#include "sql/types/type.h"

/// SQL arrays: held as Bytes in one self-describing, host-endian format.
///
/// | bytes | field |
/// |---|---|
/// | 4 | element type oid |
/// | 4 | number of dimensions (0 for the empty array) |
/// | 8 each | per dimension: length, lower bound (int32) |
/// | 8 | element count n |
/// | n * 4 | per element: size in bytes, or -1 for NULL |
/// | ... | the elements, fixed-width ones as in memory, bytes as they are |
namespace omen::sql {

constexpr std::size_t kArrayDimensionsMax = 6;
constexpr std::size_t kArrayElementsMax = 134217727;

struct ArrayDimension {
  std::int32_t length = 0;
  std::int32_t lower_bound = 1;
  friend bool operator==(const ArrayDimension&, const ArrayDimension&) = default;
};

/// Borrowed view of an array value. Throws XX000 on bytes it did not write.
class ArrayView {
 public:
  explicit ArrayView(std::string_view bytes);
  [[nodiscard]] Oid element_type() const { return element_type_; }
  [[nodiscard]] const std::vector<ArrayDimension>& dimensions() const { return dimensions_; }
  [[nodiscard]] std::size_t size() const { return elements_.size(); }
  [[nodiscard]] bool is_null(std::size_t i) const { return !elements_[i].has_value(); }
  /// Raw bytes of element i: fixed-width values as in memory.
  [[nodiscard]] std::string_view element(std::size_t i) const { return *elements_[i]; }

 private:
  Oid element_type_ = 0;
  std::vector<ArrayDimension> dimensions_;
  std::vector<std::optional<std::string_view>> elements_;
};

/// Builds an array value from elements in row-major order.
class ArrayBuilder {
 public:
  explicit ArrayBuilder(Oid element_type) : element_type_(element_type) {}
  void add_null() { elements_.push_back(std::nullopt); }
  /// 54000 beyond PostgreSQL's 1 GB.
  void add_bytes(std::string_view raw);
  /// Row `row` of a column of the element type; NULL if it is null.
  void add(const engine::ColumnVector& column, std::size_t row);
  /// A value of the element type's PhysicalType, or NULL.
  void add(const engine::Value& value);
  [[nodiscard]] std::size_t size() const { return elements_.size(); }
  /// One dimension from 1, or none if empty.
  [[nodiscard]] std::string finish() const;
  [[nodiscard]] std::string finish(const std::vector<ArrayDimension>& dimensions) const;

 private:
  Oid element_type_;
  std::vector<std::optional<std::string>> elements_;
  std::size_t size_bytes_ = 0;
};

/// Unpacks all elements into a column of the element type (resets `out`).
void unpack_array(const ArrayView& array, engine::ColumnVector& out);

/// Element count of the dimensions; 54000 above kArrayElementsMax.
std::size_t array_element_count(const std::vector<ArrayDimension>& dimensions);
/// Array type of an element type; 42704 if it has none.
Oid array_type_of(Oid element_type);

}  // namespace omen::sql
