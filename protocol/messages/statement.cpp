#include "protocol/messages/statement.h"

#include <fmt/format.h>

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"

namespace omen::protocol {
namespace {

using engine::Status;
using engine::StatusCode;

void read_oids(ByteReader& reader, std::vector<std::uint32_t>& oids) {
  oids.resize(reader.read_count(4));
  for (std::uint32_t& oid : oids) {
    oid = reader.read_u32();
  }
}

void write_oids(const std::vector<std::uint32_t>& oids, ByteWriter& out) {
  out.write_u16(static_cast<std::uint16_t>(oids.size()));
  for (const std::uint32_t oid : oids) {
    out.write_u32(oid);
  }
}

template <typename Message>
Status decode_target(std::string_view body, const char* message_name, Message& message) {
  ByteReader reader(body);
  const std::uint8_t target = reader.read_u8();
  message.target = static_cast<Target>(target);
  message.name = reader.read_c_string();
  OMEN_TRY(reader.finish());
  if (message.target != Target::Statement && message.target != Target::Portal) {
    return {StatusCode::ProtocolViolation,
            fmt::format("invalid {} message subtype {}", message_name, target)};
  }
  return {};
}

template <typename Message>
void encode_target(FrontendType type, const Message& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(type));
  out.write_u8(static_cast<std::uint8_t>(message.target));
  out.write_c_string(message.name);
  out.end_message(mark);
}

}  // namespace

Status decode(std::string_view body, Parse& message) {
  ByteReader reader(body);
  message.statement_name = reader.read_c_string();
  message.text = reader.read_c_string();
  read_oids(reader, message.parameter_types);
  return reader.finish();
}

void encode(const Parse& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(FrontendType::Parse));
  out.write_c_string(message.statement_name);
  out.write_c_string(message.text);
  write_oids(message.parameter_types, out);
  out.end_message(mark);
}

Status decode(std::string_view body, Describe& message) {
  return decode_target(body, "DESCRIBE", message);
}

void encode(const Describe& message, ByteWriter& out) {
  encode_target(FrontendType::Describe, message, out);
}

Status decode(std::string_view body, Close& message) {
  return decode_target(body, "CLOSE", message);
}

void encode(const Close& message, ByteWriter& out) {
  encode_target(FrontendType::Close, message, out);
}

Status decode(std::string_view body, ParameterDescription& message) {
  ByteReader reader(body);
  read_oids(reader, message.types);
  return reader.finish();
}

void encode(const ParameterDescription& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::ParameterDescription));
  write_oids(message.types, out);
  out.end_message(mark);
}

}  // namespace omen::protocol
