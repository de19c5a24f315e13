#include "sql/exec/key.h"

#include <catch2/catch.hpp>

namespace omen::sql {
namespace {

using engine::PhysicalType;

/// 0, 1, ..., count - 1, modulo `modulus`; multiples of seven are NULL.
void fill(engine::ColumnVector& column, std::size_t count, std::int32_t modulus) {
  column.reset(PhysicalType::Int32, count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 7 == 0) {
      column.set_null(i);
    } else {
      column.values<std::int32_t>()[i] = static_cast<std::int32_t>(i) % modulus;
    }
  }
}

}  // namespace

TEST_CASE("A key table numbers distinct keys and takes NULL for one of them") {
  engine::ColumnVector column;
  fill(column, 5'000, 100);
  const engine::ColumnVector* const keys[] = {&column};
  const std::vector<Oid> types{type_oid::kInt4};
  std::vector<std::uint64_t> hashes;
  hash_keys(keys, types, column.size(), hashes);
  KeyTable table(types);
  for (std::size_t row = 0; row < column.size(); ++row) {
    bool inserted = false;
    const std::uint32_t number = table.insert(keys, row, hashes[row], inserted);
    REQUIRE(table.find(keys, row, hashes[row]) == number);
  }
  REQUIRE(table.size() == 101);
}

TEST_CASE("Rows are compared key by key, NULLs where each key wants them") {
  engine::ColumnVector column;
  fill(column, 8, 100);
  const engine::ColumnVector* const keys[] = {&column};
  const RowComparator last({{.type = type_oid::kInt4}});
  REQUIRE(last.compare(keys, 1, keys, 2) < 0);
  REQUIRE(last.compare(keys, 0, keys, 2) > 0);
  REQUIRE(last.compare(keys, 0, keys, 7) == 0);
  const RowComparator first({{.type = type_oid::kInt4, .descending = true, .nulls_first = true}});
  REQUIRE(first.compare(keys, 1, keys, 2) > 0);
  REQUIRE(first.compare(keys, 0, keys, 2) < 0);
}

TEST_CASE("Integers of different widths hash in the widest type") {
  OperatorDef equality;
  equality.name = "=";
  REQUIRE(hash_type_of(equality, {type_oid::kInt4, -1}, {type_oid::kInt8, -1}) == type_oid::kInt8);
  REQUIRE(hash_type_of(equality, {type_oid::kInt4, -1}, {type_oid::kText, -1}) == 0);
  engine::ColumnVector narrow;
  fill(narrow, 10, 100);
  engine::ColumnVector scratch;
  const engine::ColumnVector& wide = as_key(narrow, type_oid::kInt8, scratch);
  REQUIRE(wide.type() == PhysicalType::Int64);
  REQUIRE(wide.is_null(7));
  REQUIRE(wide.values<std::int64_t>()[3] == 3);
}

}  // namespace omen::sql
