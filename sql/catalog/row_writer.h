#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/assert.h"
#include "engine/base/column_batch.h"
#include "sql/types/type.h"

namespace omen::sql {

/// Array-shaped values of catalog columns, ready to be stored as Bytes.
std::string int2_vector(std::span<const std::int16_t> values);  ///< int2vector: bounds from 0
std::string oid_vector(std::span<const Oid> values);            ///< oidvector: bounds from 0
std::string int2_array(std::span<const std::int16_t> values);
std::string int4_array(std::span<const std::int32_t> values);
std::string float4_array(std::span<const float> values);
std::string oid_array(std::span<const Oid> values);
std::string regtype_array(std::span<const Oid> values);
std::string text_array(std::span<const std::string> values);

/// Appends rows to a catalog relation's batch, column by column in the relation's order.
///
/// Numbers are converted to the column's physical type; chars and strings go to Bytes columns;
/// std::nullopt is NULL.
class RowWriter {
 public:
  explicit RowWriter(engine::ColumnBatch& out) : out_(out), row_(out.row_count()) {}

  /// One whole row; the number of values is the number of columns.
  template <typename... Values>
  void row(const Values&... values) {
    OMEN_ASSERT(sizeof...(values) == out_.column_count(), "a catalog row of another width");
    out_.resize(row_ + 1);
    std::size_t column = 0;
    (put(out_.column(column++), values), ...);
    ++row_;
  }

 private:
  void put(engine::ColumnVector& column, std::nullopt_t /*null*/) { column.set_null(row_); }
  void put(engine::ColumnVector& column, bool value) {
    column.values<std::uint8_t>()[row_] = value ? 1 : 0;
  }
  void put(engine::ColumnVector& column, char value) {
    column.set_bytes(row_, value == '\0' ? std::string_view() : std::string_view(&value, 1));
  }
  void put(engine::ColumnVector& column, std::string_view value) { column.set_bytes(row_, value); }
  void put(engine::ColumnVector& column, const char* value) { column.set_bytes(row_, value); }
  void put(engine::ColumnVector& column, const std::string& value) {
    column.set_bytes(row_, value);
  }
  template <typename T>
  void put(engine::ColumnVector& column, const std::optional<T>& value) {
    if (value.has_value()) {
      put(column, *value);
    } else {
      column.set_null(row_);
    }
  }
  template <typename T>
    requires std::is_arithmetic_v<T>
  void put(engine::ColumnVector& column, T value) {
    put_number(column, static_cast<double>(value), static_cast<std::int64_t>(value));
  }
  void put_number(engine::ColumnVector& column, double real, std::int64_t integer);

  engine::ColumnBatch& out_;
  std::size_t row_;
};

}  // namespace omen::sql
