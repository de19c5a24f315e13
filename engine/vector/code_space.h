#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/kernels/kernels.h"
#include "engine/vector/rotation.h"

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
};

/// What was learnt from a sample when the codes were made; part of the checkpoint.
struct CodeParameters {
  std::uint64_t seed = 0;
  std::uint32_t row_count = 0;  ///< slots there were
  float norm_max = 0;           ///< inner product: largest |x| of the sample
  std::vector<float> mean;      ///< in the space, space_dimensions() long
};

/// Maps vectors of one metric to points whose squared L2 distances order as the metric does, and
/// these to codes of 1, 2, 4 or 8 bits an element with an unbiased estimate of that distance.
///
/// L2: the vector. Cosine: the vector over its norm. Inner product: (x, sqrt(norm_max^2 - |x|^2)),
/// the query (s q, 0) (Bachrach et al., "Speeding up the Xbox recommender system", 2014).
/// Code of x' = R(x - mean): estimate |x'|^2 + |q'|^2 - 2 |x'|^2 <code, q'> / <code, x'>
/// (Gao and Long, "RaBitQ", arXiv:2405.12497; multi-bit: arXiv:2409.09913).
///
/// **Threads:** immutable.
class CodeSpace {
 public:
  CodeSpace(Metric metric, std::size_t dimensions, unsigned bits, CodeParameters parameters);

  /// The width that measured best for so many dimensions.
  static unsigned bits_for(std::size_t dimensions);
  static std::size_t space_dimensions(Metric metric, std::size_t dimensions) {
    return metric == Metric::InnerProduct ? dimensions + 1 : dimensions;
  }
  static std::size_t code_bytes_for(Metric metric, std::size_t dimensions, unsigned bits);

  /// Writes the code and its CodeFactors (code_bytes() + 10 bytes) of a prepared row; false if
  /// the vector cannot be coded (not finite, or zero under cosine).
  bool encode(const PreparedQuery& row, unsigned char* node) const;
  /// Prepares a row as it is stored: for encode() and to be linked.
  void prepare_row(std::span<const float> vector, PreparedQuery& out) const;
  void prepare_query(std::span<const float> vector, PreparedQuery& out) const;

  /// Makes `out` ready for these codes from a row or query prepared by a space that differs from
  /// this one in `bits` alone.
  void prepare_like(const PreparedQuery& other, PreparedQuery& out) const;
  /// Makes `out` a query from a code of 4 or 8 bits, as far as the code knows its vector.
  void prepare_from_code(const unsigned char* node, PreparedQuery& out) const;

  /// Estimates squared distances in the space.
  [[nodiscard]] EstimateFunction estimate() const { return estimate_; }
  /// How far an estimate may lie above or below the truth, for all but about one in a hundred.
  [[nodiscard]] float error_bound(const PreparedQuery& query, const unsigned char* node) const;
  /// The SQL distance as a squared distance of the space, comparable with estimates.
  [[nodiscard]] double to_space(const PreparedQuery& query, double distance) const;

  [[nodiscard]] std::size_t code_bytes() const { return code_bytes_; }
  [[nodiscard]] unsigned bits() const { return bits_; }
  [[nodiscard]] const CodeParameters& parameters() const { return parameters_; }

 private:
  void prepare(std::span<const float> vector, float factor, float extra, PreparedQuery& out) const;
  void quantize(PreparedQuery& out) const;
  bool encode_signs(const PreparedQuery& row, unsigned char* node) const;
  bool encode_wide(const PreparedQuery& row, unsigned char* node) const;

  Metric metric_;
  std::size_t dimensions_;
  unsigned bits_;
  std::size_t code_bytes_;
  std::size_t row_count_;  ///< rows of 64 bytes a code takes
  CodeParameters parameters_;
  Rotation rotation_;
  EstimateFunction estimate_;
};

}  // namespace omen::engine
