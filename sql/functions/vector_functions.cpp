#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/vector_distance.h"
#include "sql/error/sql_error.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/comparison.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/out_of_range.h"
#include "sql/functions/registry.h"
#include "sql/types/array.h"
#include "sql/types/floats.h"
#include "sql/types/vector.h"

/// What CREATE EXTENSION vector brings. Oids are ours: functions 16100, operators 16200.
namespace omen::sql {
namespace {

template <double (*kDistance)(std::span<const float>, std::span<const float>)>
Float8 distance(VectorView a, VectorView b) {
  check_same_dimensions(a, b);
  return kDistance(a, b);
}
double negative_inner_product(std::span<const float> a, std::span<const float> b) {
  return -engine::inner_product(a, b);
}
/// acos of the inner product over pi: for unit vectors.
double spherical_distance(std::span<const float> a, std::span<const float> b) {
  const double product = std::clamp(engine::inner_product(a, b), -1.0, 1.0);
  return std::acos(product) / std::numbers::pi;
}

Int4 dimensions(VectorView a) {
  return static_cast<Int4>(a.size());
}

double norm_squared(VectorView a) {
  double sum = 0;
  for (const float x : a) {
    sum += double{x} * x;
  }
  return sum;
}
Float8 norm(VectorView a) {
  return std::sqrt(norm_squared(a));
}

/// Space for a result of `size` elements in the result column's arena.
std::span<float> result_of(Surroundings& surroundings, std::size_t size) {
  auto* data =
      static_cast<float*>(surroundings.arena.allocate(size * sizeof(float), alignof(float)));
  return {data, size};
}

/// The zero vector stays as it is.
VectorView normalize(Surroundings& surroundings, VectorView a) {
  const std::span<float> result = result_of(surroundings, a.size());
  const double length = norm(a);
  for (std::size_t i = 0; i < a.size(); ++i) {
    result[i] = length > 0 ? static_cast<float>(a[i] / length) : 0;
    if (std::isinf(result[i])) {
      float_overflow();
    }
  }
  return result;
}

template <typename Operation>
VectorView combine(Surroundings& surroundings, VectorView a, VectorView b, Operation operation) {
  check_same_dimensions(a, b);
  const std::span<float> result = result_of(surroundings, a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    result[i] = operation(a[i], b[i]);
    if (std::isinf(result[i])) {
      float_overflow();
    }
  }
  return result;
}
VectorView add_vectors(Surroundings& surroundings, VectorView a, VectorView b) {
  return combine(surroundings, a, b, [](float x, float y) { return x + y; });
}
VectorView subtract_vectors(Surroundings& surroundings, VectorView a, VectorView b) {
  return combine(surroundings, a, b, [](float x, float y) { return x - y; });
}
VectorView multiply_vectors(Surroundings& surroundings, VectorView a, VectorView b) {
  return combine(surroundings, a, b, [](float x, float y) {
    const float product = x * y;
    if (product == 0 && x != 0 && y != 0) {
      float_underflow();
    }
    return product;
  });
}

VectorView concatenate(Surroundings& surroundings, VectorView a, VectorView b) {
  check_vector_dimensions(a.size() + b.size());
  const std::span<float> result = result_of(surroundings, a.size() + b.size());
  std::ranges::copy(a, result.begin());
  std::ranges::copy(b, result.begin() + static_cast<std::ptrdiff_t>(a.size()));
  return result;
}

/// Elements start .. start + count - 1 from 1, as far as they exist.
VectorView subvector(VectorView a, Int4 start, Int4 count) {
  const auto size = static_cast<std::int64_t>(a.size());
  const std::int64_t end = count < 1 ? 0 : std::min(std::int64_t{start} + count, size + 1);
  const std::int64_t begin = std::max<std::int64_t>(start, 1);
  check_vector_dimensions(static_cast<std::size_t>(std::max<std::int64_t>(end - begin, 0)));
  return a.subspan(static_cast<std::size_t>(begin - 1), static_cast<std::size_t>(end - begin));
}

template <Order kOrder>
bool compare_two(VectorView a, VectorView b) {
  const int order = compare_vectors(a, b);
  switch (kOrder) {
    case Order::Equal:
      return order == 0;
    case Order::NotEqual:
      return order != 0;
    case Order::Less:
      return order < 0;
    case Order::LessEqual:
      return order <= 0;
    case Order::Greater:
      return order > 0;
    case Order::GreaterEqual:
      return order >= 0;
  }
}
Int4 order_of_two(VectorView a, VectorView b) {
  return compare_vectors(a, b);
}

// ---------------------------------------------------------------- casts

VectorView check_modifier(VectorView a, Int4 modifier, bool /*is_explicit*/) {
  check_vector_modifier(a.size(), modifier);
  return a;
}

template <typename T>
float array_element(std::string_view raw) {
  if constexpr (std::is_same_v<T, Numeric>) {
    return parse_float4(Numeric::decode(raw).to_string());
  } else {
    T value;
    std::memcpy(&value, raw.data(), sizeof value);
    return static_cast<float>(value);
  }
}

template <Oid kArrayOid, typename T>
VectorView array_to_vector(Surroundings& surroundings, ArrayValue<kArrayOid> value, Int4 modifier,
                           bool /*is_explicit*/) {
  const ArrayView array(value.value);
  if (array.dimensions().size() > 1) {
    throw SqlError(sqlstate::kDataException, "array must be 1-D");
  }
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "array must not contain nulls");
    }
  }
  check_vector_dimensions(array.size());
  check_vector_modifier(array.size(), modifier);
  const std::span<float> result = result_of(surroundings, array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    result[i] = array_element<T>(array.element(i));
    check_vector_element(result[i]);
  }
  return result;
}

Owned<1021> vector_to_float4_array(VectorView a, Int4 /*modifier*/, bool /*is_explicit*/) {
  ArrayBuilder builder(type_oid::kFloat4);
  for (const float& x : a) {
    builder.add_bytes({reinterpret_cast<const char*>(&x), sizeof x});
  }
  return {builder.finish()};
}

constexpr FunctionRow kRows[] = {
    scalar<distance<engine::l2_distance>>(16100, "l2_distance", "Euclidean distance"),
    scalar<distance<engine::inner_product>>(16101, "inner_product", "inner product"),
    scalar<distance<engine::cosine_distance>>(16102, "cosine_distance", "cosine distance"),
    scalar<distance<engine::l1_distance>>(16103, "l1_distance", "taxicab distance"),
    scalar<distance<engine::l2_squared_distance>>(16104, "vector_l2_squared_distance",
                                                  "squared Euclidean distance"),
    scalar<distance<negative_inner_product>>(16105, "vector_negative_inner_product",
                                             "inner product times -1"),
    scalar<distance<spherical_distance>>(16106, "vector_spherical_distance",
                                         "angle between unit vectors over pi"),
    scalar<dimensions>(16107, "vector_dims", "number of dimensions"),
    scalar<norm>(16108, "vector_norm", "Euclidean norm"),
    scalar<normalize>(16109, "l2_normalize", "vector of norm 1"),
    scalar<subvector>(16110, "subvector", "part of a vector"),
    scalar<add_vectors>(16111, "vector_add", "implementation of + operator"),
    scalar<subtract_vectors>(16112, "vector_sub", "implementation of - operator"),
    scalar<multiply_vectors>(16113, "vector_mul", "implementation of * operator"),
    scalar<concatenate>(16114, "vector_concat", "implementation of || operator"),
    scalar<compare_two<Less>>(16115, "vector_lt", "implementation of < operator"),
    scalar<compare_two<LessEqual>>(16116, "vector_le", "implementation of <= operator"),
    scalar<compare_two<Equal>>(16117, "vector_eq", "implementation of = operator"),
    scalar<compare_two<NotEqual>>(16118, "vector_ne", "implementation of <> operator"),
    scalar<compare_two<GreaterEqual>>(16119, "vector_ge", "implementation of >= operator"),
    scalar<compare_two<Greater>>(16120, "vector_gt", "implementation of > operator"),
    scalar<order_of_two>(16121, "vector_cmp", "less-equal-greater"),
    scalar<check_modifier>(16122, "vector", "adjust vector() to typmod length"),
    scalar<array_to_vector<1007, Int4>>(16123, "array_to_vector", "convert int4[] to vector"),
    scalar<array_to_vector<1021, Float4>>(16124, "array_to_vector", "convert float4[] to vector"),
    scalar<array_to_vector<1022, Float8>>(16125, "array_to_vector", "convert float8[] to vector"),
    scalar<array_to_vector<1231, Numeric>>(16126, "array_to_vector", "convert numeric[] to vector"),
    scalar<vector_to_float4_array>(16127, "vector_to_float4", "convert vector to float4[]"),
};

constexpr OperatorRow kOperators[] = {
    {16200, "<->", 16100, "<->", ""}, {16201, "<#>", 16105, "<#>", ""},
    {16202, "<=>", 16102, "<=>", ""}, {16203, "<+>", 16103, "<+>", ""},
    {16204, "+", 16111, "+", ""},     {16205, "-", 16112, "", ""},
    {16206, "*", 16113, "*", ""},     {16207, "||", 16114, "", ""},
    {16208, "<", 16115, ">", ">="},   {16209, "<=", 16116, ">=", ">"},
    {16210, "=", 16117, "=", "<>"},   {16211, "<>", 16118, "<>", "="},
    {16212, ">=", 16119, "<=", "<"},  {16213, ">", 16120, "<", "<="},
};

constexpr CastRow kCasts[] = {
    {16001, 16001, CastContext::Implicit, CastMethod::Function, 16122},
    {1007, 16001, CastContext::Assignment, CastMethod::Function, 16123},
    {1021, 16001, CastContext::Assignment, CastMethod::Function, 16124},
    {1022, 16001, CastContext::Assignment, CastMethod::Function, 16125},
    {1231, 16001, CastContext::Assignment, CastMethod::Function, 16126},
    {16001, 1021, CastContext::Implicit, CastMethod::Function, 16127},
};

// ---------------------------------------------------------------- aggregates

/// avg: sums in float64, so that it does not overflow.
struct AverageState {
  Int8 rows = 0;
  std::vector<double> sums;
  void add(VectorView value) {
    if (rows == 0) {
      sums.assign(value.size(), 0);
    } else if (value.size() != sums.size()) {
      throw SqlError(sqlstate::kDataException,
                     fmt::format("expected {} dimensions, not {}", sums.size(), value.size()));
    }
    ++rows;
    for (std::size_t i = 0; i < value.size(); ++i) {
      sums[i] = checked_overflow(sums[i] + double{value[i]}, sums[i]);
    }
  }
  [[nodiscard]] std::optional<Owned<type_oid::kVector>> finish() const {
    if (rows == 0) {
      return std::nullopt;
    }
    std::vector<float> mean;
    for (const double sum : sums) {
      mean.push_back(static_cast<float>(sum / static_cast<double>(rows)));
      check_vector_element(mean.back());
    }
    return Owned<type_oid::kVector>{std::string(vector_bytes(mean))};
  }
};

/// sum: in float32, as the operator +.
struct SumState {
  std::vector<float> sums;
  void add(VectorView value) {
    if (sums.empty()) {
      sums.assign(value.begin(), value.end());
      return;
    }
    check_same_dimensions(sums, value);
    for (std::size_t i = 0; i < value.size(); ++i) {
      sums[i] += value[i];
      if (std::isinf(sums[i])) {
        float_overflow();
      }
    }
  }
  [[nodiscard]] std::optional<Owned<type_oid::kVector>> finish() const {
    return sums.empty() ? std::nullopt
                        : std::optional(Owned<type_oid::kVector>{std::string(vector_bytes(sums))});
  }
};

constexpr AggregateRow of_extension(AggregateRow row) {
  row.extension_vector = true;
  return row;
}
constexpr AggregateRow kAggregates[] = {
    of_extension(aggregate<AverageState, VectorView>(16150, "avg", "average")),
    of_extension(aggregate<SumState, VectorView>(16151, "sum", "sum")),
};

}  // namespace

const FunctionTable kVectorFunctions = kRows;
const std::span<const OperatorRow> kVectorOperatorRows = kOperators;
const std::span<const CastRow> kVectorCastRows = kCasts;
const AggregateTable kVectorAggregates = kAggregates;

}  // namespace omen::sql
