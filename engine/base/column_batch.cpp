#include "engine/base/column_batch.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "engine/base/assert.h"

namespace omen::engine {

void ColumnVector::throw_width_mismatch() {
  throw std::logic_error("a column is used with a type of another width");
}

void ColumnVector::reset(PhysicalType type, std::size_t row_count) {
  type_ = type;
  constant_ = false;
  has_nulls_ = false;
  size_ = row_count;
  arena_.clear();
  data_.resize((row_count * width_bytes(type) + 7) / 8);
}

void ColumnVector::reset_constant(PhysicalType type, std::size_t row_count) {
  reset(type, 1);
  constant_ = true;
  size_ = row_count;
}

void ColumnVector::resize(std::size_t row_count) {
  size_ = row_count;
  if (constant_) {
    return;
  }
  data_.resize((row_count * width_bytes(type_) + 7) / 8);
  if (has_nulls_) {
    nulls_.resize(row_count, 0);
  }
}

void ColumnVector::set_null(std::size_t row) {
  if (!has_nulls_) {
    nulls_.assign(constant_ ? 1 : size_, 0);
    has_nulls_ = true;
  }
  nulls_[index(row)] = 1;
  if (is_bytes(type_)) {
    values<std::string_view>()[index(row)] = {};
  } else {
    std::memset(reinterpret_cast<char*>(data_.data()) + index(row) * width_bytes(type_), 0,
                width_bytes(type_));
  }
}

Value ColumnVector::value(std::size_t row) const {
  if (is_null(row)) {
    return {};
  }
  const std::size_t i = index(row);
  switch (type_) {
    case PhysicalType::Bool:
      return values<std::uint8_t>()[i] != 0;
    case PhysicalType::Int16:
      return values<std::int16_t>()[i];
    case PhysicalType::Int32:
      return values<std::int32_t>()[i];
    case PhysicalType::Int64:
      return values<std::int64_t>()[i];
    case PhysicalType::Float32:
      return values<float>()[i];
    case PhysicalType::Float64:
      return values<double>()[i];
    case PhysicalType::Bytes:
    case PhysicalType::Numeric:
      return std::string(values<std::string_view>()[i]);
  }
  return {};
}

void ColumnVector::set_value(std::size_t row, const Value& value) {
  if (engine::is_null(value)) {
    set_null(row);
    return;
  }
  switch (type_) {
    case PhysicalType::Bool:
      values<std::uint8_t>()[row] = std::get<bool>(value) ? 1 : 0;
      break;
    case PhysicalType::Int16:
      values<std::int16_t>()[row] = std::get<std::int16_t>(value);
      break;
    case PhysicalType::Int32:
      values<std::int32_t>()[row] = std::get<std::int32_t>(value);
      break;
    case PhysicalType::Int64:
      values<std::int64_t>()[row] = std::get<std::int64_t>(value);
      break;
    case PhysicalType::Float32:
      values<float>()[row] = std::get<float>(value);
      break;
    case PhysicalType::Float64:
      values<double>()[row] = std::get<double>(value);
      break;
    case PhysicalType::Bytes:
    case PhysicalType::Numeric:
      set_bytes(row, std::get<std::string>(value));
      break;
  }
}

void ColumnVector::gather(const ColumnVector& source, std::span<const std::uint32_t> rows) {
  if (source.constant_) {
    share(source);
    size_ = rows.size();
    return;
  }
  reset(source.type_, rows.size());
  auto copy = [&]<typename T>(T) {
    const std::span<const T> from = source.values<T>();
    const std::span<T> to = values<T>();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      to[i] = from[rows[i]];
    }
  };
  switch (width_bytes(type_)) {
    case 1:
      copy(std::uint8_t{});
      break;
    case 2:
      copy(std::uint16_t{});
      break;
    case 4:
      copy(std::uint32_t{});
      break;
    case 8:
      copy(std::uint64_t{});
      break;
    default:
      copy(std::string_view{});
      break;
  }
  if (source.has_nulls_) {
    has_nulls_ = true;
    nulls_.resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      nulls_[i] = source.nulls_[rows[i]];
    }
  }
}

void ColumnVector::append_copy(const ColumnVector& source, std::size_t row) {
  OMEN_ASSERT(!constant_, "append to a constant column");
  if (!source.is_null(row)) {
    source.require_width(width_bytes(type_));
  }
  const std::size_t at = size_;
  resize(size_ + 1);
  if (source.is_null(row)) {
    set_null(at);
    return;
  }
  if (is_bytes(type_)) {
    set_bytes(at, source.bytes(row));
    return;
  }
  const std::size_t width = width_bytes(type_);
  std::memcpy(reinterpret_cast<char*>(data_.data()) + at * width,
              reinterpret_cast<const char*>(source.data_.data()) + source.index(row) * width,
              width);
}

void ColumnVector::share(const ColumnVector& source) {
  arena_.clear();
  type_ = source.type_;
  constant_ = source.constant_;
  has_nulls_ = source.has_nulls_;
  size_ = source.size_;
  const std::size_t words = ((constant_ ? 1 : size_) * width_bytes(type_) + 7) / 8;
  data_.assign(source.data_.begin(), source.data_.begin() + static_cast<std::ptrdiff_t>(words));
  if (has_nulls_) {
    nulls_ = source.nulls_;
  }
}

void ColumnBatch::reset(std::span<const PhysicalType> types) {
  while (columns_.size() > types.size()) {
    columns_.pop_back();
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i == columns_.size()) {
      columns_.push_back(std::make_unique<ColumnVector>(types[i]));
    }
    columns_[i]->reset(types[i], 0);
  }
  row_count_ = 0;
}

void ColumnBatch::resize(std::size_t row_count) {
  for (auto& column : columns_) {
    column->resize(row_count);
  }
  row_count_ = row_count;
}

void ColumnBatch::truncate(std::size_t row_count) {
  if (row_count < row_count_) {
    resize(row_count);
  }
}

void ColumnBatch::clear() {
  for (auto& column : columns_) {
    column->reset(column->type(), 0);
  }
  row_count_ = 0;
}

void ColumnBatch::gather(const ColumnBatch& source, std::span<const std::uint32_t> rows) {
  columns_.resize(source.columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] == nullptr) {
      columns_[i] = std::make_unique<ColumnVector>();
    }
    columns_[i]->gather(source.column(i), rows);
  }
  row_count_ = rows.size();
}

void ColumnBatch::append_copy(const ColumnBatch& source, std::size_t row) {
  OMEN_ASSERT(columns_.size() == source.columns_.size(), "append from a batch of another shape");
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i]->append_copy(source.column(i), row);
  }
  ++row_count_;
}

}  // namespace omen::engine
