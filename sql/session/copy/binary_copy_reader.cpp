#include "sql/session/copy/binary_copy_reader.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>

#include "sql/error/sql_error.h"
#include "sql/session/copy/line_reader.h"

namespace omen::sql {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr std::int32_t kFieldBytesMax = 1 << 30;

SqlError bad_format(std::string message) {
  return {sqlstate::kBadCopyFileFormat, std::move(message)};
}

std::uint32_t load_be32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[static_cast<std::size_t>(i)]);
  }
  return value;
}

std::int16_t load_be16(std::string_view bytes) {
  return static_cast<std::int16_t>(static_cast<std::uint8_t>(bytes[0]) << 8 |
                                   static_cast<std::uint8_t>(bytes[1]));
}

}  // namespace

std::size_t BinaryCopyReader::read_header(std::string_view bytes) const {
  const std::string_view seen = bytes.substr(0, kSignature.size());
  if (seen != kSignature.substr(0, seen.size())) {
    throw bad_format("COPY file signature not recognized");
  }
  const std::size_t fixed = kSignature.size() + 8;
  if (bytes.size() < fixed) {
    return 0;
  }
  const std::uint32_t flags = load_be32(bytes.substr(kSignature.size()));
  if ((flags & 0x10000) != 0) {
    throw bad_format("invalid COPY file header (WITH OIDS)");
  }
  if (flags >> 16 != 0) {
    throw bad_format("unrecognized critical flags in COPY file header");
  }
  const std::uint32_t extension = load_be32(bytes.substr(kSignature.size() + 4));
  if (extension > static_cast<std::uint32_t>(kFieldBytesMax)) {
    throw bad_format("invalid COPY file header (wrong length)");
  }
  return bytes.size() < fixed + extension ? 0 : fixed + extension;
}

std::size_t BinaryCopyReader::read_row(std::string_view bytes) {
  if (bytes.size() < 2) {
    return 0;
  }
  const std::int16_t count = load_be16(bytes);
  if (count == -1) {
    is_done_ = true;
    return 2;
  }
  ++line_;
  if (count < 0 || static_cast<std::size_t>(count) != column_count_) {
    throw bad_format(fmt::format("row field count is {}, expected {}", count, column_count_));
  }
  fields_.clear();
  std::size_t at = 2;
  for (std::int16_t i = 0; i < count; ++i) {
    if (bytes.size() - at < 4) {
      --line_;
      return 0;
    }
    const auto size = std::bit_cast<std::int32_t>(load_be32(bytes.substr(at)));
    at += 4;
    if (size == -1) {
      fields_.emplace_back(std::nullopt);
      continue;
    }
    if (size < 0 || size > kFieldBytesMax) {
      throw bad_format("invalid field size");
    }
    if (bytes.size() - at < static_cast<std::size_t>(size)) {
      --line_;
      return 0;
    }
    fields_.emplace_back(bytes.substr(at, static_cast<std::size_t>(size)));
    at += static_cast<std::size_t>(size);
  }
  return at;
}

std::size_t BinaryCopyReader::take_rows(std::string_view bytes, const Sink& sink) {
  std::size_t at = 0;
  if (!has_header_) {
    at = read_header(bytes);
    if (at == 0) {
      return 0;
    }
    has_header_ = true;
  }
  while (!is_done_) {
    const std::size_t size = read_row(bytes.substr(at));
    if (size == 0) {
      return at;
    }
    at += size;
    if (!is_done_) {
      sink({.line = line_, .text = {}, .fields = fields_});
    }
  }
  if (at < bytes.size()) {
    throw bad_format("received copy data after EOF marker");
  }
  return at;
}

void BinaryCopyReader::feed(std::string_view bytes, const Sink& sink) {
  if (is_done_) {
    if (!bytes.empty()) {
      throw bad_format("received copy data after EOF marker");
    }
    return;
  }
  if (rest_.empty()) {
    rest_ = bytes.substr(take_rows(bytes, sink));  // whole rows are read where they lie
    return;
  }
  rest_ += bytes;
  rest_.erase(0, take_rows(rest_, sink));
}

void BinaryCopyReader::finish(const Sink&) {
  if (!has_header_) {
    throw bad_format("COPY file signature not recognized");
  }
  if (!is_done_ && !rest_.empty()) {
    throw bad_format("unexpected EOF in COPY data");
  }
}

std::unique_ptr<CopyReader> make_copy_reader(const CopyOptions& options, CopyColumns columns) {
  if (options.format == CopyFormat::Binary) {
    return std::make_unique<BinaryCopyReader>(columns.names.size());
  }
  return std::make_unique<LineReader>(options, std::move(columns));
}

}  // namespace omen::sql
