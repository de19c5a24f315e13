#include "protocol/messages/rows.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"
#include "protocol/wire/values.h"

namespace omen::protocol {

using engine::Status;

void encode(const FieldDescription& field, ByteWriter& out) {
  out.write_c_string(field.name);
  out.write_u32(field.table_oid);
  out.write_i16(field.column_number);
  out.write_u32(field.type_oid);
  out.write_i16(field.type_length);
  out.write_i32(field.type_modifier);
  out.write_i16(field.format);
}

Status decode(std::string_view body, RowDescription& message) {
  constexpr std::size_t kFieldBytesMin = 1 + 4 + 2 + 4 + 2 + 4 + 2;
  ByteReader reader(body);
  message.fields.resize(reader.read_count(kFieldBytesMin));
  for (FieldDescription& field : message.fields) {
    field.name = reader.read_c_string();
    field.table_oid = reader.read_u32();
    field.column_number = reader.read_i16();
    field.type_oid = reader.read_u32();
    field.type_length = reader.read_i16();
    field.type_modifier = reader.read_i32();
    field.format = reader.read_i16();
  }
  return reader.finish();
}

void encode(const RowDescription& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::RowDescription));
  out.write_u16(static_cast<std::uint16_t>(message.fields.size()));
  for (const FieldDescription& field : message.fields) {
    encode(field, out);
  }
  out.end_message(mark);
}

Status decode(std::string_view body, DataRow& message) {
  ByteReader reader(body);
  read_values(reader, message.values);
  return reader.finish();
}

void encode(const DataRow& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::DataRow));
  write_values(message.values, out);
  out.end_message(mark);
}

void RowWriter::begin_row(std::size_t column_count) {
  row_mark_ = out_.begin_message(static_cast<char>(BackendType::DataRow));
  out_.write_u16(static_cast<std::uint16_t>(column_count));
}

Status decode(std::string_view body, CommandComplete& message) {
  ByteReader reader(body);
  message.tag = reader.read_c_string();
  return reader.finish();
}

void encode(const CommandComplete& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::CommandComplete));
  out.write_c_string(message.tag);
  out.end_message(mark);
}

}  // namespace omen::protocol
