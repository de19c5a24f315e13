#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"

namespace omen::protocol {

/// What an Authentication message asks for; values are the wire's.
enum class AuthenticationKind : std::int32_t {
  Ok = 0,
  CleartextPassword = 3,
  Md5Password = 5,
  Sasl = 10,
  SaslContinue = 11,
  SaslFinal = 12,
};

/// Server to client. Views point into the body.
struct Authentication {
  AuthenticationKind kind = AuthenticationKind::Ok;
  std::vector<std::string_view> mechanisms;  ///< Sasl only
  std::string_view data;                     ///< SaslContinue, SaslFinal, Md5Password's salt
};
engine::Status decode(std::string_view body, Authentication& message);
void encode(const Authentication& message, ByteWriter& out);

/// Client to server: a password as typed.
struct PasswordMessage {
  std::string_view password;
};
engine::Status decode(std::string_view body, PasswordMessage& message);
void encode(const PasswordMessage& message, ByteWriter& out);

/// Client to server: the chosen mechanism and, for SCRAM always, its first message.
struct SaslInitialResponse {
  std::string_view mechanism;
  std::optional<std::string_view> data;
};
engine::Status decode(std::string_view body, SaslInitialResponse& message);
void encode(const SaslInitialResponse& message, ByteWriter& out);

/// Client to server: the mechanism's next message.
struct SaslResponse {
  std::string_view data;
};
engine::Status decode(std::string_view body, SaslResponse& message);
void encode(const SaslResponse& message, ByteWriter& out);

}  // namespace omen::protocol
