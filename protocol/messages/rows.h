#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"

namespace omen::protocol {

struct FieldDescription {
  std::string_view name;
  std::uint32_t table_oid = 0;
  std::int16_t column_number = 0;
  std::uint32_t type_oid = 0;
  std::int16_t type_length = -1;
  std::int32_t type_modifier = -1;
  std::int16_t format = 0;
};
void encode(const FieldDescription& field, ByteWriter& out);  ///< within a RowDescription

struct RowDescription {
  std::vector<FieldDescription> fields;
};
engine::Status decode(std::string_view body, RowDescription& message);
void encode(const RowDescription& message, ByteWriter& out);

/// One row. The server writes rows value by value through RowWriter instead of building this.
struct DataRow {
  std::vector<std::optional<std::string_view>> values;
};
engine::Status decode(std::string_view body, DataRow& message);
void encode(const DataRow& message, ByteWriter& out);

/// Writes one DataRow whose values are appended to the buffer by somebody else:
/// begin_row, then per column either write_null or begin_value .. end_value, then end_row.
class RowWriter {
 public:
  explicit RowWriter(std::string& out) : out_(out) {}

  void begin_row(std::size_t column_count);
  void write_null() { out_.write_i32(-1); }
  void begin_value() { value_mark_ = out_.begin_value(); }
  void end_value() { out_.end_value(value_mark_); }
  void end_row() { out_.end_message(row_mark_); }

 private:
  ByteWriter out_;
  std::size_t row_mark_ = 0;
  std::size_t value_mark_ = 0;
};

struct CommandComplete {
  std::string_view tag;
};
engine::Status decode(std::string_view body, CommandComplete& message);
void encode(const CommandComplete& message, ByteWriter& out);

}  // namespace omen::protocol
