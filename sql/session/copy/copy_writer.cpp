#include "sql/session/copy/copy_writer.h"

#include <cstdint>

#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr std::string_view kBinaryHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

void append_be16(std::uint16_t value, std::string& out) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xFF);
}

void put_be32(std::uint32_t value, char* out) {
  for (int i = 3; i >= 0; --i) {
    out[i] = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
}

char escape_letter(char c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    default:
      return '\0';
  }
}

}  // namespace

CopyWriter::CopyWriter(CopyOptions options, std::vector<std::string> names, std::vector<Type> types)
    : options_(std::move(options)),
      names_(std::move(names)),
      types_(std::move(types)),
      force_quote_(chosen_columns(options_.force_quote, names_, "FORCE_QUOTE")) {}

void CopyWriter::begin(std::vector<std::string>& rows) {
  needs_binary_header_ = options_.format == CopyFormat::Binary;
  if (options_.header == CopyHeader::None) {
    return;
  }
  std::string line;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (i > 0) {
      line += options_.delimiter;
    }
    if (options_.format == CopyFormat::Csv) {
      add_csv(names_[i], false, line);
    } else {
      add_text(names_[i], line);
    }
  }
  line += '\n';
  rows.push_back(std::move(line));
}

void CopyWriter::add_text(std::string_view value, std::string& out) const {
  for (const char c : value) {
    if (const char letter = escape_letter(c); letter != '\0') {
      out += '\\';
      out += letter;
    } else if (c == '\\' || c == options_.delimiter) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
}

void CopyWriter::add_csv(std::string_view value, bool force_quote, std::string& out) const {
  const bool is_end_marker = names_.size() == 1 && value == "\\.";
  const bool needs_quotes = force_quote || value == options_.null_text || is_end_marker ||
                            value.find(options_.delimiter) != std::string_view::npos ||
                            value.find(options_.quote) != std::string_view::npos ||
                            value.find_first_of("\r\n") != std::string_view::npos;
  if (!needs_quotes) {
    out += value;
    return;
  }
  out += options_.quote;
  for (const char c : value) {
    if (c == options_.quote || c == options_.escape) {
      out += options_.escape;
    }
    out += c;
  }
  out += options_.quote;
}

void CopyWriter::add_binary_row(const engine::ColumnBatch& batch, std::size_t row,
                                const EvalContext& context, std::string& out) {
  append_be16(static_cast<std::uint16_t>(types_.size()), out);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    const std::size_t size_at = out.size();
    out.append(4, '\377');  // -1: NULL
    if (!batch.column(i).is_null(row)) {
      append_binary(types_[i].oid, batch.column(i), row, context, out);
      put_be32(static_cast<std::uint32_t>(out.size() - size_at - 4), out.data() + size_at);
    }
  }
}

void CopyWriter::write(const engine::ColumnBatch& batch, const EvalContext& context,
                       std::vector<std::string>& rows) {
  for (std::size_t row = 0; row < batch.row_count(); ++row) {
    std::string line;
    if (options_.format == CopyFormat::Binary) {
      if (needs_binary_header_) {
        line = kBinaryHeader;
        needs_binary_header_ = false;
      }
      add_binary_row(batch, row, context, line);
      rows.push_back(std::move(line));
      continue;
    }
    for (std::size_t i = 0; i < types_.size(); ++i) {
      if (i > 0) {
        line += options_.delimiter;
      }
      if (batch.column(i).is_null(row)) {
        line += options_.null_text;
        continue;
      }
      scratch_.clear();
      append_text(types_[i].oid, batch.column(i), row, context, scratch_);
      if (options_.format == CopyFormat::Csv) {
        add_csv(scratch_, force_quote_[i], line);
      } else {
        add_text(scratch_, line);
      }
    }
    line += '\n';
    rows.push_back(std::move(line));
  }
}

void CopyWriter::end(std::vector<std::string>& rows) {
  if (options_.format != CopyFormat::Binary) {
    return;
  }
  std::string trailer;
  if (needs_binary_header_) {
    trailer = kBinaryHeader;
    needs_binary_header_ = false;
  }
  trailer.append(2, '\377');
  rows.push_back(std::move(trailer));
}

}  // namespace omen::sql
