#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"

namespace omen::protocol {

/// The simple protocol: any number of statements in one text.
struct Query {
  std::string_view text;
};
engine::Status decode(std::string_view body, Query& message);
void encode(const Query& message, ByteWriter& out);

/// The old way to call a function by oid.
struct FunctionCall {
  std::uint32_t function_oid = 0;
  std::vector<std::int16_t> argument_formats;
  std::vector<std::optional<std::string_view>> arguments;
  std::int16_t result_format = 0;
};
engine::Status decode(std::string_view body, FunctionCall& message);
void encode(const FunctionCall& message, ByteWriter& out);

}  // namespace omen::protocol
