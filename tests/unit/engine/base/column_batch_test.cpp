#include "engine/base/column_batch.h"

#include <catch2/catch.hpp>
#include <stdexcept>

using omen::engine::ColumnVector;
using omen::engine::PhysicalType;
using omen::engine::Value;

TEST_CASE("a column copies bytes appended to it and keeps nulls") {
  ColumnVector source(PhysicalType::Bytes);
  source.reset(PhysicalType::Bytes, 2);
  source.set_bytes(0, "first");
  source.set_null(1);
  ColumnVector target(PhysicalType::Bytes);
  target.reset(PhysicalType::Bytes, 0);
  target.append_copy(source, 0);
  target.append_copy(source, 1);
  source.reset(PhysicalType::Bytes, 0);
  REQUIRE(target.size() == 2);
  CHECK(target.bytes(0) == "first");
  CHECK(target.is_null(1));
  CHECK_FALSE(target.is_null(0));
}

TEST_CASE("a constant column stands for every row and survives gather") {
  ColumnVector constant;
  constant.reset_constant(PhysicalType::Int32, 10);
  constant.values<std::int32_t>()[0] = 7;
  ColumnVector gathered;
  const std::uint32_t rows[] = {1, 5};
  gathered.gather(constant, rows);
  CHECK(gathered.size() == 2);
  CHECK(gathered.value(1) == Value(std::int32_t{7}));
}

TEST_CASE("a column used with a type of another width throws and keeps its values") {
  ColumnVector column(PhysicalType::Int32);
  column.reset(PhysicalType::Int32, 1);
  column.values<std::int32_t>()[0] = 7;
  CHECK_THROWS_AS(column.values<std::int64_t>(), std::logic_error);
  CHECK_THROWS_AS(column.bytes(0), std::logic_error);
  ColumnVector wide(PhysicalType::Int64);
  CHECK_THROWS_AS(wide.append_copy(column, 0), std::logic_error);
  CHECK(column.values<std::int32_t>()[0] == 7);
}
