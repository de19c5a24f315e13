#include "protocol/messages/portal.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"
#include "protocol/wire/values.h"

namespace omen::protocol {

using engine::Status;

Status decode(std::string_view body, Bind& message) {
  ByteReader reader(body);
  message.portal_name = reader.read_c_string();
  message.statement_name = reader.read_c_string();
  read_formats(reader, message.parameter_formats);
  read_values(reader, message.parameters);
  read_formats(reader, message.result_formats);
  return reader.finish();
}

void encode(const Bind& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::Bind));
  out.write_c_string(message.portal_name);
  out.write_c_string(message.statement_name);
  write_formats(message.parameter_formats, out);
  write_values(message.parameters, out);
  write_formats(message.result_formats, out);
  out.end_message(mark);
}

Status decode(std::string_view body, Execute& message) {
  ByteReader reader(body);
  message.portal_name = reader.read_c_string();
  message.row_count_max = reader.read_i32();
  return reader.finish();
}

void encode(const Execute& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::Execute));
  out.write_c_string(message.portal_name);
  out.write_i32(message.row_count_max);
  out.end_message(mark);
}

}  // namespace omen::protocol
