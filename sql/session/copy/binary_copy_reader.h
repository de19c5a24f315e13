#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/session/copy/copy_reader.h"

namespace omen::sql {

/// PostgreSQL's binary COPY format, all numbers big-endian:
///
/// | bytes | field |
/// |---|---|
/// | 11 | signature `PGCOPY\n\377\r\n\0` |
/// | 4 | flags; bits 16-31 are critical and must be 0 |
/// | 4 | size of the header extension, which follows and is skipped |
/// | 2 | per row: field count, -1 at the end |
/// | 4 + n | per field: size and bytes, or -1 for NULL |
class BinaryCopyReader final : public CopyReader {
 public:
  explicit BinaryCopyReader(std::size_t column_count) : column_count_(column_count) {}
  void feed(std::string_view bytes, const Sink& sink) override;
  void finish(const Sink& sink) override;
  [[nodiscard]] std::uint64_t line() const override { return line_; }
  [[nodiscard]] std::string_view text() const override { return {}; }

 private:
  /// Bytes of the header, 0 while it is incomplete.
  [[nodiscard]] std::size_t read_header(std::string_view bytes) const;
  /// Reads one row into fields_; bytes it took, 0 while it is incomplete.
  std::size_t read_row(std::string_view bytes);
  /// Takes complete rows off `bytes`; how many bytes that were.
  std::size_t take_rows(std::string_view bytes, const Sink& sink);

  std::size_t column_count_;
  std::string rest_;  ///< an incomplete row, or header
  bool has_header_ = false;
  bool is_done_ = false;
  std::uint64_t line_ = 0;
  std::vector<std::optional<std::string_view>> fields_;
};

}  // namespace omen::sql
