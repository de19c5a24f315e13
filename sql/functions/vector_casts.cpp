#include <vector>

#include "sql/functions/dense_vector_functions.h"
#include "sql/functions/registry.h"
#include "sql/types/sparse_vector.h"

/// Casts between vector, halfvec and sparsevec, and from arrays to sparsevec; oids in
/// vector_functions.cpp.
namespace omen::sql {
namespace {

using OwnedSparse = Owned<type_oid::kSparsevec>;

VectorView half_to_vector(Surroundings& surroundings, HalfVectorView a, Int4 modifier,
                          bool /*is_explicit*/) {
  check_vector_modifier(a.size(), modifier);
  const std::span<float> result = DenseVector<float>::result_of(surroundings, a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    result[i] = to_float(a[i]);
  }
  return result;
}
HalfVectorView vector_to_half(Surroundings& surroundings, VectorView a, Int4 modifier,
                              bool /*is_explicit*/) {
  check_vector_modifier(a.size(), modifier);
  const std::span<Half> result = DenseVector<Half>::result_of(surroundings, a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    result[i] = to_half_checked(a[i]);
  }
  return result;
}

template <typename Element>
OwnedSparse to_sparse(std::span<const Element> a, Int4 modifier, bool /*is_explicit*/) {
  check_vector_modifier(a.size(), modifier);
  std::vector<SparseElement> elements;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (const float value = to_float(a[i]); value != 0) {
      elements.push_back({static_cast<std::int32_t>(i), value});
    }
  }
  return {store_sparse(static_cast<std::int32_t>(a.size()), elements)};
}

template <typename Element>
std::span<const Element> to_dense(Surroundings& surroundings, SparseVector a, Int4 modifier,
                                  bool /*is_explicit*/) {
  const SparseReader vector(a.value);
  const auto dimensions = static_cast<std::size_t>(vector.dimensions());
  check_vector_dimensions<Element>(dimensions);
  check_vector_modifier(dimensions, modifier);
  const std::span<Element> result = DenseVector<Element>::result_of(surroundings, dimensions);
  std::ranges::fill(result, Element{});
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const SparseElement element = vector[i];
    if constexpr (std::is_same_v<Element, Half>) {
      result[static_cast<std::size_t>(element.index)] = to_half_checked(element.value);
    } else {
      result[static_cast<std::size_t>(element.index)] = element.value;
    }
  }
  return result;
}

template <Oid kArrayOid, typename T>
OwnedSparse array_to_sparse(ArrayValue<kArrayOid> value, Int4 modifier, bool /*is_explicit*/) {
  const ArrayView array(value.value);
  check_array(array);
  check_sparse_dimensions(static_cast<std::int64_t>(array.size()));
  check_vector_modifier(array.size(), modifier);
  std::vector<SparseElement> elements;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const float number = array_element<T>(array.element(i));
    if (number != 0) {
      elements.push_back({static_cast<std::int32_t>(i), number});
    }
  }
  check_sparse_elements(elements.size());
  for (const SparseElement& element : elements) {
    check_vector_element(element.value, "sparsevec");
  }
  return {store_sparse(static_cast<std::int32_t>(array.size()), elements)};
}

constexpr FunctionRow kRows[] = {
    scalar<half_to_vector>(16340, "halfvec_to_vector", "convert halfvec to vector"),
    scalar<vector_to_half>(16341, "vector_to_halfvec", "convert vector to halfvec"),
    scalar<to_sparse<float>>(16342, "vector_to_sparsevec", "convert vector to sparsevec"),
    scalar<to_dense<float>>(16343, "sparsevec_to_vector", "convert sparsevec to vector"),
    scalar<to_sparse<Half>>(16344, "halfvec_to_sparsevec", "convert halfvec to sparsevec"),
    scalar<to_dense<Half>>(16345, "sparsevec_to_halfvec", "convert sparsevec to halfvec"),
    scalar<array_to_sparse<1007, Int4>>(16346, "array_to_sparsevec", "convert int4[] to sparsevec"),
    scalar<array_to_sparse<1021, Float4>>(16347, "array_to_sparsevec",
                                          "convert float4[] to sparsevec"),
    scalar<array_to_sparse<1022, Float8>>(16348, "array_to_sparsevec",
                                          "convert float8[] to sparsevec"),
    scalar<array_to_sparse<1231, Numeric>>(16349, "array_to_sparsevec",
                                           "convert numeric[] to sparsevec"),
};

using type_oid::kVector, type_oid::kHalfvec, type_oid::kSparsevec;
constexpr CastContext kImplicit = CastContext::Implicit;
constexpr CastContext kAssignment = CastContext::Assignment;
constexpr CastMethod kFunction = CastMethod::Function;

constexpr CastRow kCasts[] = {
    {kVector, kVector, kImplicit, kFunction, 16122},
    {1007, kVector, kAssignment, kFunction, 16123},
    {1021, kVector, kAssignment, kFunction, 16124},
    {1022, kVector, kAssignment, kFunction, 16125},
    {1231, kVector, kAssignment, kFunction, 16126},
    {kVector, 1021, kImplicit, kFunction, 16127},
    {kHalfvec, kHalfvec, kImplicit, kFunction, 16272},
    {kHalfvec, kVector, kAssignment, kFunction, 16340},
    {kVector, kHalfvec, kImplicit, kFunction, 16341},
    {kHalfvec, 1021, kAssignment, kFunction, 16277},
    {1007, kHalfvec, kAssignment, kFunction, 16273},
    {1021, kHalfvec, kAssignment, kFunction, 16274},
    {1022, kHalfvec, kAssignment, kFunction, 16275},
    {1231, kHalfvec, kAssignment, kFunction, 16276},
    {kSparsevec, kSparsevec, kImplicit, kFunction, 16315},
    {kSparsevec, kVector, kAssignment, kFunction, 16343},
    {kVector, kSparsevec, kImplicit, kFunction, 16342},
    {kSparsevec, kHalfvec, kAssignment, kFunction, 16345},
    {kHalfvec, kSparsevec, kImplicit, kFunction, 16344},
    {1007, kSparsevec, kAssignment, kFunction, 16346},
    {1021, kSparsevec, kAssignment, kFunction, 16347},
    {1022, kSparsevec, kAssignment, kFunction, 16348},
    {1231, kSparsevec, kAssignment, kFunction, 16349},
};

}  // namespace

const FunctionTable kVectorCastFunctions = kRows;
const std::span<const CastRow> kVectorCastRows = kCasts;

}  // namespace omen::sql
