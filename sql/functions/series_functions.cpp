#include <openssl/rand.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>

#include "sql/error/sql_error.h"
#include "sql/functions/date_time_values.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"

/// generate_series and random values.
namespace omen::sql {
namespace {

bool any_null(const FunctionCall& call) {
  return std::ranges::any_of(call.arguments, [](const auto* column) { return column->is_null(0); });
}
[[noreturn]] void zero_step() {
  throw SqlError(sqlstate::kInvalidParameterValue, "step size cannot equal zero");
}

/// Rows `position` .. of start, start + step, ... end, by their number: no state is needed.
template <typename T>
bool integer_series(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (any_null(call)) {
    return false;
  }
  const auto argument = [&](std::size_t i) { return Int8{call.arguments[i]->values<T>()[0]}; };
  const Int8 start = argument(0);
  const Int8 end = argument(1);
  const Int8 step = call.arguments.size() > 2 ? argument(2) : 1;
  if (step == 0) {
    zero_step();
  }
  if (step > 0 ? start > end : start < end) {
    return false;
  }
  const std::uint64_t width =
      step > 0 ? static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start)
               : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(end);
  const std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step)
                                        : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  const std::uint64_t last = width / stride;  // number of the last row, from 0
  if (position > last) {
    return false;
  }
  const std::uint64_t count =
      std::min<std::uint64_t>(last - position, engine::kBatchRowsMax - 1) + 1;
  const std::size_t first_row = out.row_count();
  out.resize(first_row + count);
  const auto values = out.column(0).values<T>();
  for (std::uint64_t i = 0; i < count; ++i) {
    values[first_row + i] = static_cast<T>(static_cast<std::uint64_t>(start) +
                                           (position + i) * static_cast<std::uint64_t>(step));
  }
  return position + count - 1 < last;
}

bool numeric_series(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (any_null(call)) {
    return false;
  }
  const auto argument = [&](std::size_t i) { return Numeric::decode(call.arguments[i]->bytes(0)); };
  const Numeric start = argument(0);
  const Numeric end = argument(1);
  const Numeric step = call.arguments.size() > 2 ? argument(2) : Numeric(1);
  const std::pair<const Numeric*, const char*> checked[] = {
      {&start, "start"}, {&end, "stop"}, {&step, "step size"}};
  for (const auto& [value, name] : checked) {
    if (!value->is_finite()) {
      throw SqlError(sqlstate::kInvalidParameterValue, std::string(name) + " value cannot be " +
                                                           (value->is_nan() ? "NaN" : "infinity"));
    }
  }
  if (step.sign() == 0) {
    zero_step();
  }
  Numeric value = add(start, multiply(step, Numeric(BigInteger(position))));
  for (std::size_t i = 0; i < engine::kBatchRowsMax; ++i) {
    const int order = compare_numeric(value, end);
    if (step.sign() > 0 ? order > 0 : order < 0) {
      return false;
    }
    const std::size_t row = out.row_count();
    out.resize(row + 1);
    out.column(0).set_bytes(row, value.encode());
    value = add(value, step);
  }
  return true;
}

/// Each row is `position` steps from the start: months clip to the month's end row by row, as
/// repeated addition does only once it has met a short month.
template <bool kWithZone>
bool timestamp_series(const FunctionCall& call, std::uint64_t position, engine::ColumnBatch& out) {
  if (any_null(call)) {
    return false;
  }
  const std::string_view zone = call.context.time_zone;
  const Interval step = decode_interval(call.arguments[2]->bytes(0));
  const int sign = compare_intervals(step, Interval{});
  if (sign == 0) {
    zero_step();
  }
  const Int8 end = call.arguments[1]->values<Int8>()[0];
  const auto next = [&](Int8 timestamp) {
    if (!kWithZone || (step.months == 0 && step.days == 0)) {
      return add_interval(timestamp, step);
    }
    const Interval calendar{.us = 0, .days = step.days, .months = step.months};
    return add_interval(local_to_utc(add_interval(utc_to_local(timestamp, zone), calendar), zone),
                        {.us = step.us});
  };
  Int8 value = call.arguments[0]->values<Int8>()[0];
  if (step.months == 0 && (!kWithZone || step.days == 0)) {
    const Int8 stride = step.days * kUsPerDay + step.us;
    Int8 offset = 0;
    if (__builtin_mul_overflow(stride, static_cast<Int8>(position), &offset) ||
        __builtin_add_overflow(value, offset, &value)) {
      return false;
    }
  } else {
    for (std::uint64_t i = 0; i < position; ++i) {
      value = next(value);
    }
  }
  for (std::size_t i = 0; i < engine::kBatchRowsMax; ++i) {
    if (sign > 0 ? value > end : value < end) {
      return false;
    }
    const std::size_t row = out.row_count();
    out.resize(row + 1);
    out.column(0).values<Int8>()[row] = value;
    value = next(value);
  }
  return true;
}

std::mt19937_64& generator() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return engine;
}
Float8 random_value() {
  constexpr int kMantissaBits = 53;
  return std::ldexp(static_cast<double>(generator()() >> (64 - kMantissaBits)), -kMantissaBits);
}
Void set_seed(Float8 seed) {
  if (!(seed >= -1 && seed <= 1)) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   "setseed parameter " + std::to_string(seed) + " is out of allowed range [-1,1]");
  }
  generator().seed(static_cast<std::uint64_t>((seed + 1) * 4503599627370496.0));
  return {};
}
Owned<type_oid::kUuid> random_uuid() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) {
    internal_error("could not generate random values");
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);  // variant 1
  return {std::string(reinterpret_cast<const char*>(bytes), sizeof bytes)};
}

constexpr FunctionRow kRows[] = {
    set_returning(1066, "generate_series", {23, 23, 23}, 23, integer_series<Int4>,
                  "non-persistent series generator"),
    set_returning(1067, "generate_series", {23, 23}, 23, integer_series<Int4>,
                  "non-persistent series generator"),
    set_returning(1068, "generate_series", {20, 20, 20}, 20, integer_series<Int8>,
                  "non-persistent series generator"),
    set_returning(1069, "generate_series", {20, 20}, 20, integer_series<Int8>,
                  "non-persistent series generator"),
    set_returning(3259, "generate_series", {1700, 1700, 1700}, 1700, numeric_series,
                  "non-persistent series generator"),
    set_returning(3260, "generate_series", {1700, 1700}, 1700, numeric_series,
                  "non-persistent series generator"),
    set_returning(938, "generate_series", {1114, 1114, 1186}, 1114, timestamp_series<false>,
                  "non-persistent series generator"),
    set_returning(939, "generate_series", {1184, 1184, 1186}, 1184, timestamp_series<true>,
                  "non-persistent series generator")
        .stable(),
    scalar<random_value>(1598, "random", "random value").changing(),
    scalar<set_seed>(1599, "setseed", "set random seed").changing(),
    scalar<random_uuid>(3432, "gen_random_uuid", "generate random UUID").changing(),
};

}  // namespace

const FunctionTable kSeriesFunctions = kRows;

}  // namespace omen::sql
