#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/session/copy/copy_reader.h"

namespace omen::sql {

/// Text and CSV: both are lines of fields and differ in what ends a line and in how fields escape.
class LineReader final : public CopyReader {
 public:
  LineReader(CopyOptions options, CopyColumns columns)
      : options_(std::move(options)), columns_(std::move(columns)) {}
  void feed(std::string_view bytes, const Sink& sink) override;
  void finish(const Sink& sink) override;
  [[nodiscard]] std::uint64_t line() const override { return line_; }
  [[nodiscard]] std::string_view text() const override { return text_; }

 private:
  enum class LineEnd : std::uint8_t { Unknown, Newline, CarriageReturn, Both };
  /// Position just after the line that starts at `start`, with its length without the line end;
  /// nullopt if it is not complete.
  struct Line {
    std::size_t length;
    std::size_t next;
  };
  std::optional<Line> find_line(std::size_t start, bool is_last);
  void take_line(std::string_view line, const Sink& sink);
  void check_header();
  void split_text(std::string_view line);
  void split_csv(std::string_view line);
  void unescape_text(std::string_view raw);
  void add_field(std::size_t start, bool is_null);
  void resolve_fields();

  CopyOptions options_;
  CopyColumns columns_;
  std::string buffer_;       ///< bytes not yet cut into lines
  std::size_t scanned_ = 0;  ///< of the current line, looked at without finding its end
  bool in_quotes_ = false;   ///< CSV: state of the scan at scanned_
  bool escaped_ = false;
  LineEnd line_end_ = LineEnd::Unknown;
  bool is_done_ = false;  ///< \. was read
  std::uint64_t line_ = 0;
  std::string_view text_;
  std::string scratch_;  ///< unescaped bytes of the row's fields
  struct FieldRange {
    std::size_t start;
    std::size_t size;
    bool is_null;
  };
  std::vector<FieldRange> ranges_;
  std::vector<std::optional<std::string_view>> fields_;
};

}  // namespace omen::sql
