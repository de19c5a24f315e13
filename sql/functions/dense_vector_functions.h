#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/aggregate_adapter.h"
#include "sql/functions/comparison.h"
#include "sql/functions/numeric_values.h"
#include "sql/functions/out_of_range.h"
#include "sql/types/array.h"
#include "sql/types/floats.h"
#include "sql/types/vector.h"

namespace omen::sql {

/// An element of an array of T, as a float.
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

/// 22000 for more than one dimension, 22004 for a NULL among the elements.
inline void check_array(const ArrayView& array) {
  if (array.dimensions().size() > 1) {
    throw SqlError(sqlstate::kDataException, "array must be 1-D");
  }
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (array.is_null(i)) {
      throw SqlError(sqlstate::kNullValueNotAllowed, "array must not contain nulls");
    }
  }
}

/// Bodies that vector and halfvec share. Results are computed in float32 and rounded to Element.
template <typename Element>
struct DenseVector {
  using View = std::span<const Element>;

  template <double (*kDistance)(View, View)>
  static Float8 distance(View a, View b) {
    check_same_dimensions(a, b);
    return kDistance(a, b);
  }
  template <double (*kInnerProduct)(View, View)>
  static Float8 negative_inner_product(View a, View b) {
    check_same_dimensions(a, b);
    return -kInnerProduct(a, b);
  }
  /// acos of the inner product over pi: for unit vectors.
  template <double (*kInnerProduct)(View, View)>
  static Float8 spherical_distance(View a, View b) {
    check_same_dimensions(a, b);
    return std::acos(std::clamp(kInnerProduct(a, b), -1.0, 1.0)) / std::numbers::pi;
  }

  static Int4 dimensions(View a) { return static_cast<Int4>(a.size()); }

  static Float8 norm(View a) {
    double sum = 0;
    for (const Element element : a) {
      const double value = to_float(element);
      sum += value * value;
    }
    return std::sqrt(sum);
  }

  /// Space for a result of `size` elements in the result column's arena.
  static std::span<Element> result_of(Surroundings& surroundings, std::size_t size) {
    auto* data = static_cast<Element*>(
        surroundings.arena.allocate(size * sizeof(Element), alignof(Element)));
    return {data, size};
  }

  /// Rounds a result; 22003 if it is infinite.
  static Element finite(float value) {
    const auto element = to_element<Element>(value);
    if (std::isinf(to_float(element))) {
      float_overflow();
    }
    return element;
  }

  /// The zero vector stays as it is.
  static View normalize(Surroundings& surroundings, View a) {
    const std::span<Element> result = result_of(surroundings, a.size());
    const double length = norm(a);
    for (std::size_t i = 0; i < a.size(); ++i) {
      result[i] = finite(length > 0 ? static_cast<float>(to_float(a[i]) / length) : 0.0F);
    }
    return result;
  }

  template <typename Operation>
  static View combine(Surroundings& surroundings, View a, View b, Operation operation) {
    check_same_dimensions(a, b);
    const std::span<Element> result = result_of(surroundings, a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      result[i] = finite(operation(to_float(a[i]), to_float(b[i])));
    }
    return result;
  }
  static View add(Surroundings& surroundings, View a, View b) {
    return combine(surroundings, a, b, [](float x, float y) { return x + y; });
  }
  static View subtract(Surroundings& surroundings, View a, View b) {
    return combine(surroundings, a, b, [](float x, float y) { return x - y; });
  }
  static View multiply(Surroundings& surroundings, View a, View b) {
    return combine(surroundings, a, b, [](float x, float y) {
      const float product = x * y;
      if (to_float(to_element<Element>(product)) == 0 && x != 0 && y != 0) {
        float_underflow();
      }
      return product;
    });
  }

  static View concatenate(Surroundings& surroundings, View a, View b) {
    check_vector_dimensions<Element>(a.size() + b.size());
    const std::span<Element> result = result_of(surroundings, a.size() + b.size());
    std::ranges::copy(a, result.begin());
    std::ranges::copy(b, result.begin() + static_cast<std::ptrdiff_t>(a.size()));
    return result;
  }

  /// Elements start .. start + count - 1 from 1, as far as they exist.
  static View subvector(View a, Int4 start, Int4 count) {
    const auto size = static_cast<std::int64_t>(a.size());
    const std::int64_t end = count < 1 ? 0 : std::min(std::int64_t{start} + count, size + 1);
    const std::int64_t begin = std::max<std::int64_t>(start, 1);
    check_vector_dimensions<Element>(
        static_cast<std::size_t>(std::max<std::int64_t>(end - begin, 0)));
    return a.subspan(static_cast<std::size_t>(begin - 1), static_cast<std::size_t>(end - begin));
  }

  template <Order kOrder>
  static bool compare_two(View a, View b) {
    return holds<kOrder>(compare_vectors(a, b));
  }
  static Int4 order_of_two(View a, View b) { return compare_vectors(a, b); }

  static View check_modifier(View a, Int4 modifier, bool /*is_explicit*/) {
    check_vector_modifier(a.size(), modifier);
    return a;
  }

  template <Oid kArrayOid, typename T>
  static View array_to_vector(Surroundings& surroundings, ArrayValue<kArrayOid> value,
                              Int4 modifier, bool /*is_explicit*/) {
    const ArrayView array(value.value);
    check_array(array);
    check_vector_dimensions<Element>(array.size());
    check_vector_modifier(array.size(), modifier);
    const std::span<Element> result = result_of(surroundings, array.size());
    for (std::size_t i = 0; i < array.size(); ++i) {
      const float number = array_element<T>(array.element(i));
      if constexpr (std::is_same_v<Element, Half>) {
        result[i] = to_half_checked(number);
      } else {
        result[i] = number;
      }
      check_vector_element(result[i]);
    }
    return result;
  }

  static Owned<1021> to_float4_array(View a, Int4 /*modifier*/, bool /*is_explicit*/) {
    ArrayBuilder builder(type_oid::kFloat4);
    for (const Element element : a) {
      const float value = to_float(element);
      builder.add_bytes({reinterpret_cast<const char*>(&value), sizeof value});
    }
    return {builder.finish()};
  }
};

/// avg: sums in float64, so that it does not overflow.
template <typename Element>
struct AverageState {
  Int8 rows = 0;
  std::vector<double> sums;
  void add(std::span<const Element> value) {
    if (rows == 0) {
      sums.assign(value.size(), 0);
    } else if (value.size() != sums.size()) {
      throw SqlError(sqlstate::kDataException,
                     fmt::format("expected {} dimensions, not {}", sums.size(), value.size()));
    }
    ++rows;
    for (std::size_t i = 0; i < value.size(); ++i) {
      sums[i] = checked_overflow(sums[i] + double{to_float(value[i])}, sums[i]);
    }
  }
  [[nodiscard]] std::optional<Owned<VectorType<Element>::kOid>> finish() const {
    if (rows == 0) {
      return std::nullopt;
    }
    std::vector<Element> mean;
    for (const double sum : sums) {
      mean.push_back(to_element<Element>(static_cast<float>(sum / static_cast<double>(rows))));
      check_vector_element(mean.back());
    }
    return Owned<VectorType<Element>::kOid>{
        std::string(vector_bytes(std::span<const Element>(mean)))};
  }
};

/// sum: as the operator +, rounded at each step.
template <typename Element>
struct SumState {
  std::vector<Element> sums;
  void add(std::span<const Element> value) {
    if (sums.empty()) {
      sums.assign(value.begin(), value.end());
      return;
    }
    check_same_dimensions(std::span<const Element>(sums), value);
    for (std::size_t i = 0; i < value.size(); ++i) {
      sums[i] = DenseVector<Element>::finite(to_float(sums[i]) + to_float(value[i]));
    }
  }
  [[nodiscard]] std::optional<Owned<VectorType<Element>::kOid>> finish() const {
    if (sums.empty()) {
      return std::nullopt;
    }
    return Owned<VectorType<Element>::kOid>{
        std::string(vector_bytes(std::span<const Element>(sums)))};
  }
};

}  // namespace omen::sql
