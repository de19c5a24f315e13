#include "protocol/messages/authentication.h"

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/message_type.h"

namespace omen::protocol {
namespace {

using engine::Status;

constexpr std::size_t kMd5SaltBytes = 4;

std::size_t begin_password(ByteWriter& out) {
  return out.begin_message(static_cast<char>(FrontendType::Password));
}

}  // namespace

Status decode(std::string_view body, Authentication& message) {
  ByteReader reader(body);
  message.kind = static_cast<AuthenticationKind>(reader.read_i32());
  message.mechanisms.clear();
  message.data = {};
  switch (message.kind) {
    case AuthenticationKind::Ok:
    case AuthenticationKind::CleartextPassword:
      break;
    case AuthenticationKind::Md5Password:
      message.data = reader.read_bytes(kMd5SaltBytes);
      break;
    case AuthenticationKind::Sasl:
      while (!reader.failed()) {
        const std::string_view mechanism = reader.read_c_string();
        if (mechanism.empty()) {
          break;
        }
        message.mechanisms.push_back(mechanism);
      }
      break;
    case AuthenticationKind::SaslContinue:
    case AuthenticationKind::SaslFinal:
      message.data = reader.read_rest();
      break;
    default:
      reader.fail("unknown authentication request");
  }
  return reader.finish();
}

void encode(const Authentication& message, ByteWriter& out) {
  const std::size_t mark = out.begin_message(static_cast<char>(BackendType::Authentication));
  out.write_i32(static_cast<std::int32_t>(message.kind));
  if (message.kind == AuthenticationKind::Sasl) {
    for (const std::string_view mechanism : message.mechanisms) {
      out.write_c_string(mechanism);
    }
    out.write_u8(0);
  }
  out.write_bytes(message.data);
  out.end_message(mark);
}

Status decode(std::string_view body, PasswordMessage& message) {
  ByteReader reader(body);
  message.password = reader.read_c_string();
  return reader.finish();
}

void encode(const PasswordMessage& message, ByteWriter& out) {
  const std::size_t mark = begin_password(out);
  out.write_c_string(message.password);
  out.end_message(mark);
}

Status decode(std::string_view body, SaslInitialResponse& message) {
  ByteReader reader(body);
  message.mechanism = reader.read_c_string();
  const std::int32_t size_bytes = reader.read_i32();
  message.data.reset();
  if (size_bytes < -1) {
    reader.fail("insufficient data left in message");
  } else if (size_bytes >= 0) {
    message.data = reader.read_bytes(static_cast<std::size_t>(size_bytes));
  }
  return reader.finish();
}

void encode(const SaslInitialResponse& message, ByteWriter& out) {
  const std::size_t mark = begin_password(out);
  out.write_c_string(message.mechanism);
  if (message.data) {
    const std::size_t value = out.begin_value();
    out.write_bytes(*message.data);
    out.end_value(value);
  } else {
    out.write_i32(-1);
  }
  out.end_message(mark);
}

Status decode(std::string_view body, SaslResponse& message) {
  message.data = body;
  return {};
}

void encode(const SaslResponse& message, ByteWriter& out) {
  const std::size_t mark = begin_password(out);
  out.write_bytes(message.data);
  out.end_message(mark);
}

}  // namespace omen::protocol
