#include "engine/storage/row_format.h"

#include <catch2/catch.hpp>
#include <vector>

namespace omen::engine {
namespace {

Datum number(std::uint64_t bits) {
  return {.null = false, .bits = bits, .bytes = {}};
}

}  // namespace

TEST_CASE("rows older than a column have the value their table says, later ones their own") {
  const std::vector<PhysicalType> before = {PhysicalType::Int32};
  const std::vector<PhysicalType> after = {PhysicalType::Int32, PhysicalType::Int64,
                                           PhysicalType::Bytes, PhysicalType::Int32};
  const RowLayout old_layout(before);
  RowLayout layout(after);
  const std::string seven("\x07\0\0\0\0\0\0\0", 8);
  layout.set_missing(1, seven);
  layout.set_missing(2, "default");
  RowBuilder old_builder(old_layout);
  old_builder.begin();
  old_builder.set(0, number(1));
  const std::string old_row(old_builder.finish());

  const RowView old_view = RowView::parse(layout, old_row).value();
  CHECK(old_view.datum(0).bits == 1);
  CHECK_FALSE(old_view.is_null(1));
  CHECK(old_view.datum(1).bits == 7);
  CHECK(old_view.datum(2).bytes == "default");
  CHECK_FALSE(old_view.is_wide(2));
  CHECK(old_view.is_null(3));

  RowBuilder builder(layout);
  builder.begin();
  builder.set(0, number(2));
  builder.set(2, {.null = false, .bits = 0, .bytes = "own"});
  const std::string row(builder.finish());
  const RowView view = RowView::parse(layout, row).value();
  CHECK(view.is_null(1));
  CHECK(view.datum(2).bytes == "own");
}

}  // namespace omen::engine
