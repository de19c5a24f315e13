#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/wire/byte_reader.h"
#include "protocol/wire/byte_writer.h"

/// Lists that several messages share: format codes, and values that may be NULL.
namespace omen::protocol {

/// A u16 count, then an i16 each.
inline void read_formats(ByteReader& reader, std::vector<std::int16_t>& formats) {
  formats.resize(reader.read_count(2));
  for (std::int16_t& format : formats) {
    format = reader.read_i16();
  }
}

inline void write_formats(std::span<const std::int16_t> formats, ByteWriter& out) {
  out.write_u16(static_cast<std::uint16_t>(formats.size()));
  for (const std::int16_t format : formats) {
    out.write_i16(format);
  }
}

/// A u16 count, then for each an i32 length (-1: NULL) and its bytes.
inline void read_values(ByteReader& reader, std::vector<std::optional<std::string_view>>& values) {
  values.clear();
  const std::size_t count = reader.read_count(4);
  values.reserve(count);
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    const std::int32_t size_bytes = reader.read_i32();
    if (size_bytes == -1) {
      values.emplace_back();
    } else if (size_bytes < 0) {
      reader.fail("insufficient data left in message");
    } else {
      values.emplace_back(reader.read_bytes(static_cast<std::size_t>(size_bytes)));
    }
  }
}

inline void write_values(std::span<const std::optional<std::string_view>> values, ByteWriter& out) {
  out.write_u16(static_cast<std::uint16_t>(values.size()));
  for (const std::optional<std::string_view>& value : values) {
    if (value) {
      const std::size_t mark = out.begin_value();
      out.write_bytes(*value);
      out.end_value(mark);
    } else {
      out.write_i32(-1);
    }
  }
}

}  // namespace omen::protocol
