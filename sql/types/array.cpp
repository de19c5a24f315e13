#include "sql/types/array.h"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

#include "sql/error/sql_error.h"
#include "sql/types/record.h"
#include "sql/types/text.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

constexpr std::int32_t kNullSize = -1;

template <typename T>
void append_raw(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T take_raw(std::string_view& bytes) {
  if (bytes.size() < sizeof(T)) {
    internal_error("malformed array value");
  }
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

}  // namespace

ArrayView::ArrayView(std::string_view bytes) {
  element_type_ = take_raw<Oid>(bytes);
  dimensions_.resize(take_raw<std::uint32_t>(bytes));
  if (dimensions_.size() > kArrayDimensionsMax) {
    internal_error("malformed array value");
  }
  for (ArrayDimension& dimension : dimensions_) {
    dimension.length = take_raw<std::int32_t>(bytes);
    dimension.lower_bound = take_raw<std::int32_t>(bytes);
  }
  const auto count = take_raw<std::uint64_t>(bytes);
  if (count > bytes.size() / sizeof(std::int32_t)) {
    internal_error("malformed array value");
  }
  std::string_view sizes = bytes.substr(0, count * sizeof(std::int32_t));
  std::string_view content = bytes.substr(sizes.size());
  elements_.reserve(count);
  while (!sizes.empty()) {
    const auto size = take_raw<std::int32_t>(sizes);
    if (size < 0) {
      elements_.emplace_back();
      continue;
    }
    if (content.size() < static_cast<std::size_t>(size)) {
      internal_error("malformed array value");
    }
    elements_.emplace_back(content.substr(0, static_cast<std::size_t>(size)));
    content.remove_prefix(static_cast<std::size_t>(size));
  }
}

void ArrayBuilder::add_bytes(std::string_view raw) {
  size_bytes_ += raw.size() + sizeof(std::int32_t);
  if (size_bytes_ > kValueBytesMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded,
                   fmt::format("array size exceeds the maximum allowed ({})", kValueBytesMax));
  }
  elements_.emplace_back(std::string(raw));
}

void ArrayBuilder::add(const engine::ColumnVector& column, std::size_t row) {
  if (column.is_null(row)) {
    add_null();
  } else {
    add_bytes(raw_value(column, row));
  }
}

void ArrayBuilder::add(const engine::Value& value) {
  std::visit(
      [this]<typename T>(const T& content) {
        if constexpr (std::is_same_v<T, std::monostate>) {
          add_null();
        } else if constexpr (std::is_same_v<T, std::string>) {
          add_bytes(content);
        } else if constexpr (std::is_same_v<T, bool>) {
          add_bytes(content ? std::string_view("\x01", 1) : std::string_view("\0", 1));
        } else {
          add_bytes({reinterpret_cast<const char*>(&content), sizeof content});
        }
      },
      value);
}

std::string ArrayBuilder::finish() const {
  if (elements_.empty()) {
    return finish({});
  }
  return finish({{static_cast<std::int32_t>(elements_.size()), 1}});
}

std::string ArrayBuilder::finish(const std::vector<ArrayDimension>& dimensions) const {
  std::string bytes;
  append_raw(element_type_, bytes);
  append_raw(static_cast<std::uint32_t>(dimensions.size()), bytes);
  for (const ArrayDimension& dimension : dimensions) {
    append_raw(dimension.length, bytes);
    append_raw(dimension.lower_bound, bytes);
  }
  append_raw(std::uint64_t{elements_.size()}, bytes);
  for (const std::optional<std::string>& element : elements_) {
    append_raw(element ? static_cast<std::int32_t>(element->size()) : kNullSize, bytes);
  }
  for (const std::optional<std::string>& element : elements_) {
    if (element) {
      bytes.append(*element);
    }
  }
  return bytes;
}

void unpack_array(const ArrayView& array, engine::ColumnVector& out) {
  out.reset(type_info(array.element_type()).physical, array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      out.set_null(i);
    } else {
      set_raw_value(out, i, array.element(i));
    }
  }
}

std::size_t array_element_count(const std::vector<ArrayDimension>& dimensions) {
  std::size_t count = dimensions.empty() ? 0 : 1;
  for (const ArrayDimension& dimension : dimensions) {
    count *= static_cast<std::size_t>(dimension.length);
    if (count > kArrayElementsMax) {
      throw SqlError(sqlstate::kProgramLimitExceeded,
                     "array size exceeds the maximum allowed (134217727)");
    }
  }
  return count;
}

Oid array_type_of(Oid element_type) {
  const Oid array = type_info(element_type).array_oid;
  if (array == 0) {
    throw SqlError(sqlstate::kUndefinedObject,
                   "could not find array type for data type " + format_type({element_type, -1}));
  }
  return array;
}

}  // namespace omen::sql
