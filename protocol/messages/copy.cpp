#include "protocol/messages/copy.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/values.h"

namespace omen::protocol {

using engine::Status;

Status decode(std::string_view body, CopyData& message) {
  message.bytes = body;
  return {};
}

void encode(const CopyData& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::CopyData));
  out.write_bytes(message.bytes);
  out.end_message(mark);
}

Status decode(std::string_view body, CopyFail& message) {
  ByteReader reader(body);
  message.reason = reader.read_c_string();
  return reader.finish();
}

void encode(const CopyFail& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::CopyFail));
  out.write_c_string(message.reason);
  out.end_message(mark);
}

Status decode(std::string_view body, CopyResponse& message) {
  ByteReader reader(body);
  message.format = static_cast<std::int8_t>(reader.read_u8());
  read_formats(reader, message.column_formats);
  return reader.finish();
}

void encode(BackendType type, const CopyResponse& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(type));
  out.write_u8(static_cast<std::uint8_t>(message.format));
  write_formats(message.column_formats, out);
  out.end_message(mark);
}

}  // namespace omen::protocol
