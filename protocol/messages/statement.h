#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"

/// Prepared statements and portals by name: Parse, Describe, Close, ParameterDescription.
namespace omen::protocol {

struct Parse {
  std::string_view statement_name;  ///< empty: the unnamed one
  std::string_view text;
  std::vector<std::uint32_t> parameter_types;  ///< oids; 0 leaves one to the server
};
engine::Status decode(std::string_view body, Parse& message);
void encode(const Parse& message, ByteWriter& out);

/// What Describe and Close name.
enum class Target : char { Statement = 'S', Portal = 'P' };

struct Describe {
  Target target = Target::Statement;
  std::string_view name;
};
/// ProtocolViolation also for a target that is neither.
engine::Status decode(std::string_view body, Describe& message);
void encode(const Describe& message, ByteWriter& out);

struct Close {
  Target target = Target::Statement;
  std::string_view name;
};
engine::Status decode(std::string_view body, Close& message);
void encode(const Close& message, ByteWriter& out);

struct ParameterDescription {
  std::vector<std::uint32_t> types;
};
engine::Status decode(std::string_view body, ParameterDescription& message);
void encode(const ParameterDescription& message, ByteWriter& out);

}  // namespace omen::protocol
