#include "server/session/row_encoder.h"

#include <fmt/format.h>

#include "sql/types/type_io.h"

namespace omen::server {
namespace {

void write_row(const engine::ColumnBatch& batch, std::size_t row,
               const std::vector<sql::ResultColumn>& columns, std::span<const Format> formats,
               const sql::EvalContext& context, protocol::RowWriter& writer, std::string& out) {
  writer.begin_row(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const engine::ColumnVector& column = batch.column(i);
    if (column.is_null(row)) {
      writer.write_null();
      continue;
    }
    writer.begin_value();
    if (!formats.empty() && formats[i] == Format::Binary) {
      sql::append_binary(columns[i].type_oid, column, row, context, out);
    } else {
      sql::append_text(columns[i].type_oid, column, row, context, out);
    }
    writer.end_value();
  }
  writer.end_row();
}

}  // namespace

void spread_formats(std::span<const std::int16_t> codes, std::size_t count,
                    std::vector<Format>& formats) {
  formats.assign(count, Format::Text);
  for (std::size_t i = 0; i < count && !codes.empty(); ++i) {
    const std::int16_t code = codes.size() == 1 ? codes[0] : codes[i];
    if (code != 0 && code != 1) {
      throw sql::SqlError(sql::sqlstate::kInvalidParameterValue,
                          fmt::format("unsupported format code: {}", code));
    }
    formats[i] = static_cast<Format>(code);
  }
}

void write_row_description(const std::vector<sql::ResultColumn>& columns,
                           std::span<const Format> formats, std::string& out) {
  protocol::ByteWriter writer(out);
  const std::size_t mark =
      writer.begin_message(static_cast<char>(protocol::BackendType::RowDescription));
  writer.write_u16(static_cast<std::uint16_t>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const sql::ResultColumn& column = columns[i];
    encode(protocol::FieldDescription{.name = column.name,
                                      .table_oid = column.table_oid,
                                      .column_number = column.column_number,
                                      .type_oid = column.type_oid,
                                      .type_length = column.type_length,
                                      .type_modifier = column.type_modifier,
                                      .format = static_cast<std::int16_t>(
                                          formats.empty() ? Format::Text : formats[i])},
           writer);
  }
  writer.end_message(mark);
}

std::size_t write_rows(const engine::ColumnBatch& batch, std::size_t first, std::size_t last,
                       const std::vector<sql::ResultColumn>& columns,
                       std::span<const Format> formats, const sql::EvalContext& context,
                       std::size_t size_max, std::string& out) {
  protocol::RowWriter writer(out);
  std::size_t row = first;
  for (; row < last && out.size() < size_max; ++row) {
    const std::size_t size_before = out.size();
    try {
      write_row(batch, row, columns, formats, context, writer, out);
    } catch (...) {
      out.resize(size_before);
      throw;
    }
  }
  return row;
}

}  // namespace omen::server
