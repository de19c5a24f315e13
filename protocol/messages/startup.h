#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "protocol/wire/byte_writer.h"

namespace omen::protocol {

/// 3.0: major in the upper, minor in the lower half.
constexpr std::uint32_t kProtocolVersion3 = 3 << 16;

/// Opens a session. Views point into the packet.
struct StartupMessage {
  std::uint32_t protocol_version = kProtocolVersion3;
  std::vector<std::pair<std::string_view, std::string_view>> parameters;

  [[nodiscard]] std::uint32_t major_version() const { return protocol_version >> 16; }
  [[nodiscard]] std::uint32_t minor_version() const { return protocol_version & 0xffff; }
};
/// Asks for TLS; answered by one byte, 'S' or 'N'.
struct SslRequest {};
/// Asks for GSSAPI encryption; answered by one byte, 'G' or 'N'.
struct GssEncRequest {};
/// Asks, on a connection of its own, to cancel what another session runs. Never answered.
struct CancelRequest {
  std::int32_t process_id = 0;
  std::uint32_t secret_key = 0;
};

using StartupPacket = std::variant<StartupMessage, SslRequest, GssEncRequest, CancelRequest>;

/// `body` is what follows the length.
engine::Result<StartupPacket> decode_startup(std::string_view body);
void encode(const StartupMessage& message, ByteWriter& out);
void encode(const SslRequest& message, ByteWriter& out);
void encode(const GssEncRequest& message, ByteWriter& out);
void encode(const CancelRequest& message, ByteWriter& out);

/// Sent to a client of a newer minor version, or with `_pq_.` options that mean nothing here.
struct NegotiateProtocolVersion {
  std::uint32_t minor_version_max = 0;
  std::vector<std::string_view> unknown_options;
};
engine::Status decode(std::string_view body, NegotiateProtocolVersion& message);
void encode(const NegotiateProtocolVersion& message, ByteWriter& out);

}  // namespace omen::protocol
