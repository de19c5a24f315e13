#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/vector/code_shape.h"
#include "engine/vector/rotation.h"
#include "engine/vector/sparse_query.h"

namespace omen::engine {

/// Bytes aligned to 64, grown but never shrunk.
class AlignedBytes {
 public:
  unsigned char* resize(std::size_t size_bytes);
  [[nodiscard]] const unsigned char* data() const { return data_; }

 private:
  std::vector<unsigned char> storage_;
  unsigned char* data_ = nullptr;
};

/// A query (or a row to be linked) made ready for the codes of one CodeSpace.
struct PreparedQuery {
  CodeQuery code;         ///< for the space's own codes
  float norm = 0;         ///< |q'|, of the rotated, centred query
  float query_scale = 1;  ///< inner product: what the query was multiplied by
  float square = 0;       ///< inner product: squared norm of the scaled query
  bool usable = false;    ///< false: not finite (or zero under cosine): only floats can be compared
  AlignedBytes digits;
  std::vector<float> rotated;
  std::vector<float> dense;  ///< scratch: a value that is not stored as floats
  std::unique_ptr<SparseQuery> sparse;
};

/// What was learnt from a sample when the codes were made; part of the checkpoint.
struct CodeParameters {
  std::uint64_t seed = 0;
  std::uint32_t row_count = 0;  ///< slots there were
  float residual_norm = 0;      ///< mean |x'| of the slots coded
  /// Inner product: largest |x| of the sample; L1: distance from the mean that a byte reaches
  float norm_max = 0;
  std::vector<float> mean;  ///< in the space, space_dimensions() long
};

/// Maps values of one index to points whose squared L2 distances order as the metric does, and
/// these to codes with an unbiased estimate of that distance.
///
/// L2: the vector. Cosine: the vector over its norm. Inner product: (x, sqrt(norm_max^2 - |x|^2)),
/// the query (s q, 0) (Bachrach et al., "Speeding up the Xbox recommender system", 2014).
/// Code of x' = R(x - mean): estimate |x'|^2 + |q'|^2 - 2 |x'|^2 <code, q'> / <code, x'>
/// (Gao and Long, "RaBitQ", arXiv:2405.12497; multi-bit: arXiv:2409.09913), also where only the
/// first elements of x' are coded. Other kinds (CodeShape): the floats or bits themselves; for L1
/// bytes u of x - mean in steps of norm_max / 127, with what they cannot reach added. Sparse
/// vectors are read from the vector file.
///
/// **Threads:** immutable.
class CodeSpace {
 public:
  /// `file` has the values where those are sparse, and outlives this.
  CodeSpace(const VectorIndexOptions& options, const CodeShape& shape, CodeParameters parameters,
            const VectorFile* file = nullptr);

  /// Writes the code and its CodeFactors (code_bytes() + 10 bytes) of a prepared row; false if
  /// the vector cannot be coded (not finite, or zero under cosine). Of a sparse one all but its
  /// place, which is the caller's to set.
  bool encode(const PreparedQuery& row, unsigned char* node) const;
  /// Prepares a row as it is stored: for encode() and to be linked.
  void prepare_row(const VectorValue& value, PreparedQuery& out) const;
  void prepare_query(const VectorValue& value, PreparedQuery& out) const;

  /// Makes `out` ready for these codes from a row or query prepared by a space that differs from
  /// this one in its shape alone.
  void prepare_like(const PreparedQuery& other, PreparedQuery& out) const;
  /// Makes `out` a query from a fine code (CodeShape::is_fine()), as far as the code knows its
  /// vector.
  void prepare_from_code(const unsigned char* node, PreparedQuery& out) const;

  /// Estimates squared distances in the space; for L1 and bits, distances.
  [[nodiscard]] EstimateFunction estimate() const { return estimate_; }
  /// How far an estimate may lie above or below the truth, for all but about one in a hundred.
  [[nodiscard]] float error_bound(const PreparedQuery& query, const unsigned char* node) const;
  /// The SQL distance as one of the space, comparable with estimates.
  [[nodiscard]] double to_space(const PreparedQuery& query, double distance) const;

  [[nodiscard]] const CodeShape& shape() const { return shape_; }
  [[nodiscard]] std::size_t code_bytes() const { return shape_.code_bytes; }
  [[nodiscard]] const CodeParameters& parameters() const { return parameters_; }
  /// Before the space is shared.
  void set_residual_norm(float norm) { parameters_.residual_norm = norm; }

 private:
  void prepare(const VectorValue& value, float factor, float extra, PreparedQuery& out) const;
  void prepare_bits(const VectorValue& value, PreparedQuery& out) const;
  void prepare_sparse(const VectorValue& value, float factor, float extra,
                      PreparedQuery& out) const;
  void quantize(PreparedQuery& out) const;
  void quantize_signs(const ValueRange& range, unsigned char* digits, PreparedQuery& out) const;
  void quantize_digits(const ValueRange& range, unsigned char* digits, PreparedQuery& out) const;
  void quantize_bytes(unsigned char* digits, PreparedQuery& out) const;
  unsigned char* clear_digits(PreparedQuery& out) const;
  bool encode_signs(const PreparedQuery& row, unsigned char* node) const;
  bool encode_digits(const PreparedQuery& row, unsigned char* node) const;
  bool encode_sparse(const PreparedQuery& row, unsigned char* node) const;
  /// Codes that are the digits of a query.
  bool encode_copy(const PreparedQuery& row, unsigned char* node) const;
  [[nodiscard]] float byte_step() const { return parameters_.norm_max / 127 + 1e-20F; }

  VectorIndexOptions options_;
  CodeShape shape_;
  std::size_t row_count_;  ///< rows of 64 bytes a code takes
  CodeParameters parameters_;
  Rotation rotation_;
  const VectorFile* file_;
  EstimateFunction estimate_;
  float bound_scale_;  ///< of |x'| |q'|, or for L1 the bound itself
};

}  // namespace omen::engine
