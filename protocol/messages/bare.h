#pragma once

#include <string_view>

#include "engine/base/status.h"
#include "protocol/wire/byte_reader.h"
#include "protocol/wire/byte_writer.h"
#include "protocol/wire/message_type.h"

/// Messages without a body: Sync, Flush, Terminate, CopyDone from clients; ParseComplete,
/// BindComplete, CloseComplete, NoData, PortalSuspended, EmptyQueryResponse, CopyDone from servers.
namespace omen::protocol {

inline engine::Status decode_bare(std::string_view body) {
  return ByteReader(body).finish();
}

inline void encode_bare(FrontendType type, ByteWriter& out) {
  out.end_message(out.begin_message(static_cast<char>(type)));
}
inline void encode_bare(BackendType type, ByteWriter& out) {
  out.end_message(out.begin_message(static_cast<char>(type)));
}

}  // namespace omen::protocol
