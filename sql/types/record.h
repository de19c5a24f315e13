#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/types/type.h"

/// Values of type record (ROW(...), whole rows): held as Bytes, host-endian.
///
/// | bytes | field |
/// |---|---|
/// | 4 | number of fields n |
/// | n * 8 | per field: type oid, size in bytes (-1 for NULL) |
/// | ... | the fields, fixed-width ones as in memory, bytes as they are |
namespace omen::sql {

class RecordBuilder {
 public:
  /// Row `row` of a column of SQL type `type`; its null flag counts.
  void add(Oid type, const engine::ColumnVector& column, std::size_t row);
  [[nodiscard]] std::string finish() const;

 private:
  std::string headers_;
  std::string fields_;
  std::uint32_t count_ = 0;
};

struct RecordField {
  Oid type = 0;
  bool is_null = false;
  std::string_view raw;
};
/// Borrowed fields of a record value; XX000 on bytes not made by RecordBuilder.
std::vector<RecordField> record_fields(std::string_view bytes);

/// The raw in-memory bytes of one not-null value, as arrays and records hold them, and back.
std::string_view raw_value(const engine::ColumnVector& column, std::size_t row);
/// Stores raw bytes at `row` of `column`; bytes types store the view itself.
void set_raw_value(engine::ColumnVector& column, std::size_t row, std::string_view raw);

}  // namespace omen::sql
