#include <cmath>
#include <optional>

#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/registry.h"

/// sum, avg and the variance family over numbers, with PostgreSQL's result scales.
namespace omen::sql {
namespace {

/// Exact sums of the values and, if asked for, of their squares.
struct NumericSums {
  Int8 rows = 0;
  Int8 nans = 0;
  Int8 infinities = 0;
  Int8 negative_infinities = 0;
  Numeric sum;
  Numeric squares;

  void add(const Numeric& value, bool with_squares) {
    ++rows;
    switch (value.kind()) {
      case Numeric::Kind::Finite:
        sum = omen::sql::add(sum, value);
        if (with_squares) {
          squares = omen::sql::add(squares, multiply(value, value));
        }
        break;
      case Numeric::Kind::NaN:
        ++nans;
        break;
      case Numeric::Kind::Infinity:
        ++infinities;
        break;
      case Numeric::Kind::NegativeInfinity:
        ++negative_infinities;
        break;
    }
  }
  /// NaN or an infinity if any such value came by.
  [[nodiscard]] std::optional<Numeric> special() const {
    if (nans > 0 || (infinities > 0 && negative_infinities > 0)) {
      return Numeric(Numeric::Kind::NaN);
    }
    if (infinities > 0) {
      return Numeric(Numeric::Kind::Infinity);
    }
    if (negative_infinities > 0) {
      return Numeric(Numeric::Kind::NegativeInfinity);
    }
    return std::nullopt;
  }
};

template <typename T>
Numeric to_numeric(const T& value) {
  if constexpr (std::is_same_v<T, Numeric>) {
    return value;
  } else {
    return Numeric(BigInteger(value));
  }
}

template <typename T>
struct SumState {
  NumericSums sums;
  void add(const T& value) { sums.add(to_numeric(value), false); }
  [[nodiscard]] std::optional<Numeric> finish() const {
    if (sums.rows == 0) {
      return std::nullopt;
    }
    return sums.special().value_or(sums.sum);
  }
};

template <typename T>
struct AverageState {
  NumericSums sums;
  void add(const T& value) { sums.add(to_numeric(value), false); }
  [[nodiscard]] std::optional<Numeric> finish() const {
    if (sums.rows == 0) {
      return std::nullopt;
    }
    if (const std::optional<Numeric> special = sums.special()) {
      return special;
    }
    return divide(sums.sum, Numeric(BigInteger(sums.rows)));
  }
};

/// avg of int2 and int4 without big integers per row.
template <typename T>
struct SmallAverageState {
  Int8 rows = 0;
  Int8 sum = 0;
  void add(T value) {
    ++rows;
    sum += value;
  }
  [[nodiscard]] std::optional<Numeric> finish() const {
    if (rows == 0) {
      return std::nullopt;
    }
    return divide(Numeric(BigInteger(sum)), Numeric(BigInteger(rows)));
  }
};

struct Spread {
  bool sample;  ///< over n - 1
  bool root;    ///< standard deviation
};
constexpr Spread kVarPop{false, false}, kVarSamp{true, false}, kStddevPop{false, true},
    kStddevSamp{true, true};

template <typename T, const Spread& kSpread>
struct SpreadState {
  NumericSums sums;
  void add(const T& value) { sums.add(to_numeric(value), true); }
  [[nodiscard]] std::optional<Numeric> finish() const {
    if (sums.rows <= (kSpread.sample ? 1 : 0)) {
      return std::nullopt;
    }
    if (sums.special()) {
      return Numeric(Numeric::Kind::NaN);
    }
    const Numeric rows{BigInteger(sums.rows)};
    const Numeric numerator = subtract(multiply(rows, sums.squares), multiply(sums.sum, sums.sum));
    if (numerator.sign() <= 0) {
      return Numeric();
    }
    const Numeric divisor{BigInteger(sums.rows) * (sums.rows - (kSpread.sample ? 1 : 0))};
    const int scale = quotient_scale(numerator, divisor);
    const Numeric variance = divide_to_scale(numerator, divisor, scale, true);
    return kSpread.root ? square_root_to_scale(variance, scale) : variance;
  }
};

/// Youngs and Cramer's update: no cancellation between large sums.
template <typename T>
struct FloatSums {
  double rows = 0;
  double sum = 0;
  double squares = 0;  ///< of distances from the mean
  void add(T value) {
    const double x = value;
    const double before = rows;
    rows += 1;
    sum += x;
    if (before > 0) {
      const double distance = x * rows - sum;
      squares += distance * distance / (rows * before);
    } else if (std::isnan(x) || std::isinf(x)) {
      squares = std::nan("");
    }
    if (std::isinf(sum) || std::isinf(squares)) {
      squares = std::nan("");
    }
  }
};

template <typename T>
struct FloatAverageState : FloatSums<T> {
  [[nodiscard]] std::optional<Float8> finish() const {
    return this->rows > 0 ? std::optional(this->sum / this->rows) : std::nullopt;
  }
};

template <typename T, const Spread& kSpread>
struct FloatSpreadState : FloatSums<T> {
  [[nodiscard]] std::optional<Float8> finish() const {
    const double divisor = this->rows - (kSpread.sample ? 1 : 0);
    if (divisor <= 0) {
      return std::nullopt;
    }
    const double variance = this->squares / divisor;
    return kSpread.root ? std::sqrt(variance) : variance;
  }
};

constexpr AggregateRow kRows[] = {
    aggregate<AverageState<Int8>, Int8>(
        2100, "avg", "the average (arithmetic mean) as numeric of all bigint values"),
    aggregate<SmallAverageState<Int4>, Int4>(
        2101, "avg", "the average (arithmetic mean) as numeric of all integer values"),
    aggregate<SmallAverageState<Int2>, Int2>(
        2102, "avg", "the average (arithmetic mean) as numeric of all smallint values"),
    aggregate<AverageState<Numeric>, Numeric>(
        2103, "avg", "the average (arithmetic mean) as numeric of all numeric values"),
    aggregate<FloatAverageState<Float4>, Float4>(
        2104, "avg", "the average (arithmetic mean) as float8 of all float4 values"),
    aggregate<FloatAverageState<Float8>, Float8>(
        2105, "avg", "the average (arithmetic mean) as float8 of all float8 values"),
    aggregate<SpreadState<Int8, kStddevSamp>, Int8>(2154, "stddev",
                                                    "historical alias for stddev_samp"),
    aggregate<SpreadState<Int4, kStddevSamp>, Int4>(2155, "stddev",
                                                    "historical alias for stddev_samp"),
    aggregate<SpreadState<Int2, kStddevSamp>, Int2>(2156, "stddev",
                                                    "historical alias for stddev_samp"),
    aggregate<FloatSpreadState<Float4, kStddevSamp>, Float4>(2157, "stddev",
                                                             "historical alias for stddev_samp"),
    aggregate<FloatSpreadState<Float8, kStddevSamp>, Float8>(2158, "stddev",
                                                             "historical alias for stddev_samp"),
    aggregate<SpreadState<Numeric, kStddevSamp>, Numeric>(2159, "stddev",
                                                          "historical alias for stddev_samp"),
    aggregate<SpreadState<Int8, kStddevPop>, Int8>(
        2724, "stddev_pop", "population standard deviation of bigint input values"),
    aggregate<SpreadState<Int4, kStddevPop>, Int4>(
        2725, "stddev_pop", "population standard deviation of integer input values"),
    aggregate<SpreadState<Int2, kStddevPop>, Int2>(
        2726, "stddev_pop", "population standard deviation of smallint input values"),
    aggregate<FloatSpreadState<Float4, kStddevPop>, Float4>(
        2727, "stddev_pop", "population standard deviation of float4 input values"),
    aggregate<FloatSpreadState<Float8, kStddevPop>, Float8>(
        2728, "stddev_pop", "population standard deviation of float8 input values"),
    aggregate<SpreadState<Numeric, kStddevPop>, Numeric>(
        2729, "stddev_pop", "population standard deviation of numeric input values"),
    aggregate<SpreadState<Int8, kStddevSamp>, Int8>(
        2712, "stddev_samp", "sample standard deviation of bigint input values"),
    aggregate<SpreadState<Int4, kStddevSamp>, Int4>(
        2713, "stddev_samp", "sample standard deviation of integer input values"),
    aggregate<SpreadState<Int2, kStddevSamp>, Int2>(
        2714, "stddev_samp", "sample standard deviation of smallint input values"),
    aggregate<FloatSpreadState<Float4, kStddevSamp>, Float4>(
        2715, "stddev_samp", "sample standard deviation of float4 input values"),
    aggregate<FloatSpreadState<Float8, kStddevSamp>, Float8>(
        2716, "stddev_samp", "sample standard deviation of float8 input values"),
    aggregate<SpreadState<Numeric, kStddevSamp>, Numeric>(
        2717, "stddev_samp", "sample standard deviation of numeric input values"),
    aggregate<SumState<Int8>, Int8>(2107, "sum", "sum as numeric across all bigint input values"),
    aggregate<SumState<Numeric>, Numeric>(2114, "sum",
                                          "sum as numeric across all numeric input values"),
    aggregate<SpreadState<Int8, kVarPop>, Int8>(
        2718, "var_pop",
        "population variance of bigint input values (square of the population standard deviation)"),
    aggregate<SpreadState<Int4, kVarPop>, Int4>(2719, "var_pop",
                                                "population variance of integer input values "
                                                "(square of the population standard deviation)"),
    aggregate<SpreadState<Int2, kVarPop>, Int2>(2720, "var_pop",
                                                "population variance of smallint input values "
                                                "(square of the population standard deviation)"),
    aggregate<FloatSpreadState<Float4, kVarPop>, Float4>(
        2721, "var_pop",
        "population variance of float4 input values (square of the population standard deviation)"),
    aggregate<FloatSpreadState<Float8, kVarPop>, Float8>(
        2722, "var_pop",
        "population variance of float8 input values (square of the population standard deviation)"),
    aggregate<SpreadState<Numeric, kVarPop>, Numeric>(
        2723, "var_pop",
        "population variance of numeric input values (square of the population standard "
        "deviation)"),
    aggregate<SpreadState<Int8, kVarSamp>, Int8>(
        2641, "var_samp",
        "sample variance of bigint input values (square of the sample standard deviation)"),
    aggregate<SpreadState<Int4, kVarSamp>, Int4>(
        2642, "var_samp",
        "sample variance of integer input values (square of the sample standard deviation)"),
    aggregate<SpreadState<Int2, kVarSamp>, Int2>(
        2643, "var_samp",
        "sample variance of smallint input values (square of the sample standard deviation)"),
    aggregate<FloatSpreadState<Float4, kVarSamp>, Float4>(
        2644, "var_samp",
        "sample variance of float4 input values (square of the sample standard deviation)"),
    aggregate<FloatSpreadState<Float8, kVarSamp>, Float8>(
        2645, "var_samp",
        "sample variance of float8 input values (square of the sample standard deviation)"),
    aggregate<SpreadState<Numeric, kVarSamp>, Numeric>(
        2646, "var_samp",
        "sample variance of numeric input values (square of the sample standard deviation)"),
    aggregate<SpreadState<Int8, kVarSamp>, Int8>(2148, "variance", "historical alias for var_samp"),
    aggregate<SpreadState<Int4, kVarSamp>, Int4>(2149, "variance", "historical alias for var_samp"),
    aggregate<SpreadState<Int2, kVarSamp>, Int2>(2150, "variance", "historical alias for var_samp"),
    aggregate<FloatSpreadState<Float4, kVarSamp>, Float4>(2151, "variance",
                                                          "historical alias for var_samp"),
    aggregate<FloatSpreadState<Float8, kVarSamp>, Float8>(2152, "variance",
                                                          "historical alias for var_samp"),
    aggregate<SpreadState<Numeric, kVarSamp>, Numeric>(2153, "variance",
                                                       "historical alias for var_samp"),
};

}  // namespace

const AggregateTable kNumericAggregates = kRows;

}  // namespace omen::sql
