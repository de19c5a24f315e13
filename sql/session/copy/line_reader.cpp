#include "sql/session/copy/line_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/session/encoding.h"

namespace omen::sql {
namespace {

constexpr std::size_t kLineBytesMax = std::size_t{1} << 30;

SqlError bad_format(std::string message) {
  return {sqlstate::kBadCopyFileFormat, std::move(message)};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}

char plain_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return c;
  }
}

}  // namespace

// The end of a line is a newline, a carriage return or both, as the first line had it. In text a
// backslash hides the byte after it, in CSV quotes hide everything between them.
std::optional<LineReader::Line> LineReader::find_line(std::size_t start, bool is_last) {
  const bool is_csv = options_.format == CopyFormat::Csv;
  std::size_t i = start + scanned_;
  for (; i < buffer_.size(); ++i) {
    const char c = buffer_[i];
    if (escaped_) {
      escaped_ = false;
      continue;
    }
    if (is_csv) {
      if (in_quotes_ && c == options_.escape && options_.escape != options_.quote) {
        escaped_ = true;
        continue;
      }
      if (c == options_.quote) {
        in_quotes_ = !in_quotes_;
        continue;
      }
      if (in_quotes_) {
        continue;
      }
    } else if (c == '\\') {
      escaped_ = true;
      continue;
    }
    if (c == '\r' && line_end_ != LineEnd::Newline) {
      if (line_end_ == LineEnd::CarriageReturn) {
        break;
      }
      if (i + 1 == buffer_.size() && !is_last) {
        scanned_ = i - start;
        return std::nullopt;  // a newline may follow
      }
      const bool has_newline = i + 1 < buffer_.size() && buffer_[i + 1] == '\n';
      if (line_end_ == LineEnd::Unknown) {
        line_end_ = has_newline ? LineEnd::Both : LineEnd::CarriageReturn;
      }
      if (line_end_ == LineEnd::Both && !has_newline) {
        throw bad_format(is_csv ? "unquoted carriage return found in data"
                                : "literal carriage return found in data")
            .hint(is_csv ? "Use quoted CSV field to represent carriage return."
                         : "Use \"\\r\" to represent carriage return.");
      }
      break;
    }
    if (c == '\r') {
      throw bad_format(is_csv ? "unquoted carriage return found in data"
                              : "literal carriage return found in data")
          .hint(is_csv ? "Use quoted CSV field to represent carriage return."
                       : "Use \"\\r\" to represent carriage return.");
    }
    if (c == '\n') {
      if (line_end_ == LineEnd::CarriageReturn || line_end_ == LineEnd::Both) {
        throw bad_format(is_csv ? "unquoted newline found in data"
                                : "literal newline found in data")
            .hint(is_csv ? "Use quoted CSV field to represent newline."
                         : "Use \"\\n\" to represent newline.");
      }
      line_end_ = LineEnd::Newline;
      break;
    }
  }
  if (i >= buffer_.size()) {
    if (!is_last || start == buffer_.size()) {
      scanned_ = i - start;
      if (scanned_ > kLineBytesMax) {
        throw SqlError(sqlstate::kProgramLimitExceeded, "COPY line is too long");
      }
      return std::nullopt;
    }
    return Line{.length = buffer_.size() - start, .next = buffer_.size()};
  }
  const std::size_t end_size = line_end_ == LineEnd::Both ? 2 : 1;
  return Line{.length = i - start, .next = i + end_size};
}

void LineReader::feed(std::string_view bytes, const Sink& sink) {
  if (is_done_) {
    return;
  }
  buffer_.append(bytes);
  std::size_t start = 0;
  while (const std::optional<Line> line = find_line(start, false)) {
    scanned_ = 0;
    take_line(std::string_view(buffer_).substr(start, line->length), sink);
    start = line->next;
    if (is_done_) {
      buffer_.clear();
      return;
    }
  }
  text_ = {};
  buffer_.erase(0, start);
}

void LineReader::finish(const Sink& sink) {
  if (is_done_) {
    return;
  }
  std::size_t start = 0;
  while (const std::optional<Line> line = find_line(start, true)) {
    if (in_quotes_) {
      ++line_;
      text_ = std::string_view(buffer_).substr(start);
      throw bad_format("unterminated CSV quoted field");
    }
    scanned_ = 0;
    escaped_ = false;
    take_line(std::string_view(buffer_).substr(start, line->length), sink);
    start = line->next;
    if (is_done_) {
      break;
    }
  }
  text_ = {};
  buffer_.clear();
}

void LineReader::take_line(std::string_view line, const Sink& sink) {
  ++line_;
  text_ = line;
  if (line == "\\.") {
    is_done_ = true;
    return;
  }
  check_utf8(line);
  scratch_.clear();
  ranges_.clear();
  if (options_.format == CopyFormat::Csv) {
    split_csv(line);
  } else {
    split_text(line);
  }
  resolve_fields();
  if (line_ == 1 && options_.header != CopyHeader::None) {
    check_header();
    return;
  }
  sink({.line = line_, .text = line, .fields = fields_});
}

void LineReader::check_header() {
  if (options_.header != CopyHeader::Match) {
    return;
  }
  if (fields_.size() != columns_.names.size()) {
    throw bad_format(fmt::format("wrong number of fields in header line: got {}, expected {}",
                                 fields_.size(), columns_.names.size()));
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const std::string& expected = columns_.names[i];
    if (!fields_[i]) {
      throw bad_format(
          fmt::format("column name mismatch in header line field {}: got null value (\"{}\"), "
                      "expected \"{}\"",
                      i + 1, options_.null_text, expected));
    }
    if (*fields_[i] != expected) {
      throw bad_format(
          fmt::format("column name mismatch in header line field {}: got \"{}\", expected \"{}\"",
                      i + 1, *fields_[i], expected));
    }
  }
}

void LineReader::add_field(std::size_t start, bool is_null) {
  ranges_.push_back({start, scratch_.size() - start, is_null});
}

void LineReader::resolve_fields() {
  fields_.clear();
  for (const FieldRange& range : ranges_) {
    if (range.is_null) {
      fields_.emplace_back(std::nullopt);
    } else {
      fields_.emplace_back(std::string_view(scratch_).substr(range.start, range.size));
    }
  }
}

void LineReader::split_text(std::string_view line) {
  std::size_t start = 0;
  for (;;) {
    std::size_t end = start;
    while (end < line.size() && line[end] != options_.delimiter) {
      end += line[end] == '\\' && end + 1 < line.size() ? 2 : 1;
    }
    const std::string_view raw = line.substr(start, end - start);
    const std::size_t begin = scratch_.size();
    const bool is_null = raw == options_.null_text;
    if (!is_null) {
      unescape_text(raw);
    }
    add_field(begin, is_null);
    if (end >= line.size()) {
      return;
    }
    start = end + 1;
  }
}

void LineReader::unescape_text(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) {
    scratch_ += raw;
    return;
  }
  const std::size_t begin = scratch_.size();
  bool made_bytes = false;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\' || i + 1 == raw.size()) {
      scratch_ += raw[i];
      continue;
    }
    const char c = raw[++i];
    if (is_octal(c)) {
      int value = c - '0';
      for (int digits = 1; digits < 3 && i + 1 < raw.size() && is_octal(raw[i + 1]); ++digits) {
        value = value * 8 + (raw[++i] - '0');
      }
      scratch_ += static_cast<char>(value & 0xFF);
      made_bytes = true;
    } else if (c == 'x' && i + 1 < raw.size() && hex_digit(raw[i + 1]) >= 0) {
      int value = hex_digit(raw[++i]);
      if (i + 1 < raw.size() && hex_digit(raw[i + 1]) >= 0) {
        value = value * 16 + hex_digit(raw[++i]);
      }
      scratch_ += static_cast<char>(value);
      made_bytes = true;
    } else {
      scratch_ += plain_escape(c);
    }
  }
  if (made_bytes) {
    check_utf8(std::string_view(scratch_).substr(begin));
  }
}

void LineReader::split_csv(std::string_view line) {
  std::size_t i = 0;
  for (std::size_t number = 0;; ++number) {
    const std::size_t begin = scratch_.size();
    bool was_quoted = false;
    bool in_quotes = false;
    while (i < line.size()) {
      const char c = line[i];
      if (in_quotes) {
        const bool escapes = c == options_.escape && i + 1 < line.size() &&
                             (line[i + 1] == options_.quote || line[i + 1] == options_.escape);
        if (escapes) {
          scratch_ += line[i + 1];
          i += 2;
        } else if (c == options_.quote) {
          in_quotes = false;
          ++i;
        } else {
          scratch_ += c;
          ++i;
        }
      } else if (c == options_.delimiter) {
        break;
      } else if (c == options_.quote) {
        in_quotes = true;
        was_quoted = true;
        ++i;
      } else {
        scratch_ += c;
        ++i;
      }
    }
    const bool looks_null = std::string_view(scratch_).substr(begin) == options_.null_text;
    const bool force_null = number < columns_.force_null.size() && columns_.force_null[number];
    const bool force_not_null =
        number < columns_.force_not_null.size() && columns_.force_not_null[number];
    const bool is_null = looks_null && (was_quoted ? force_null : !force_not_null);
    add_field(begin, is_null);
    if (i >= line.size()) {
      return;
    }
    ++i;
  }
}

}  // namespace omen::sql
