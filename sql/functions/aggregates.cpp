#include <optional>
#include <string>
#include <utility>

#include "engine/base/value.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/comparison.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"
#include "sql/types/type_io.h"

namespace omen::sql {
namespace {

/// count(*) and count(anything).
struct CountState {
  Int8 rows = 0;
  void add(const FunctionCall& call, std::size_t row) {
    if (call.arguments.empty() || !call.arguments[0]->is_null(row)) {
      ++rows;
    }
  }
  void finish(const FunctionCall& /*call*/, engine::ColumnVector& out, std::size_t row) const {
    out.values<Int8>()[row] = rows;
  }
};

/// Sums of int2 and int4 fit int8 for any real row count.
template <typename T>
struct IntegerSumState {
  Int8 sum = 0;
  bool any = false;
  void add(T value) {
    if (__builtin_add_overflow(sum, Int8{value}, &sum)) {
      integer_out_of_range<Int8>();
    }
    any = true;
  }
  [[nodiscard]] std::optional<Int8> finish() const {
    return any ? std::optional(sum) : std::nullopt;
  }
};

template <typename T>
struct FloatSumState {
  T sum = 0;
  bool any = false;
  void add(T value) {
    sum = checked_overflow(sum + value, sum, value);
    any = true;
  }
  [[nodiscard]] std::optional<T> finish() const { return any ? std::optional(sum) : std::nullopt; }
};

/// min and max of a type held by value.
template <typename T, bool kLargest>
struct ExtremeState {
  std::optional<T> extreme;
  void add(T value) {
    if (!extreme || (kLargest ? three_way(value, *extreme) > 0 : three_way(value, *extreme) < 0)) {
      extreme = value;
    }
  }
  [[nodiscard]] std::optional<T> finish() const { return extreme; }
};

/// min and max of a bytes type: keeps one column of one row.
template <bool kLargest>
struct ExtremeBytesState {
  std::unique_ptr<engine::ColumnVector> extreme;
  void add(const FunctionCall& call, std::size_t row) {
    const engine::ColumnVector& column = *call.arguments[0];
    if (column.is_null(row)) {
      return;
    }
    if (extreme != nullptr) {
      const int order = compare_values(call.argument_types[0].oid, column, row, *extreme, 0);
      if (kLargest ? order <= 0 : order >= 0) {
        return;
      }
    } else {
      extreme = std::make_unique<engine::ColumnVector>();
    }
    extreme->reset(column.type(), 1);
    extreme->set_bytes(0, column.bytes(row));
  }
  void finish(const FunctionCall& /*call*/, engine::ColumnVector& out, std::size_t row) const {
    if (extreme == nullptr) {
      out.set_null(row);
    } else {
      out.set_bytes(row, extreme->bytes(0));
    }
  }
};

struct BoolAndState {
  std::optional<bool> all;
  void add(bool value) { all = all.value_or(true) && value; }
  [[nodiscard]] std::optional<bool> finish() const { return all; }
};
struct BoolOrState {
  std::optional<bool> any;
  void add(bool value) { any = any.value_or(false) || value; }
  [[nodiscard]] std::optional<bool> finish() const { return any; }
};

enum class BitOperation { And, Or, Xor };
template <typename T, BitOperation kOperation>
struct BitState {
  std::optional<T> bits;
  void add(T value) {
    if (!bits) {
      bits = value;
    } else if (kOperation == BitOperation::And) {
      bits = static_cast<T>(*bits & value);
    } else if (kOperation == BitOperation::Or) {
      bits = static_cast<T>(*bits | value);
    } else {
      bits = static_cast<T>(*bits ^ value);
    }
  }
  [[nodiscard]] std::optional<T> finish() const { return bits; }
};

/// string_agg: delimiters of rows with a NULL value are skipped with it; a NULL delimiter is empty.
struct StringState {
  std::optional<std::string> text;
  void add(const FunctionCall& call, std::size_t row) {
    if (call.arguments[0]->is_null(row)) {
      return;
    }
    if (!text) {
      text.emplace();
    } else if (!call.arguments[1]->is_null(row)) {
      append_bounded(*text, call.arguments[1]->bytes(row));
    }
    append_bounded(*text, call.arguments[0]->bytes(row));
  }
  void finish(const FunctionCall& /*call*/, engine::ColumnVector& out, std::size_t row) const {
    if (text) {
      out.set_bytes(row, *text);
    } else {
      out.set_null(row);
    }
  }
};

constexpr AggregateRow count_star() {
  AggregateRow row = raw_aggregate<CountState>(2803, "count", {type_oid::kAny}, type_oid::kInt8,
                                               "number of input rows");
  row.argument_types = {};
  row.argument_count = 0;
  return row;
}

using enum BitOperation;

constexpr AggregateRow kRows[] = {
    count_star(),
    aggregate<BitState<Int2, And>, Int2>(2236, "bit_and", "bitwise-and smallint aggregate"),
    aggregate<BitState<Int4, And>, Int4>(2238, "bit_and", "bitwise-and integer aggregate"),
    aggregate<BitState<Int8, And>, Int8>(2240, "bit_and", "bitwise-and bigint aggregate"),
    aggregate<BitState<Int2, Or>, Int2>(2237, "bit_or", "bitwise-or smallint aggregate"),
    aggregate<BitState<Int4, Or>, Int4>(2239, "bit_or", "bitwise-or integer aggregate"),
    aggregate<BitState<Int8, Or>, Int8>(2241, "bit_or", "bitwise-or bigint aggregate"),
    aggregate<BitState<Int2, Xor>, Int2>(6164, "bit_xor", "bitwise-xor smallint aggregate"),
    aggregate<BitState<Int4, Xor>, Int4>(6165, "bit_xor", "bitwise-xor integer aggregate"),
    aggregate<BitState<Int8, Xor>, Int8>(6166, "bit_xor", "bitwise-xor bigint aggregate"),
    aggregate<BoolAndState, bool>(2517, "bool_and", "boolean-and aggregate"),
    aggregate<BoolOrState, bool>(2518, "bool_or", "boolean-or aggregate"),
    raw_aggregate<CountState>(2147, "count", {type_oid::kAny}, type_oid::kInt8,
                              "number of input rows for which the input expression is not null"),
    aggregate<BoolAndState, bool>(2519, "every", "boolean-and aggregate"),
    raw_aggregate<ExtremeBytesState<true>>(2050, "max", {2277}, 2277,
                                           "maximum value of all anyarray input values"),
    aggregate<ExtremeState<Int8, true>, Int8>(2115, "max",
                                              "maximum value of all bigint input values"),
    aggregate<ExtremeState<Int4, true>, Int4>(2116, "max",
                                              "maximum value of all integer input values"),
    aggregate<ExtremeState<Int2, true>, Int2>(2117, "max",
                                              "maximum value of all smallint input values"),
    aggregate<ExtremeState<OidValue, true>, OidValue>(2118, "max",
                                                      "maximum value of all oid input values"),
    aggregate<ExtremeState<Float4, true>, Float4>(2119, "max",
                                                  "maximum value of all float4 input values"),
    aggregate<ExtremeState<Float8, true>, Float8>(2120, "max",
                                                  "maximum value of all float8 input values"),
    aggregate<ExtremeState<DateValue, true>, DateValue>(2122, "max",
                                                        "maximum value of all date input values"),
    aggregate<ExtremeState<TimeValue, true>, TimeValue>(2123, "max",
                                                        "maximum value of all time input values"),
    aggregate<ExtremeState<TimestampValue, true>, TimestampValue>(
        2126, "max", "maximum value of all timestamp input values"),
    aggregate<ExtremeState<TimestamptzValue, true>, TimestamptzValue>(
        2127, "max", "maximum value of all timestamp with time zone input values"),
    raw_aggregate<ExtremeBytesState<true>>(2128, "max", {1186}, 1186,
                                           "maximum value of all interval input values"),
    raw_aggregate<ExtremeBytesState<true>>(2129, "max", {25}, 25,
                                           "maximum value of all text input values"),
    raw_aggregate<ExtremeBytesState<true>>(2130, "max", {1700}, 1700,
                                           "maximum value of all numeric input values"),
    raw_aggregate<ExtremeBytesState<true>>(2244, "max", {1042}, 1042,
                                           "maximum value of all bpchar input values"),
    aggregate<ExtremeState<Tid, true>, Tid>(2797, "max", "maximum value of all tid input values"),
    raw_aggregate<ExtremeBytesState<false>>(2051, "min", {2277}, 2277,
                                            "minimum value of all anyarray input values"),
    aggregate<ExtremeState<Int8, false>, Int8>(2131, "min",
                                               "minimum value of all bigint input values"),
    aggregate<ExtremeState<Int4, false>, Int4>(2132, "min",
                                               "minimum value of all integer input values"),
    aggregate<ExtremeState<Int2, false>, Int2>(2133, "min",
                                               "minimum value of all smallint input values"),
    aggregate<ExtremeState<OidValue, false>, OidValue>(2134, "min",
                                                       "minimum value of all oid input values"),
    aggregate<ExtremeState<Float4, false>, Float4>(2135, "min",
                                                   "minimum value of all float4 input values"),
    aggregate<ExtremeState<Float8, false>, Float8>(2136, "min",
                                                   "minimum value of all float8 input values"),
    aggregate<ExtremeState<DateValue, false>, DateValue>(2138, "min",
                                                         "minimum value of all date input values"),
    aggregate<ExtremeState<TimeValue, false>, TimeValue>(2139, "min",
                                                         "minimum value of all time input values"),
    aggregate<ExtremeState<TimestampValue, false>, TimestampValue>(
        2142, "min", "minimum value of all timestamp input values"),
    aggregate<ExtremeState<TimestamptzValue, false>, TimestamptzValue>(
        2143, "min", "minimum value of all timestamp with time zone input values"),
    raw_aggregate<ExtremeBytesState<false>>(2144, "min", {1186}, 1186,
                                            "minimum value of all interval input values"),
    raw_aggregate<ExtremeBytesState<false>>(2145, "min", {25}, 25,
                                            "minimum value of all text values"),
    raw_aggregate<ExtremeBytesState<false>>(2146, "min", {1700}, 1700,
                                            "minimum value of all numeric input values"),
    raw_aggregate<ExtremeBytesState<false>>(2245, "min", {1042}, 1042,
                                            "minimum value of all bpchar input values"),
    aggregate<ExtremeState<Tid, false>, Tid>(2798, "min", "minimum value of all tid input values"),
    raw_aggregate<StringState>(3538, "string_agg", {25, 25}, 25,
                               "concatenate aggregate input into a string"),
    raw_aggregate<StringState>(3545, "string_agg", {17, 17}, 17,
                               "concatenate aggregate input into a bytea"),
    aggregate<IntegerSumState<Int4>, Int4>(2108, "sum",
                                           "sum as bigint across all integer input values"),
    aggregate<IntegerSumState<Int2>, Int2>(2109, "sum",
                                           "sum as bigint across all smallint input values"),
    aggregate<FloatSumState<Float4>, Float4>(2110, "sum",
                                             "sum as float4 across all float4 input values"),
    aggregate<FloatSumState<Float8>, Float8>(2111, "sum",
                                             "sum as float8 across all float8 input values"),
};

}  // namespace

const AggregateTable kBasicAggregates = kRows;

}  // namespace omen::sql
