#pragma once

#include <cstddef>

#include "engine/base/status.h"
#include "engine/vector/vector_index.h"

/// What differs between the element types of an index.
namespace omen::engine {

/// InvalidArgument if such an index cannot be (dimensions, a metric the element has not).
Status check_options(const VectorIndexOptions& options);
/// InvalidArgument if `value` is not of the index's dimensions, or is no value of its element.
Status check_value(const VectorIndexOptions& options, const VectorValue& value);

/// Bytes of every value; 0 if they vary.
std::size_t value_bytes(const VectorIndexOptions& options);

/// Under cosine: the value has no direction, its distances are NaN.
bool is_zero(const VectorIndexOptions& options, const VectorValue& value);

/// The distance the metric's SQL operator returns: `<->`, `<#>` (negated product), `<=>`, `<+>`,
/// `<~>`, `<%>`.
double exact_distance(const VectorIndexOptions& options, const VectorValue& a,
                      const VectorValue& b);

/// The value as floats, which lie in `value` or in `scratch`. Not of bits and sparse vectors.
const float* dense(const VectorIndexOptions& options, const VectorValue& value,
                   std::vector<float>& scratch);
/// Squared norm of the value itself.
float squared_norm(const VectorIndexOptions& options, const VectorValue& value);
/// Sum of the magnitudes of a sparse value's elements.
float sparse_magnitude(const VectorValue& value);

}  // namespace omen::engine
