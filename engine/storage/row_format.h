#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/types.h"
#include "engine/storage/datum.h"

/// A row version, as stored. Integers are little-endian; n is the number of columns the table had
/// when the version was written: columns added since have the value their table says (NULL, or the
/// default they were added with). Columns are only ever added at the end, and the header says where
/// the values lie, so that a version of a table altered later, or altered by a transaction that was
/// rolled back, can be read as far as the layouts agree.
///
/// | offset | bytes          | field                                                              |
/// | ------ | -------------- | ------------------------------------------------------------------ |
/// | 0      | 1              | flags: 1 tombstone (nothing follows), 2 nulls, 4 wide, 8 long ends |
/// | 1      | 2              | n                                                                  |
/// | 3      | 2              | f: bytes of fixed-width values                                     |
/// | 5      | 2              | v: number of Bytes and Numeric columns                             |
/// | 7      | (n + 7) / 8    | null bits, if flag 2                                               |
/// | .      | (n + 7) / 8    | wide bits, if flag 4                                               |
/// | .      | f              | fixed-width values, packed in column order; zero where null        |
/// | .      | 2 or 4 * v     | end of each Bytes or Numeric value in the area that follows        |
/// | .      | ...            | their bytes; of a wide value its reference: xid 8, size 4          |
namespace omen::engine {

/// Where values lie in rows of one table: a function of its columns' physical types; and what rows
/// have that are older than a column.
class RowLayout {
 public:
  explicit RowLayout(std::span<const PhysicalType> types);
  /// Sets the value of rows older than a column: its bits in 8 bytes, or its bytes.
  void set_missing(std::size_t column, std::string_view value);

  [[nodiscard]] std::size_t column_count() const { return columns_.size(); }
  [[nodiscard]] PhysicalType type(std::size_t column) const { return columns_[column].type; }

 private:
  friend class RowView;
  friend class RowBuilder;
  struct Place {
    PhysicalType type;
    std::uint32_t fixed_offset;    ///< bytes of fixed-width columns before this one
    std::uint32_t variable_index;  ///< Bytes and Numeric columns before this one
  };
  std::vector<Place> columns_;
  std::vector<Place> ends_;  ///< [n]: totals of the first n columns
  struct Missing {
    std::uint64_t bits = 0;
    std::string bytes;
  };
  [[nodiscard]] bool has_missing(std::size_t column) const {
    return column < missing_.size() && missing_[column].has_value();
  }
  std::vector<std::optional<Missing>> missing_;  ///< up to the last column that has one
};

struct WideReference {
  Xid xid = 0;
  std::uint32_t size_bytes = 0;
};

/// Reads a stored version in place. Borrows the bytes and the layout.
class RowView {
 public:
  RowView() = default;
  /// Corruption if the bytes cannot be a version of such a table.
  static Result<RowView> parse(const RowLayout& layout, std::string_view bytes);
  /// As parse, for who holds no lock on the table: the version may have columns that `layout` lacks
  /// (they are left out), or, of an aborted transaction, others than it has. Values of the columns
  /// in common are right; values of others are void, but safe to read.
  static Result<RowView> parse_common(const RowLayout& layout, std::string_view bytes);

  [[nodiscard]] bool is_tombstone() const { return tombstone_; }
  [[nodiscard]] bool is_null(std::size_t column) const {
    if (column >= column_count_) {
      return layout_ == nullptr || !layout_->has_missing(column);
    }
    return nulls_ != nullptr && bit(nulls_, column);
  }
  [[nodiscard]] bool is_wide(std::size_t column) const {
    return column < column_count_ && wides_ != nullptr && bit(wides_, column);
  }
  [[nodiscard]] bool has_wides() const { return wides_ != nullptr; }
  /// The value of a column that is not wide.
  [[nodiscard]] Datum datum(std::size_t column) const;
  [[nodiscard]] WideReference wide(std::size_t column) const;

 private:
  static Result<RowView> parse_header(const RowLayout& layout, std::string_view bytes);
  static bool bit(const char* bits, std::size_t i) {
    return ((static_cast<unsigned char>(bits[i / 8]) >> (i % 8)) & 1) != 0;
  }
  [[nodiscard]] std::string_view variable(std::size_t column) const;

  const RowLayout* layout_ = nullptr;
  std::size_t column_count_ = 0;
  std::uint16_t fixed_bytes_ = 0;
  std::uint16_t variable_count_ = 0;
  bool tombstone_ = false;
  bool long_ends_ = false;
  const char* nulls_ = nullptr;
  const char* wides_ = nullptr;
  const char* fixed_ = nullptr;
  const char* ends_ = nullptr;
  std::string_view variables_;
};

inline bool is_tombstone(std::string_view version) {
  return !version.empty() && (version[0] & 1) != 0;
}
constexpr std::string_view kTombstone("\x01", 1);
/// Columns of `version` whose values are wide, whatever its layout.
std::vector<std::size_t> wide_columns(std::string_view version);

/// Composes a version column by column. Reused from row to row.
class RowBuilder {
 public:
  explicit RowBuilder(const RowLayout& layout);

  /// Starts a row of nulls.
  void begin();
  /// Borrows the datum's bytes until finish().
  void set(std::size_t column, const Datum& datum);
  void set_wide(std::size_t column, WideReference reference);
  /// The version; the view lives until the next begin().
  std::string_view finish();

 private:
  const RowLayout& layout_;
  std::string nulls_;
  std::string wides_;
  std::string fixed_;
  std::vector<std::string_view> variables_;
  std::vector<std::array<char, 12>> references_;
  std::string row_;
};

}  // namespace omen::engine
