#include <catch2/catch.hpp>

#include "tests/unit/sql/functions/evaluate.h"

namespace omen::sql {
namespace {

// clang-format off
const RecordedCall kCalls[] = {
    {"date_pli(date,int4)", {"2024-02-28", "2"}, "2024-03-01"},
    {"date_mi(date,date)", {"2024-03-01", "2023-03-01"}, "366"},
    {"timestamp_pl_interval(timestamp,interval)", {"2024-01-31 10:00", "1 month"}, "2024-02-29 10:00:00"},
    {"timestamp_mi_interval(timestamp,interval)", {"2024-03-31 00:00:00.5", "1 month 1 day 00:00:01"}, "2024-02-27 23:59:59.5"},
    {"timestamp_mi(timestamp,timestamp)", {"2024-03-31", "2024-01-01 12:00"}, "89 days 12:00:00"},
    {"interval_mul(interval,float8)", {"1 month 15 days 12:00", "1.5"}, "1 mon 37 days 30:00:00"},
    {"interval_div(interval,float8)", {"1 year", "7"}, "1 mon 21 days 10:17:08.5344"},
    {"interval_pl(interval,interval)", {"1 year 2 mons", "-3 days 04:05:06.7"}, "1 year 2 mons -3 days +04:05:06.7"},
    {"interval_um(interval)", {"1 year -2 days 03:00"}, "-1 years +2 days -03:00:00"},
    {"timestamp(date)", {"2024-01-01"}, "2024-01-01 00:00:00"},
    {"date(timestamp)", {"1999-12-31 23:59:59.999999"}, "1999-12-31"},
    {"timestamptz(timestamp)", {"Jan 5, 2024 3:04 PM"}, "2024-01-05 15:04:00+00"},
    {"timezone(text,timestamp)", {"Europe/Berlin", "2024-07-01 12:00"}, "2024-07-01 10:00:00+00"},
    {"timezone(text,timestamptz)", {"America/New_York", "2024-03-10 07:30+00"}, "2024-03-10 03:30:00"},
    {"timezone(text,timestamp)", {"America/New_York", "2024-03-10 02:30"}, "2024-03-10 07:30:00+00"},
    {"timezone(text,timestamp)", {"America/New_York", "2024-11-03 01:30"}, "2024-11-03 06:30:00+00"},
    {"timezone(text,timestamp)", {"No/Where", "2024-11-03 01:30"}, "22023 time zone \"No/Where\" not recognized"},
    {"date_trunc(text,timestamp)", {"week", "2024-01-07 12:34:56"}, "2024-01-01 00:00:00"},
    {"date_trunc(text,timestamp)", {"quarter", "2024-08-07 12:34:56"}, "2024-07-01 00:00:00"},
    {"date_trunc(text,timestamp)", {"century", "2000-08-07 12:34:56"}, "1901-01-01 00:00:00"},
    {"date_trunc(text,timestamp)", {"decade", "2019-08-07"}, "2010-01-01 00:00:00"},
    {"date_trunc(text,timestamp)", {"fortnight", "2019-08-07"}, "22023 unit \"fortnight\" not recognized for type timestamp without time zone"},
    {"date_trunc(text,interval)", {"hour", "3 days 04:05:06"}, "3 days 04:00:00"},
    {"extract(text,timestamp)", {"epoch", "2024-01-01 00:00:00.25"}, "1704067200.250000"},
    {"extract(text,timestamp)", {"second", "2024-01-01 00:00:07.25"}, "7.250000"},
    {"extract(text,timestamp)", {"week", "2021-01-03"}, "53"},
    {"extract(text,timestamp)", {"dow", "2024-01-07"}, "0"},
    {"extract(text,timestamp)", {"isodow", "2024-01-07"}, "7"},
    {"extract(text,timestamp)", {"doy", "2024-12-31"}, "366"},
    {"extract(text,timestamp)", {"century", "2000-01-01"}, "20"},
    {"extract(text,date)", {"julian", "2024-01-01"}, "2460311"},
    {"extract(text,date)", {"hour", "2024-01-01"}, "0A000 unit \"hour\" not supported for type date"},
    {"extract(text,interval)", {"epoch", "1 year 1 month 1 day 00:00:01.5"}, "34236001.500000"},
    {"date_part(text,timestamp)", {"milliseconds", "2024-01-01 00:00:07.25"}, "7250"},
    {"age(timestamp,timestamp)", {"2024-03-01", "2023-01-31 12:00"}, "1 year 1 mon 12:00:00"},
    {"make_date(int4,int4,int4)", {"2024", "2", "30"}, "22008 date field value out of range: 2024-02-30"},
    {"make_timestamp(int4,int4,int4,int4,int4,float8)", {"2024", "2", "29", "23", "59", "59.5"}, "2024-02-29 23:59:59.5"},
    {"to_timestamp(float8)", {"1700000000.5"}, "2023-11-14 22:13:20.5+00"},
    {"date_lt(date,date)", {"4713-01-01 BC", "0001-01-01"}, "t"},
    {"interval_eq(interval,interval)", {"1 month", "30 days"}, "t"},
    {"date(timestamp)", {"infinity"}, "infinity"},
    {"date_pli(date,int4)", {"2024-13-01", "1"}, "22008 date/time field value out of range: \"2024-13-01\""},
    {"date_pli(date,int4)", {"20240105", "1"}, "2024-01-06"},
    {"date_pli(date,int4)", {"1/2/2003", "0"}, "2003-01-02"},
    {"date_pli(date,int4)", {"bad", "0"}, "22007 invalid input syntax for type date: \"bad\""},
    {"interval_um(interval)", {"P1Y2M3DT4H5M6.5S"}, "-1 years -2 mons -3 days -04:05:06.5"},
    {"interval_um(interval)", {"1-2"}, "-1 years -2 mons"},
    {"interval_um(interval)", {"2 days ago"}, "2 days"},
    {"interval_um(interval)", {"1.5 days"}, "-1 days -12:00:00"},
    {"interval_um(interval)", {"x"}, "22007 invalid input syntax for type interval: \"x\""},
    {"textcat(text,text)", {"a", "b"}, "ab"},
};
// clang-format on

}  // namespace

// Recorded from PostgreSQL 15 with pgvector.
TEST_CASE("date and time functions give PostgreSQL's results") {
  EvalContext context;
  for (const RecordedCall& call : kCalls) {
    INFO(call.signature << " of " << (call.arguments.empty() ? "" : call.arguments.front()));
    CHECK(evaluate(call, context) == call.result);
  }
}

}  // namespace omen::sql
