#include "sql/exec/row_store.h"

#include <catch2/catch.hpp>
#include <string>

namespace omen::sql {
namespace {

using engine::PhysicalType;

/// Rows (i, "value i" or NULL for every third) from `first` on.
void fill(engine::ColumnBatch& batch, std::int32_t first, std::size_t count) {
  const PhysicalType types[] = {PhysicalType::Int32, PhysicalType::Bytes};
  batch.reset(types);
  batch.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int32_t number = first + static_cast<std::int32_t>(i);
    batch.column(0).values<std::int32_t>()[i] = number;
    if (number % 3 == 0) {
      batch.column(1).set_null(i);
    } else {
      batch.column(1).set_bytes(i, "value " + std::to_string(number));
    }
  }
}

void require_all(const RowStore& store, std::int32_t row_count) {
  RowStore::Reader reader;
  engine::ColumnBatch batch;
  std::int32_t expected = 0;
  while (store.read(reader, batch)) {
    for (std::size_t i = 0; i < batch.row_count(); ++i, ++expected) {
      REQUIRE(batch.column(0).values<std::int32_t>()[i] == expected);
      REQUIRE(batch.column(1).is_null(i) == (expected % 3 == 0));
      if (expected % 3 != 0) {
        REQUIRE(batch.column(1).bytes(i) == "value " + std::to_string(expected));
      }
    }
  }
  REQUIRE(expected == row_count);
}

}  // namespace

TEST_CASE("A row store gives back what was appended, from memory and from disk") {
  const std::size_t limit_bytes = GENERATE(std::size_t{0}, std::size_t{1} << 30);
  engine::Budget budget(limit_bytes);
  {
    RowStore store({PhysicalType::Int32, PhysicalType::Bytes}, &budget);
    engine::ColumnBatch batch;
    for (std::int32_t first = 0; first < 30'000; first += 300) {
      fill(batch, first, 300);
      store.append(batch);
    }
    REQUIRE(store.row_count() == 30'000);
    require_all(store, 30'000);
    require_all(store, 30'000);
  }
  REQUIRE(budget.used_bytes() == 0);
}

TEST_CASE("A reader of a row store goes on where it stopped when rows are added") {
  RowStore store({PhysicalType::Int32, PhysicalType::Bytes}, nullptr);
  engine::ColumnBatch batch;
  engine::ColumnBatch out;
  RowStore::Reader reader;
  fill(batch, 0, 10);
  store.append(batch);
  REQUIRE(store.read(reader, out));
  REQUIRE(out.row_count() == 10);
  REQUIRE_FALSE(store.read(reader, out));
  fill(batch, 10, 5);
  store.append(batch);
  REQUIRE(store.read(reader, out));
  REQUIRE(out.row_count() == 5);
  REQUIRE(out.column(0).values<std::int32_t>()[0] == 10);
}

}  // namespace omen::sql
