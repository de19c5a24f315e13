#include "protocol/messages/startup.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"

namespace omen::protocol {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

// Versions no client has: 1234 in the upper half.
constexpr std::uint32_t kCancelRequestCode = (1234u << 16) | 5678;
constexpr std::uint32_t kSslRequestCode = (1234u << 16) | 5679;
constexpr std::uint32_t kGssEncRequestCode = (1234u << 16) | 5680;

Status malformed() {
  return {StatusCode::ProtocolViolation,
          "invalid startup packet layout: expected terminator as last byte"};
}

Result<StartupPacket> decode_parameters(std::uint32_t version, ByteReader& reader) {
  StartupMessage message;
  message.protocol_version = version;
  while (true) {
    const std::string_view name = reader.read_c_string();
    if (reader.failed()) {
      return malformed();
    }
    if (name.empty()) {
      break;
    }
    const std::string_view value = reader.read_c_string();
    if (reader.failed()) {
      return malformed();
    }
    message.parameters.emplace_back(name, value);
  }
  if (!reader.finish().ok()) {
    return malformed();
  }
  return StartupPacket(std::move(message));
}

void encode_code(std::uint32_t code, ByteWriter& out) {
  const std::size_t mark = out.begin_message('\0');
  out.write_u32(code);
  out.end_message(mark);
}

}  // namespace

Result<StartupPacket> decode_startup(std::string_view body) {
  ByteReader reader(body);
  const std::uint32_t code = reader.read_u32();
  OMEN_TRY(reader.failed() ? reader.finish() : Status());
  StartupPacket packet;
  switch (code) {
    case kSslRequestCode:
      packet = SslRequest{};
      break;
    case kGssEncRequestCode:
      packet = GssEncRequest{};
      break;
    case kCancelRequestCode: {
      CancelRequest request;
      request.process_id = reader.read_i32();
      request.secret_key = reader.read_u32();
      packet = request;
      break;
    }
    default:
      // Another major version may lay its packet out differently: only the version is read.
      if (code >> 16 != 3) {
        return StartupPacket(StartupMessage{.protocol_version = code, .parameters = {}});
      }
      return decode_parameters(code, reader);
  }
  OMEN_TRY(reader.finish());
  return packet;
}

void encode(const StartupMessage& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message('\0');
  out.write_u32(message.protocol_version);
  for (const auto& [name, value] : message.parameters) {
    out.write_c_string(name);
    out.write_c_string(value);
  }
  out.write_u8(0);
  out.end_message(mark);
}

void encode(const SslRequest& /*message*/, ByteWriter& out) {
  encode_code(kSslRequestCode, out);
}

void encode(const GssEncRequest& /*message*/, ByteWriter& out) {
  encode_code(kGssEncRequestCode, out);
}

void encode(const CancelRequest& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message('\0');
  out.write_u32(kCancelRequestCode);
  out.write_i32(message.process_id);
  out.write_u32(message.secret_key);
  out.end_message(mark);
}

Status decode(std::string_view body, NegotiateProtocolVersion& message) {
  ByteReader reader(body);
  message.minor_version_max = reader.read_u32();
  const std::uint32_t count = reader.read_u32();
  message.unknown_options.clear();
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    message.unknown_options.push_back(reader.read_c_string());
  }
  return reader.finish();
}

void encode(const NegotiateProtocolVersion& message, ByteWriter& out) {
  const std::size_t mark =
      out.begin_message(static_cast<char>(BackendType::NegotiateProtocolVersion));
  out.write_u32(message.minor_version_max);
  out.write_u32(static_cast<std::uint32_t>(message.unknown_options.size()));
  for (const std::string_view option : message.unknown_options) {
    out.write_c_string(option);
  }
  out.end_message(mark);
}

}  // namespace omen::protocol
