#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"

/// What a server tells about the session as a whole.
namespace omen::protocol {

/// A reported setting and its value, at start-up and after each change.
struct ParameterStatus {
  std::string_view name;
  std::string_view value;
};
engine::Status decode(std::string_view body, ParameterStatus& message);
void encode(const ParameterStatus& message, ByteWriter& out);

/// What a CancelRequest for this session must repeat.
struct BackendKeyData {
  std::int32_t process_id = 0;
  std::uint32_t secret_key = 0;
};
engine::Status decode(std::string_view body, BackendKeyData& message);
void encode(const BackendKeyData& message, ByteWriter& out);

/// The server waits for the next command.
struct ReadyForQuery {
  char transaction_status = 'I';  ///< 'I' idle, 'T' in a transaction block, 'E' in a failed one
};
engine::Status decode(std::string_view body, ReadyForQuery& message);
void encode(const ReadyForQuery& message, ByteWriter& out);

/// Of a channel the session listens to.
struct NotificationResponse {
  std::int32_t process_id = 0;
  std::string_view channel;
  std::string_view payload;
};
engine::Status decode(std::string_view body, NotificationResponse& message);
void encode(const NotificationResponse& message, ByteWriter& out);

}  // namespace omen::protocol
