#include "protocol/messages/query.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"
#include "protocol/wire/values.h"

namespace omen::protocol {

using engine::Status;

Status decode(std::string_view body, Query& message) {
  ByteReader reader(body);
  message.text = reader.read_c_string();
  return reader.finish();
}

void encode(const Query& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::Query));
  out.write_c_string(message.text);
  out.end_message(mark);
}

Status decode(std::string_view body, FunctionCall& message) {
  ByteReader reader(body);
  message.function_oid = reader.read_u32();
  read_formats(reader, message.argument_formats);
  read_values(reader, message.arguments);
  message.result_format = reader.read_i16();
  return reader.finish();
}

void encode(const FunctionCall& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::FunctionCall));
  out.write_u32(message.function_oid);
  write_formats(message.argument_formats, out);
  write_values(message.arguments, out);
  out.write_i16(message.result_format);
  out.end_message(mark);
}

}  // namespace omen::protocol
