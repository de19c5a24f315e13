#include "protocol/messages/session.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"

namespace omen::protocol {

using engine::Status;

Status decode(std::string_view body, ParameterStatus& message) {
  ByteReader reader(body);
  message.name = reader.read_c_string();
  message.value = reader.read_c_string();
  return reader.finish();
}

void encode(const ParameterStatus& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::ParameterStatus));
  out.write_c_string(message.name);
  out.write_c_string(message.value);
  out.end_message(mark);
}

Status decode(std::string_view body, BackendKeyData& message) {
  ByteReader reader(body);
  message.process_id = reader.read_i32();
  message.secret_key = reader.read_u32();
  return reader.finish();
}

void encode(const BackendKeyData& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::BackendKeyData));
  out.write_i32(message.process_id);
  out.write_u32(message.secret_key);
  out.end_message(mark);
}

Status decode(std::string_view body, ReadyForQuery& message) {
  ByteReader reader(body);
  message.transaction_status = static_cast<char>(reader.read_u8());
  return reader.finish();
}

void encode(const ReadyForQuery& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::ReadyForQuery));
  out.write_u8(static_cast<std::uint8_t>(message.transaction_status));
  out.end_message(mark);
}

Status decode(std::string_view body, NotificationResponse& message) {
  ByteReader reader(body);
  message.process_id = reader.read_i32();
  message.channel = reader.read_c_string();
  message.payload = reader.read_c_string();
  return reader.finish();
}

void encode(const NotificationResponse& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::NotificationResponse));
  out.write_i32(message.process_id);
  out.write_c_string(message.channel);
  out.write_c_string(message.payload);
  out.end_message(mark);
}

}  // namespace omen::protocol
