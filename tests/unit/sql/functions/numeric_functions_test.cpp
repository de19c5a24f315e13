#include <catch2/catch.hpp>

#include "tests/unit/sql/functions/evaluate.h"

namespace omen::sql {
namespace {

// clang-format off
const RecordedCall kCalls[] = {
    {"numeric_add(numeric,numeric)", {"1.50", "2.5"}, "4.00"},
    {"numeric_add(numeric,numeric)", {"Infinity", "-Infinity"}, "NaN"},
    {"numeric_sub(numeric,numeric)", {"0.1", "0.10"}, "0.00"},
    {"numeric_mul(numeric,numeric)", {"1.50", "-2.5"}, "-3.750"},
    {"numeric_mul(numeric,numeric)", {"Infinity", "0"}, "NaN"},
    {"numeric_div(numeric,numeric)", {"1", "3"}, "0.33333333333333333333"},
    {"numeric_div(numeric,numeric)", {"10", "4"}, "2.5000000000000000"},
    {"numeric_div(numeric,numeric)", {"1.00000", "3"}, "0.33333333333333333333"},
    {"numeric_div(numeric,numeric)", {"123456789012", "7"}, "17636684144.57142857"},
    {"numeric_div(numeric,numeric)", {"1", "123456789012"}, "0.0000000000081000000729226807"},
    {"numeric_div(numeric,numeric)", {"2", "0"}, "22012 division by zero"},
    {"numeric_div(numeric,numeric)", {"0", "7"}, "0.00000000000000000000"},
    {"numeric_div(numeric,numeric)", {"9999", "3"}, "3333.0000000000000000"},
    {"numeric_div(numeric,numeric)", {"0.00012", "12345.678"}, "0.0000000097200007970400653573"},
    {"numeric_div(numeric,numeric)", {"NaN", "0"}, "NaN"},
    {"numeric_div(numeric,numeric)", {"1", "Infinity"}, "0"},
    {"numeric_mod(numeric,numeric)", {"-7.5", "2"}, "-1.5"},
    {"div(numeric,numeric)", {"-7.5", "2"}, "-3"},
    {"sqrt(numeric)", {"2"}, "1.414213562373095"},
    {"sqrt(numeric)", {"0.0001"}, "0.01000000000000000"},
    {"sqrt(numeric)", {"0.00000002"}, "0.0001414213562373095"},
    {"sqrt(numeric)", {"1000000"}, "1000.0000000000000"},
    {"sqrt(numeric)", {"12345678901234567890"}, "3513641828.8201443"},
    {"sqrt(numeric)", {"-1"}, "2201F cannot take square root of a negative number"},
    {"exp(numeric)", {"1"}, "2.7182818284590452"},
    {"exp(numeric)", {"1.5"}, "4.4816890703380648"},
    {"exp(numeric)", {"-10"}, "0.00004539992976248485"},
    {"exp(numeric)", {"100.5"}, "44319559098458954160107061979564816895899481.9"},
    {"ln(numeric)", {"2"}, "0.6931471805599453"},
    {"ln(numeric)", {"10"}, "2.3025850929940457"},
    {"ln(numeric)", {"0.95"}, "-0.051293294387550533"},
    {"ln(numeric)", {"1.0000001"}, "0.00000009999999500000033"},
    {"ln(numeric)", {"123456789.123"}, "18.631401767164318"},
    {"ln(numeric)", {"0"}, "2201E cannot take logarithm of zero"},
    {"log(numeric)", {"1000"}, "3.0000000000000000"},
    {"log(numeric)", {"0.5"}, "-0.3010299956639812"},
    {"log(numeric,numeric)", {"2", "64"}, "6.0000000000000000"},
    {"log(numeric,numeric)", {"3", "10"}, "2.0959032742893846"},
    {"power(numeric,numeric)", {"2", "10"}, "1024.0000000000000000"},
    {"power(numeric,numeric)", {"2", "0.5"}, "1.4142135623730950"},
    {"power(numeric,numeric)", {"2.5", "3.0"}, "15.6250000000000000"},
    {"power(numeric,numeric)", {"2", "-3"}, "0.1250000000000000"},
    {"power(numeric,numeric)", {"1.1", "100"}, "13780.6123398222701841"},
    {"power(numeric,numeric)", {"0", "-1"}, "2201F zero raised to a negative power is undefined"},
    {"power(numeric,numeric)", {"-8", "0.5"}, "2201F a negative number raised to a non-integer power yields a complex result"},
    {"power(numeric,numeric)", {"-2", "3"}, "-8.0000000000000000"},
    {"power(numeric,numeric)", {"10", "0.3333"}, "2.1542693374042366"},
    {"power(numeric,numeric)", {"0", "0"}, "1.0000000000000000"},
    {"round(numeric,int4)", {"2.345", "2"}, "2.35"},
    {"round(numeric,int4)", {"-2.5", "0"}, "-3"},
    {"round(numeric,int4)", {"1250", "-2"}, "1300"},
    {"round(numeric,int4)", {"1", "3"}, "1.000"},
    {"trunc(numeric,int4)", {"-2.789", "1"}, "-2.7"},
    {"trunc(numeric)", {"-2.789"}, "-2"},
    {"ceil(numeric)", {"-2.5"}, "-2"},
    {"ceil(numeric)", {"2.1"}, "3"},
    {"floor(numeric)", {"-2.5"}, "-3"},
    {"sign(numeric)", {"-2.5"}, "-1"},
    {"abs(numeric)", {"-2.50"}, "2.50"},
    {"scale(numeric)", {"2.50"}, "2"},
    {"min_scale(numeric)", {"2.500"}, "1"},
    {"trim_scale(numeric)", {"2.500"}, "2.5"},
    {"gcd(numeric,numeric)", {"12.5", "5"}, "2.5"},
    {"int4(numeric)", {"2.5"}, "3"},
    {"int4(numeric)", {"3000000000"}, "22003 integer out of range"},
    {"int2(numeric)", {"-2.5"}, "-3"},
    {"int8(numeric)", {"NaN"}, "0A000 cannot convert NaN to bigint"},
    {"float8(numeric)", {"0.1"}, "0.1"},
    {"float4(numeric)", {"16777217"}, "1.6777216e+07"},
    {"numeric(float8)", {"0.1"}, "0.1"},
    {"numeric(float8)", {"1e20"}, "100000000000000000000"},
    {"numeric(float4)", {"0.1"}, "0.1"},
    {"numeric(numeric,int4)", {"123.456", "327686"}, "123.46"},
    {"numeric(numeric,int4)", {"99999", "327686"}, "22003 numeric field overflow"},
    {"numeric_cmp(numeric,numeric)", {"1.0", "1.00"}, "0"},
    {"numeric_cmp(numeric,numeric)", {"-1.5", "-1.55"}, "1"},
    {"numeric_lt(numeric,numeric)", {"-100", "-99.9999"}, "t"},
    {"numeric_lt(numeric,numeric)", {"NaN", "Infinity"}, "f"},
    {"numeric_gt(numeric,numeric)", {"10000", "9999.9"}, "t"},
    {"numeric_gt(numeric,numeric)", {"0.0001", "0.00011"}, "f"},
};
// clang-format on

}  // namespace

// Recorded from PostgreSQL 15 with pgvector.
TEST_CASE("numeric functions give PostgreSQL's digits") {
  EvalContext context;
  for (const RecordedCall& call : kCalls) {
    INFO(call.signature << " of " << (call.arguments.empty() ? "" : call.arguments.front()));
    CHECK(evaluate(call, context) == call.result);
  }
}

}  // namespace omen::sql
