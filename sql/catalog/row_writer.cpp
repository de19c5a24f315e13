#include "sql/catalog/row_writer.h"

#include "sql/error/sql_error.h"
#include "sql/types/array.h"

namespace omen::sql {
namespace {

template <typename Stored, typename T>
std::string fixed_array(Oid element_type, std::span<const T> values, std::int32_t lower_bound) {
  ArrayBuilder builder(element_type);
  for (const T value : values) {
    const auto stored = static_cast<Stored>(value);
    builder.add_bytes({reinterpret_cast<const char*>(&stored), sizeof stored});
  }
  return values.empty() && lower_bound == 1
             ? builder.finish()
             : builder.finish({{static_cast<std::int32_t>(values.size()), lower_bound}});
}

}  // namespace

std::string int2_vector(std::span<const std::int16_t> values) {
  return fixed_array<std::int16_t>(type_oid::kInt2, values, 0);
}
std::string oid_vector(std::span<const Oid> values) {
  return fixed_array<std::int64_t>(type_oid::kOid, values, 0);
}
std::string int2_array(std::span<const std::int16_t> values) {
  return fixed_array<std::int16_t>(type_oid::kInt2, values, 1);
}
std::string int4_array(std::span<const std::int32_t> values) {
  return fixed_array<std::int32_t>(type_oid::kInt4, values, 1);
}
std::string float4_array(std::span<const float> values) {
  return fixed_array<float>(type_oid::kFloat4, values, 1);
}
std::string oid_array(std::span<const Oid> values) {
  return fixed_array<std::int64_t>(type_oid::kOid, values, 1);
}
std::string regtype_array(std::span<const Oid> values) {
  return fixed_array<std::int64_t>(type_oid::kRegtype, values, 1);
}

std::string text_array(std::span<const std::string> values) {
  ArrayBuilder builder(type_oid::kText);
  for (const std::string& value : values) {
    builder.add_bytes(value);
  }
  return builder.finish();
}

void RowWriter::put_number(engine::ColumnVector& column, double real, std::int64_t integer) {
  using engine::PhysicalType;
  switch (column.type()) {
    case PhysicalType::Int16:
      column.values<std::int16_t>()[row_] = static_cast<std::int16_t>(integer);
      return;
    case PhysicalType::Int32:
      column.values<std::int32_t>()[row_] = static_cast<std::int32_t>(integer);
      return;
    case PhysicalType::Int64:
      column.values<std::int64_t>()[row_] = integer;
      return;
    case PhysicalType::Float32:
      column.values<float>()[row_] = static_cast<float>(real);
      return;
    case PhysicalType::Float64:
      column.values<double>()[row_] = real;
      return;
    case PhysicalType::Bool:
    case PhysicalType::Bytes:
    case PhysicalType::Numeric:
      break;
  }
  internal_error("a number for a catalog column of another kind");
}

}  // namespace omen::sql
