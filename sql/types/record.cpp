#include "sql/types/record.h"

#include <algorithm>
#include <cstring>

#include "sql/error/sql_error.h"
#include "sql/types/type_codec.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

using engine::ColumnVector;

constexpr std::int32_t kNullSize = -1;

template <typename T>
void append_raw(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T read_raw(std::string_view bytes, std::size_t at) {
  if (at + sizeof(T) > bytes.size()) {
    internal_error("malformed record value");
  }
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void fill_column(const RecordField& field, ColumnVector& column) {
  column.reset(type_info(field.type).physical, 1);
  set_raw_value(column, 0, field.raw);
}

engine::Value input(const Type& /*type*/, std::string_view /*text*/,
                    const EvalContext& /*context*/) {
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "input of anonymous composite types is not implemented");
}

engine::Value receive(const Type& /*type*/, BinaryReader& /*reader*/,
                      const EvalContext& /*context*/) {
  throw SqlError(sqlstate::kFeatureNotSupported,
                 "input of anonymous composite types is not implemented");
}

bool needs_quotes(std::string_view text) {
  return text.empty() || std::ranges::any_of(text, [](char c) {
           return c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || is_space(c);
         });
}

void output(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& context,
            std::string& out) {
  out.push_back('(');
  bool first = true;
  ColumnVector value;
  std::string text;
  for (const RecordField& field : record_fields(column.bytes(row))) {
    if (!first) {
      out.push_back(',');
    }
    first = false;
    if (field.is_null) {
      continue;
    }
    fill_column(field, value);
    text.clear();
    append_text(field.type, value, 0, context, text);
    if (!needs_quotes(text)) {
      out.append(text);
      continue;
    }
    out.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out.push_back(c);
      }
      out.push_back(c);
    }
    out.push_back('"');
  }
  out.push_back(')');
}

void send(Oid /*type*/, const ColumnVector& column, std::size_t row, const EvalContext& context,
          std::string& out) {
  const std::vector<RecordField> fields = record_fields(column.bytes(row));
  append_big_endian(static_cast<std::uint32_t>(fields.size()), out);
  ColumnVector value;
  std::string bytes;
  for (const RecordField& field : fields) {
    append_big_endian(field.type, out);
    if (field.is_null) {
      append_big_endian(kNullSize, out);
      continue;
    }
    fill_column(field, value);
    bytes.clear();
    append_binary(field.type, value, 0, context, bytes);
    append_big_endian(static_cast<std::uint32_t>(bytes.size()), out);
    out.append(bytes);
  }
}

/// NULL sorts last, as in a btree; two NULLs are equal.
int compare(Oid /*type*/, const ColumnVector& a, std::size_t a_row, const ColumnVector& b,
            std::size_t b_row) {
  const std::vector<RecordField> left = record_fields(a.bytes(a_row));
  const std::vector<RecordField> right = record_fields(b.bytes(b_row));
  if (left.size() != right.size()) {
    throw SqlError(sqlstate::kDatatypeMismatch,
                   "cannot compare record types with different numbers of columns");
  }
  ColumnVector left_value;
  ColumnVector right_value;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].type != right[i].type) {
      throw SqlError(sqlstate::kDatatypeMismatch, "cannot compare dissimilar column types " +
                                                      format_type({left[i].type, -1}) + " and " +
                                                      format_type({right[i].type, -1}) +
                                                      " at record column " + std::to_string(i + 1));
    }
    if (left[i].is_null || right[i].is_null) {
      if (left[i].is_null != right[i].is_null) {
        return left[i].is_null ? 1 : -1;
      }
      continue;
    }
    fill_column(left[i], left_value);
    fill_column(right[i], right_value);
    if (const int order = compare_values(left[i].type, left_value, 0, right_value, 0); order != 0) {
      return order;
    }
  }
  return 0;
}

std::uint64_t hash(Oid /*type*/, const ColumnVector& column, std::size_t row) {
  std::uint64_t state = 0;
  ColumnVector value;
  for (const RecordField& field : record_fields(column.bytes(row))) {
    std::uint64_t part = 0;
    if (!field.is_null) {
      fill_column(field, value);
      part = hash_value(field.type, value, 0);
    }
    state = hash_integer(state * 31 + part);
  }
  return state;
}

constexpr TypeCodec kCodecs[] = {{type_oid::kRecord, input, output, receive, send, compare, hash}};

}  // namespace

const std::span<const TypeCodec> kRecordCodecs = kCodecs;

void RecordBuilder::add(Oid type, const ColumnVector& column, std::size_t row) {
  append_raw(type, headers_);
  ++count_;
  if (column.is_null(row)) {
    append_raw(kNullSize, headers_);
    return;
  }
  const std::string_view raw = raw_value(column, row);
  append_raw(static_cast<std::int32_t>(raw.size()), headers_);
  fields_.append(raw);
}

std::string RecordBuilder::finish() const {
  std::string record;
  append_raw(count_, record);
  return record + headers_ + fields_;
}

std::vector<RecordField> record_fields(std::string_view bytes) {
  const auto count = read_raw<std::uint32_t>(bytes, 0);
  std::vector<RecordField> fields;
  std::size_t at = 4 + std::size_t{count} * 8;
  for (std::size_t i = 0; i < count; ++i) {
    const auto size = read_raw<std::int32_t>(bytes, 8 + i * 8);
    RecordField field{.type = read_raw<Oid>(bytes, 4 + i * 8), .is_null = size < 0, .raw = {}};
    if (size > 0) {
      if (at + static_cast<std::size_t>(size) > bytes.size()) {
        internal_error("malformed record value");
      }
      field.raw = bytes.substr(at, static_cast<std::size_t>(size));
      at += field.raw.size();
    }
    fields.push_back(field);
  }
  return fields;
}

std::string_view raw_value(const ColumnVector& column, std::size_t row) {
  const std::size_t i = column.index(row);
  const auto fixed = [i]<typename T>(std::span<const T> values) {
    return std::string_view(reinterpret_cast<const char*>(&values[i]), sizeof(T));
  };
  switch (width_bytes(column.type())) {
    case 1:
      return fixed(column.values<std::uint8_t>());
    case 2:
      return fixed(column.values<std::uint16_t>());
    case 4:
      return fixed(column.values<std::uint32_t>());
    case 8:
      return fixed(column.values<std::uint64_t>());
    default:
      return column.bytes(row);
  }
}

void set_raw_value(ColumnVector& column, std::size_t row, std::string_view raw) {
  const std::size_t width = width_bytes(column.type());
  if (is_bytes(column.type())) {
    column.values<std::string_view>()[row] = raw;
    return;
  }
  if (raw.size() != width) {
    internal_error("value of another width");
  }
  const auto store = [&]<typename T>(std::span<T> values) {
    std::memcpy(&values[row], raw.data(), sizeof(T));
  };
  switch (width) {
    case 1:
      store(column.values<std::uint8_t>());
      break;
    case 2:
      store(column.values<std::uint16_t>());
      break;
    case 4:
      store(column.values<std::uint32_t>());
      break;
    default:
      store(column.values<std::uint64_t>());
      break;
  }
}

}  // namespace omen::sql
