#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "sql/error/sql_error.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/registry.h"

/// Factorials, histogram buckets, and the statistics of pairs of numbers.
namespace omen::sql {
namespace {

Numeric factorial(Surroundings& where, Int8 n) {
  if (n < 0) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   "factorial of a negative number is undefined");
  }
  // 32178! has more than 131072 digits.
  constexpr Int8 kFactorialMax = 32177;
  if (n > kFactorialMax) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
  }
  BigInteger result = 1;
  for (Int8 i = 2; i <= n; ++i) {
    result *= i;
    constexpr Int8 kCheckEvery = 256;
    if (i % kCheckEvery == 0) {
      where.context.check_cancel();
    }
  }
  return Numeric(result);
}

Numeric increment(const Numeric& value) {
  return add(value, Numeric(BigInteger(1)));
}

// ---------------------------------------------------------------- width_bucket

constexpr SqlState kInvalidBucketArgument = "2201G";

void check_bucket_count(Int4 count) {
  if (count <= 0) {
    throw SqlError(kInvalidBucketArgument, "count must be greater than zero");
  }
}
Int4 above_last(Int4 count) {
  Int4 result = 0;
  if (__builtin_add_overflow(count, 1, &result)) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "integer out of range");
  }
  return result;
}
[[noreturn]] void equal_bounds() {
  throw SqlError(kInvalidBucketArgument, "lower bound cannot equal upper bound");
}
Int4 bucket_of_numeric(const Numeric& operand, const Numeric& low, const Numeric& high,
                       Int4 count) {
  check_bucket_count(count);
  if (operand.is_nan() || low.is_nan() || high.is_nan()) {
    throw SqlError(kInvalidBucketArgument, "operand, lower bound, and upper bound cannot be NaN");
  }
  if (!low.is_finite() || !high.is_finite()) {
    throw SqlError(kInvalidBucketArgument, "lower and upper bounds must be finite");
  }
  const int order = compare_numeric(low, high);
  if (order == 0) {
    equal_bounds();
  }
  const int from_low = compare_numeric(operand, low) * -order;
  const int from_high = compare_numeric(operand, high) * -order;
  if (from_low < 0) {
    return 0;
  }
  if (from_high >= 0) {
    return above_last(count);
  }
  const Numeric above = absolute(subtract(operand, low));
  const Numeric width = absolute(subtract(high, low));
  const int scale = std::max(above.scale(), width.scale());
  const BigInteger bucket = above.coefficient_at(scale) * count / width.coefficient_at(scale);
  return static_cast<Int4>(bucket.convert_to<Int8>() + 1);
}
Int4 bucket_of_float8(Float8 operand, Float8 low, Float8 high, Int4 count) {
  check_bucket_count(count);
  if (std::isnan(operand) || std::isnan(low) || std::isnan(high)) {
    throw SqlError(kInvalidBucketArgument, "operand, lower bound, and upper bound cannot be NaN");
  }
  if (std::isinf(low) || std::isinf(high)) {
    throw SqlError(kInvalidBucketArgument, "lower and upper bounds must be finite");
  }
  if (low == high) {
    equal_bounds();
  }
  const bool rising = low < high;
  if (rising ? operand < low : operand > low) {
    return 0;
  }
  if (rising ? operand >= high : operand <= high) {
    return above_last(count);
  }
  // Halved, so that the width of the widest range is finite.
  const Float8 share = (operand / 2 - low / 2) / (high / 2 - low / 2);
  const auto bucket = static_cast<Int8>(std::floor(share * count)) + 1;
  return static_cast<Int4>(std::min<Int8>(bucket, count));
}

constexpr FunctionRow kRows[] = {
    scalar<factorial>(1376, "factorial", "factorial"),
    scalar<increment>(1764, "numeric_inc", "increment by one"),
    scalar<bucket_of_float8>(320, "width_bucket",
                             "bucket number of operand in equal-width histogram"),
    scalar<bucket_of_numeric>(2170, "width_bucket",
                              "bucket number of operand in equal-width histogram"),
};

// ---------------------------------------------------------------- pairs

/// Sums of deviations over the rows where both are known, updated row by row (Youngs and Cramer).
struct PairSums {
  Float8 rows = 0;
  Float8 sum_x = 0, sum_xx = 0, sum_y = 0, sum_yy = 0, sum_xy = 0;

  void add(Float8 y, Float8 x) {
    rows += 1;
    sum_x += x;
    sum_y += y;
    if (rows > 1) {
      const Float8 dx = x * rows - sum_x;
      const Float8 dy = y * rows - sum_y;
      const Float8 scale = 1.0 / (rows * (rows - 1));
      sum_xx += dx * dx * scale;
      sum_yy += dy * dy * scale;
      sum_xy += dx * dy * scale;
    }
  }
};
using Outcome = std::optional<Float8>;
Outcome correlation(const PairSums& s) {
  return s.rows < 1 || s.sum_xx == 0 || s.sum_yy == 0 ? Outcome()
                                                      : s.sum_xy / std::sqrt(s.sum_xx * s.sum_yy);
}
Outcome population_covariance(const PairSums& s) {
  return s.rows < 1 ? Outcome() : s.sum_xy / s.rows;
}
Outcome sample_covariance(const PairSums& s) {
  return s.rows < 2 ? Outcome() : s.sum_xy / (s.rows - 1);
}
Outcome slope(const PairSums& s) {
  return s.rows < 1 || s.sum_xx == 0 ? Outcome() : s.sum_xy / s.sum_xx;
}
Outcome intercept(const PairSums& s) {
  return s.rows < 1 || s.sum_xx == 0 ? Outcome()
                                     : (s.sum_y - s.sum_x * s.sum_xy / s.sum_xx) / s.rows;
}
Outcome determination(const PairSums& s) {
  if (s.rows < 1 || s.sum_xx == 0) {
    return {};
  }
  return s.sum_yy == 0 ? 1.0 : (s.sum_xy * s.sum_xy) / (s.sum_xx * s.sum_yy);
}
Outcome average_x(const PairSums& s) {
  return s.rows < 1 ? Outcome() : s.sum_x / s.rows;
}
Outcome average_y(const PairSums& s) {
  return s.rows < 1 ? Outcome() : s.sum_y / s.rows;
}
Outcome squares_x(const PairSums& s) {
  return s.rows < 1 ? Outcome() : s.sum_xx;
}
Outcome squares_y(const PairSums& s) {
  return s.rows < 1 ? Outcome() : s.sum_yy;
}
Outcome products(const PairSums& s) {
  return s.rows < 1 ? Outcome() : s.sum_xy;
}
template <Outcome (*kFinish)(const PairSums&)>
struct PairState : PairSums {
  [[nodiscard]] Outcome finish() const { return kFinish(*this); }
};
struct PairCount : PairSums {
  [[nodiscard]] Int8 finish() const { return static_cast<Int8>(rows); }
};
template <Outcome (*kFinish)(const PairSums&)>
constexpr AggregateRow pairs(Oid oid, std::string_view name, std::string_view description) {
  return aggregate<PairState<kFinish>, Float8, Float8>(oid, name, description);
}

constexpr AggregateRow kAggregates[] = {
    aggregate<PairCount, Float8, Float8>(
        2818, "regr_count", "number of input rows in which both expressions are not null"),
    pairs<squares_x>(2819, "regr_sxx", "sum of squares of the independent variable"),
    pairs<squares_y>(2820, "regr_syy", "sum of squares of the dependent variable"),
    pairs<products>(2821, "regr_sxy", "sum of products of independent times dependent variable"),
    pairs<average_x>(2822, "regr_avgx", "average of the independent variable"),
    pairs<average_y>(2823, "regr_avgy", "average of the dependent variable"),
    pairs<determination>(2824, "regr_r2", "square of the correlation coefficient"),
    pairs<slope>(2825, "regr_slope", "slope of the least-squares-fit linear equation"),
    pairs<intercept>(2826, "regr_intercept",
                     "y-intercept of the least-squares-fit linear equation"),
    pairs<population_covariance>(2827, "covar_pop", "population covariance"),
    pairs<sample_covariance>(2828, "covar_samp", "sample covariance"),
    pairs<correlation>(2829, "corr", "correlation coefficient"),
};

}  // namespace

const FunctionTable kNumberTheoryFunctions = kRows;
const AggregateTable kPairAggregates = kAggregates;

}  // namespace omen::sql
