#include "sql/exec/batch_util.h"

#include <array>
#include <vector>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

template <typename T>
void append_values(engine::ColumnVector& target, std::size_t at, const engine::ColumnVector& source,
                   std::span<const std::uint32_t> rows) {
  const std::span<const T> from = source.values<T>();
  const std::span<T> to = target.values<T>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    to[at + i] = from[source.index(rows[i])];
  }
}

void append_bytes(engine::ColumnVector& target, std::size_t at, const engine::ColumnVector& source,
                  std::span<const std::uint32_t> rows) {
  const std::span<const std::string_view> from = source.values<std::string_view>();
  const std::span<std::string_view> to = target.values<std::string_view>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = rows[i];
    to[at + i] =
        source.is_null(row) ? std::string_view() : target.arena().copy(from[source.index(row)]);
  }
}

constexpr auto kIota = [] {
  std::array<std::uint32_t, 4 * engine::kBatchRowsMax> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<std::uint32_t>(i);
  }
  return rows;
}();

}  // namespace

void append_rows(engine::ColumnVector& target, const engine::ColumnVector& source,
                 std::span<const std::uint32_t> rows) {
  const std::size_t at = target.size();
  target.resize(at + rows.size());
  switch (engine::width_bytes(target.type())) {
    case 1:
      append_values<std::uint8_t>(target, at, source, rows);
      break;
    case 2:
      append_values<std::uint16_t>(target, at, source, rows);
      break;
    case 4:
      append_values<std::uint32_t>(target, at, source, rows);
      break;
    case 8:
      append_values<std::uint64_t>(target, at, source, rows);
      break;
    default:
      append_bytes(target, at, source, rows);
      break;
  }
  if (source.has_nulls()) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (source.is_null(rows[i])) {
        target.set_null(at + i);
      }
    }
  }
}

void append_rows(engine::ColumnBatch& target, const engine::ColumnBatch& source,
                 std::span<const std::uint32_t> rows) {
  for (std::size_t i = 0; i < target.column_count(); ++i) {
    append_rows(target.column(i), source.column(i), rows);
  }
  target.set_row_count(target.row_count() + rows.size());
}

void append_all(engine::ColumnBatch& target, const engine::ColumnBatch& source) {
  append_rows(target, source, all_rows(source.row_count()));
}

void copy_as_constant(const engine::ColumnVector& source, std::size_t row,
                      engine::ColumnVector& target) {
  target.reset_constant(source.type(), 1);
  if (source.is_null(row)) {
    target.set_null(0);
    return;
  }
  const std::size_t from = source.index(row);
  switch (engine::width_bytes(source.type())) {
    case 1:
      target.values<std::uint8_t>()[0] = source.values<std::uint8_t>()[from];
      break;
    case 2:
      target.values<std::uint16_t>()[0] = source.values<std::uint16_t>()[from];
      break;
    case 4:
      target.values<std::uint32_t>()[0] = source.values<std::uint32_t>()[from];
      break;
    case 8:
      target.values<std::uint64_t>()[0] = source.values<std::uint64_t>()[from];
      break;
    default:
      target.set_bytes(0, source.bytes(row));
      break;
  }
}

void broadcast(const engine::ColumnVector& source, std::size_t row, std::size_t row_count,
               engine::ColumnVector& target) {
  target.reset_constant(source.type(), row_count);
  set_row(target, 0, source, row);
}

void fill_null(engine::ColumnVector& target, engine::PhysicalType type, std::size_t row_count) {
  target.reset_constant(type, row_count);
  target.set_null(0);
}

void set_row(engine::ColumnVector& target, std::size_t to, const engine::ColumnVector& source,
             std::size_t from) {
  if (source.is_null(from)) {
    target.set_null(to);
    return;
  }
  const std::size_t i = source.index(from);
  switch (engine::width_bytes(source.type())) {
    case 1:
      target.values<std::uint8_t>()[to] = source.values<std::uint8_t>()[i];
      break;
    case 2:
      target.values<std::uint16_t>()[to] = source.values<std::uint16_t>()[i];
      break;
    case 4:
      target.values<std::uint32_t>()[to] = source.values<std::uint32_t>()[i];
      break;
    case 8:
      target.values<std::uint64_t>()[to] = source.values<std::uint64_t>()[i];
      break;
    default:
      target.values<std::string_view>()[to] = source.values<std::string_view>()[i];
      break;
  }
}

void share_batch(engine::ColumnBatch& target, const engine::ColumnBatch& source) {
  std::array<engine::PhysicalType, 32> few{};
  std::vector<engine::PhysicalType> many;
  std::span<engine::PhysicalType> types;
  if (source.column_count() <= few.size()) {
    types = std::span(few).first(source.column_count());
  } else {
    many.resize(source.column_count());
    types = many;
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    types[i] = source.column(i).type();
  }
  target.reset(types);
  for (std::size_t i = 0; i < types.size(); ++i) {
    target.column(i).share(source.column(i));
  }
  target.set_row_count(source.row_count());
}

std::size_t batch_bytes(const engine::ColumnBatch& batch) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < batch.column_count(); ++i) {
    const engine::ColumnVector& column = batch.column(i);
    total += batch.row_count() * (engine::width_bytes(column.type()) + 1);
    if (engine::is_bytes(column.type())) {
      for (const std::string_view bytes : column.values<std::string_view>()) {
        total += bytes.size();
      }
    }
  }
  return total;
}

std::span<const std::uint32_t> all_rows(std::size_t count) {
  if (count <= kIota.size()) {
    return std::span(kIota).first(count);
  }
  thread_local std::vector<std::uint32_t> rows;
  for (std::size_t i = rows.size(); i < count; ++i) {
    rows.push_back(static_cast<std::uint32_t>(i));
  }
  return std::span(rows).first(count);
}

}  // namespace omen::sql
