#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"
#include "protocol/wire/message_type.h"

/// COPY in both directions. CopyDone has no body: see bare.h.
namespace omen::protocol {

/// Both directions use one layout and one type byte.
struct CopyData {
  std::string_view bytes;
};
engine::Status decode(std::string_view body, CopyData& message);
void encode(const CopyData& message, ByteWriter& out);

struct CopyFail {
  std::string_view reason;
};
engine::Status decode(std::string_view body, CopyFail& message);
void encode(const CopyFail& message, ByteWriter& out);

/// CopyInResponse, CopyOutResponse and CopyBothResponse.
struct CopyResponse {
  std::int8_t format = 0;  ///< 0 text (csv too), 1 binary
  std::vector<std::int16_t> column_formats;
};
engine::Status decode(std::string_view body, CopyResponse& message);
/// `type` is one of the three.
void encode(BackendType type, const CopyResponse& message, ByteWriter& out);

}  // namespace omen::protocol
