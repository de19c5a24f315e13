#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "protocol/wire/byte_writer.h"

/// Binding and running a prepared statement.
namespace omen::protocol {

struct Bind {
  std::string_view portal_name;
  std::string_view statement_name;
  std::vector<std::int16_t> parameter_formats;  ///< none: all text; one: for all; else one each
  std::vector<std::optional<std::string_view>> parameters;  ///< nullopt: NULL
  std::vector<std::int16_t> result_formats;                 ///< as parameter_formats
};
engine::Status decode(std::string_view body, Bind& message);
void encode(const Bind& message, ByteWriter& out);

struct Execute {
  std::string_view portal_name;
  std::int32_t row_count_max = 0;  ///< 0 or less: all rows
};
engine::Status decode(std::string_view body, Execute& message);
void encode(const Execute& message, ByteWriter& out);

}  // namespace omen::protocol
