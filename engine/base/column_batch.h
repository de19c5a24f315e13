#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/types.h"
#include "engine/base/value.h"

namespace omen::engine {

/// Rows an operator or cursor puts into one batch at most.
constexpr std::size_t kBatchRowsMax = 1024;

/// Values of one column for the rows of a batch: a typed array and a null mask.
///
/// A constant column holds one value (and null flag) at index 0 that stands for every row: read
/// through `index(row)`, or test is_constant() and hoist. Bytes and Numeric values are views; who
/// fills a column sees to it that the viewed bytes live until its next refill (own arena(), or the
/// child batch it was computed from). Not thread-safe.
class ColumnVector {
 public:
  explicit ColumnVector(PhysicalType type = PhysicalType::Int32) : type_(type) {}

  [[nodiscard]] PhysicalType type() const { return type_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_constant() const { return constant_; }
  [[nodiscard]] std::size_t index(std::size_t row) const { return constant_ ? 0 : row; }

  /// Empties the column, sets its type and makes room for `row_count` values, none of them null and
  /// all of them unspecified. Frees the bytes of the previous content.
  void reset(PhysicalType type, std::size_t row_count);
  /// As reset(), for one value that stands for `row_count` rows.
  void reset_constant(PhysicalType type, std::size_t row_count);
  /// Changes the row count and keeps the values below it. Growing leaves new values unspecified,
  /// not null.
  void resize(std::size_t row_count);

  /// The data array; T is the C++ type of type(): std::uint8_t for Bool, std::string_view for
  /// bytes.
  /// Throws std::logic_error for a T of another width: a wrong expression may end its statement,
  /// not
  /// the server, since nothing shared is touched yet.
  template <typename T>
  [[nodiscard]] std::span<const T> values() const {
    require_width(sizeof(T));
    return {reinterpret_cast<const T*>(data_.data()), constant_ ? 1 : size_};
  }
  template <typename T>
  [[nodiscard]] std::span<T> values() {
    require_width(sizeof(T));
    return {reinterpret_cast<T*>(data_.data()), constant_ ? 1 : size_};
  }

  [[nodiscard]] bool has_nulls() const { return has_nulls_; }
  [[nodiscard]] bool is_null(std::size_t row) const {
    return has_nulls_ && nulls_[index(row)] != 0;
  }
  void set_null(std::size_t row);
  [[nodiscard]] std::string_view bytes(std::size_t row) const {
    return values<std::string_view>()[index(row)];
  }
  /// Copies `bytes` into this column's arena and stores the view.
  void set_bytes(std::size_t row, std::string_view bytes) {
    values<std::string_view>()[row] = arena_.copy(bytes);
  }
  [[nodiscard]] Arena& arena() { return arena_; }

  /// One row as a Value, or from one (copies bytes). NULL is monostate.
  [[nodiscard]] Value value(std::size_t row) const;
  void set_value(std::size_t row, const Value& value);
  /// Replaces the content by the given rows of `source` (views are shared, not copied).
  void gather(const ColumnVector& source, std::span<const std::uint32_t> rows);
  /// Appends one row of `source` (same type), copying bytes into this arena.
  void append_copy(const ColumnVector& source, std::size_t row);
  /// Shares the values of `source` (views are shared): as gather of all rows.
  void share(const ColumnVector& source);

 private:
  void require_width(std::size_t size_bytes) const {
    if (size_bytes != width_bytes(type_)) [[unlikely]] {
      throw_width_mismatch();
    }
  }
  [[noreturn]] static void throw_width_mismatch();

  PhysicalType type_;
  bool constant_ = false;
  bool has_nulls_ = false;
  std::size_t size_ = 0;
  std::vector<std::uint64_t> data_;
  std::vector<std::uint8_t> nulls_;
  Arena arena_;
};

/// Rows as columns of equal length. Reused between calls of next(). Move-only by Arena; hold by
/// reference.
class ColumnBatch {
 public:
  [[nodiscard]] std::size_t row_count() const { return row_count_; }
  [[nodiscard]] std::size_t column_count() const { return columns_.size(); }
  [[nodiscard]] ColumnVector& column(std::size_t i) { return *columns_[i]; }
  [[nodiscard]] const ColumnVector& column(std::size_t i) const { return *columns_[i]; }

  /// Sets the number and types of the columns and empties them.
  void reset(std::span<const PhysicalType> types);
  /// Makes every column `row_count` rows long (new rows unspecified, not null).
  void resize(std::size_t row_count);
  /// Declares the row count after the columns were filled one by one.
  void set_row_count(std::size_t row_count) { row_count_ = row_count; }
  /// Keeps the first `row_count` rows.
  void truncate(std::size_t row_count);
  /// Drops all rows, keeps the columns and their types.
  void clear();
  /// Replaces the content by the given rows of `source`; views are shared with it.
  void gather(const ColumnBatch& source, std::span<const std::uint32_t> rows);
  /// Appends one row of `source` (same column types), copying bytes.
  void append_copy(const ColumnBatch& source, std::size_t row);

 private:
  std::vector<std::unique_ptr<ColumnVector>> columns_;
  std::size_t row_count_ = 0;
};

}  // namespace omen::engine
