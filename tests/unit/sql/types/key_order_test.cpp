#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/base/vector_forms.h"
#include "engine/index/key_encoding.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type_io.h"

/// The engine encodes index keys by what values mean, sql/ compares the values: both must agree.
namespace omen::sql {
namespace {

static_assert(type_oid::kBit == engine::vector_type::kBit);
static_assert(type_oid::kVarbit == engine::vector_type::kVarbit);
static_assert(type_oid::kVector == engine::vector_type::kVector);
static_assert(type_oid::kHalfvec == engine::vector_type::kHalfvec);
static_assert(type_oid::kSparsevec == engine::vector_type::kSparsevec);

int sign(int order) {
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

void check_agreement(Oid type, const std::vector<std::string>& texts) {
  const EvalContext context;
  engine::ColumnVector column;
  column.reset(PhysicalType::Bytes, texts.size());
  std::vector<std::string> keys(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const engine::Value value = text_to_value({type, -1}, texts[i], context);
    column.set_value(i, value);
    engine::append_key_column(keys[i], PhysicalType::Bytes, engine::datum_of(value),
                              {.form = engine::key_form_of(type)});
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t j = 0; j < texts.size(); ++j) {
      CAPTURE(texts[i], texts[j]);
      CHECK(sign(keys[i].compare(keys[j])) == sign(compare_values(type, column, i, column, j)));
      CHECK((i == j || !keys[i].starts_with(keys[j]) || keys[i] == keys[j]));
    }
  }
}

}  // namespace

TEST_CASE("keys of dense vectors sort as the vectors do") {
  const std::vector<std::string> texts = {"[0]",    "[-0]",    "[1]",       "[-1]",  "[1,2]",
                                          "[1,-2]", "[1,0,0]", "[1e-7,-3]", "[2]",   "[-2,9]",
                                          "[256]",  "[255.5]", "[65504,1]", "[0,0]", "[0,-1]"};
  check_agreement(type_oid::kVector, texts);
  check_agreement(type_oid::kHalfvec, texts);
}

TEST_CASE("keys of bit strings sort as the strings do") {
  check_agreement(type_oid::kVarbit,
                  {"", "0", "1", "10", "01", "00000000", "000000000", "100000000", "11111111",
                   "111111111", "1111111101", "x00", "x0000"});
}

TEST_CASE("keys of sparse vectors sort as the vectors do") {
  check_agreement(type_oid::kSparsevec,
                  {"{}/1", "{}/2", "{}/5", "{1:1}/1", "{1:-1}/1", "{1:1}/2", "{2:1}/2", "{2:-1}/2",
                   "{1:1,2:-1}/3", "{1:1,3:-1}/3", "{3:1}/5", "{3:-1}/5", "{3:-1}/3", "{1:2,5:1}/5",
                   "{1:2,5:-1}/9", "{9:1}/9", "{1:-1,2:1}/2", "{1:-1}/2"});
}

}  // namespace omen::sql
