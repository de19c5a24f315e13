#pragma once

#include <cstddef>

#include "engine/base/status.h"
#include "engine/vector/vector_index.h"

/// What differs between the element types of an index.
namespace omen::engine {

/// Dimensions of the dense sketch that stands for a sparse vector in codes.
constexpr std::size_t kSketchDimensions = 512;

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

/// Number of floats dense() writes; 0 for bits.
std::size_t dense_dimensions(const VectorIndexOptions& options);
/// The value as floats: itself, or for a sparse one its count sketch, whose products and distances
/// are those of the values in expectation (Charikar, Chen and Farach-Colton, "Finding frequent
/// items in data streams", 2002). Returns where they are: in `value` or in `scratch`.
const float* dense(const VectorIndexOptions& options, const VectorValue& value,
                   std::vector<float>& scratch);
/// Squared norm of the value itself.
float squared_norm(const VectorIndexOptions& options, const VectorValue& value);

}  // namespace omen::engine
