#include "engine/vector/code_space.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "engine/base/vector_forms.h"
#include "engine/vector/element.h"

namespace omen::engine {
namespace {

using Kind = CodeShape::Kind;

constexpr float kBoundZ =
    2.5F;  // deviations; measured: 63 instead of 320 exact distances at ef 320
constexpr float kFloatBound = 4e-6F;  // rounding of float sums, of |x'| |q'|

/// Width of a code step in standard deviations of the elements.
float step_of(unsigned bits) {
  return bits == 8 ? 0.031F : bits == 4 ? 0.335F : 0.9957F;
}

/// Deviation of an estimate relative to |x'| |q'|.
float deviation_of(const CodeShape& shape, std::size_t padded) {
  const auto width = static_cast<float>(padded);
  switch (shape.kind) {
    case Kind::Signs: {
      // a: cosine between a vector and its code, of which only some elements are not zero.
      const float a_squared =
          2 * std::numbers::inv_pi_v<float> * static_cast<float>(shape.code_dimensions) / width;
      return std::sqrt((1 - a_squared) / (a_squared * std::max(width - 1, 1.0F)));
    }
    case Kind::Digits:
      return (shape.bits == 8 ? 0.0155F : shape.bits == 4 ? 0.107F : 0.37F) / std::sqrt(width);
    default:
      return 0;
  }
}

void write_factors(unsigned char* node, std::size_t code_bytes, const CodeFactors& factors) {
  std::memcpy(node + code_bytes, &factors.add, sizeof(float));
  std::memcpy(node + code_bytes + 4, &factors.factor, sizeof(float));
  std::memcpy(node + code_bytes + 8, &factors.ones, sizeof(std::uint16_t));
}

CodeFactors read_factors(const unsigned char* node, std::size_t code_bytes) {
  CodeFactors factors;
  std::memcpy(&factors.add, node + code_bytes, sizeof(float));
  std::memcpy(&factors.factor, node + code_bytes + 4, sizeof(float));
  std::memcpy(&factors.ones, node + code_bytes + 8, sizeof(std::uint16_t));
  return factors;
}

EstimateFunction estimate_for(const CodeShape& shape, Metric metric) {
  switch (shape.kind) {
    case Kind::Floats:
      return kernels().estimate_float;
    case Kind::Taxicab:
      return kernels().estimate_l1;
    case Kind::BitString:
      return metric == Metric::Hamming ? kernels().estimate_hamming : kernels().estimate_jaccard;
    case Kind::Sparse:
      return metric == Metric::L1 ? estimate_sparse_l1 : estimate_sparse;
    case Kind::None:
    case Kind::Signs:
    case Kind::Digits:
      break;
  }
  switch (shape.bits) {
    case 2:
      return kernels().estimate_2bit;
    case 4:
      return kernels().estimate_4bit;
    case 8:
      return kernels().estimate_8bit;
    default:
      return kernels().estimate_1bit;
  }
}

}  // namespace

unsigned char* AlignedBytes::resize(std::size_t size_bytes) {
  if (storage_.size() < size_bytes + 64) {
    storage_.resize(size_bytes + 64);
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data());
    data_ = storage_.data() + ((address + 63) / 64 * 64 - address);
  }
  return data_;
}

CodeSpace::CodeSpace(const VectorIndexOptions& options, const CodeShape& shape,
                     CodeParameters parameters, const VectorFile* file)
    : options_(options),
      shape_(shape),
      row_count_((shape.code_bytes + kDigitRow - 1) / kDigitRow),
      parameters_(std::move(parameters)),
      rotation_(std::max<std::size_t>(shape.space_dimensions, 1), parameters_.seed),
      file_(file),
      estimate_(estimate_for(shape, options.metric)) {
  if (shape.kind == Kind::Taxicab) {
    // Either operand of each difference is off by up to half a step.
    bound_scale_ =
        kBoundZ * byte_step() *
        std::sqrt(static_cast<float>(std::max<std::size_t>(shape.space_dimensions, 1)) / 6);
    return;
  }
  bound_scale_ = 2 * kBoundZ * deviation_of(shape, rotation_.padded()) + kFloatBound;
}

void CodeSpace::prepare_row(const VectorValue& value, PreparedQuery& out) const {
  if (shape_.kind == Kind::BitString) {
    prepare_bits(value, out);
    return;
  }
  out.query_scale = 1;
  if (options_.metric == Metric::L2 || options_.metric == Metric::L1) {
    prepare(value, 1, 0, out);
    return;
  }
  const float norm = squared_norm(options_, value);
  if (options_.metric == Metric::Cosine) {
    prepare(value, 1 / std::sqrt(norm), 0, out);
    return;
  }
  const float rest = parameters_.norm_max * parameters_.norm_max - norm;
  prepare(value, 1, std::sqrt(std::max(rest, 0.0F)), out);
  out.code.add += std::min(rest, 0.0F);
}

void CodeSpace::prepare_query(const VectorValue& value, PreparedQuery& out) const {
  if (options_.metric != Metric::InnerProduct) {
    prepare_row(value, out);
    return;
  }
  // Any positive multiple of a query asks for the same order; this one keeps the noise down.
  const float norm = squared_norm(options_, value);
  const float scale = norm > 0 ? parameters_.norm_max / std::sqrt(norm) : 1.0F;
  out.query_scale = scale > 0 && std::isfinite(scale) ? scale : 1.0F;
  out.square = norm * out.query_scale * out.query_scale;
  prepare(value, out.query_scale, 0, out);
}

/// Centres and rotates `value` times `factor`, under inner product followed by `extra`.
void CodeSpace::prepare(const VectorValue& value, float factor, float extra,
                        PreparedQuery& out) const {
  if (shape_.kind == Kind::Sparse) {
    prepare_sparse(value, factor, extra, out);
    return;
  }
  const float* values = dense(options_, value, out.dense);
  const std::size_t width = shape_.space_dimensions;
  const std::size_t padded = rotation_.padded();
  out.rotated.resize(padded);
  float* target = out.rotated.data();
  kernels().centre(values, factor, parameters_.mean.data(), shape_.input_dimensions, target);
  if (width > shape_.input_dimensions) {
    target[width - 1] = extra - parameters_.mean[width - 1];
  }
  std::fill(target + width, target + padded, 0.0F);
  if (shape_.kind == Kind::Signs || shape_.kind == Kind::Digits) {
    rotation_.apply(target);
  }
  quantize(out);
}

void CodeSpace::prepare_bits(const VectorValue& value, PreparedQuery& out) const {
  const std::string_view bytes = bit_string(value.bytes()).bytes;
  unsigned char* digits = clear_digits(out);
  std::memcpy(digits, bytes.data(), bytes.size());
  BitCounts counts;
  kernels().count_bits(digits, digits, shape_.code_bytes, &counts);
  out.code.scale = 1;
  out.code.ones_scale = 0;
  // The Hamming estimate adds the offset, that of Jaccard takes it as the bits set.
  out.code.offset = options_.metric == Metric::Jaccard ? static_cast<float>(counts.a) : 0.0F;
  out.code.add = 0;
  out.norm = 0;
  out.usable = true;
}

/// `extra` only counts for the length: no query has anything there, and rows are compared by their
/// products alone. Hubs of long vectors are what a search for large products wants.
void CodeSpace::prepare_sparse(const VectorValue& value, float factor, float extra,
                               PreparedQuery& out) const {
  if (out.sparse == nullptr) {
    out.sparse = std::make_unique<SparseQuery>();
  }
  out.sparse->set(*file_, value, options_.dimensions, factor);
  out.code.digits = reinterpret_cast<const unsigned char*>(out.sparse.get());
  out.code.add = options_.metric == Metric::L1
                     ? sparse_magnitude(value)
                     : squared_norm(options_, value) * factor * factor + extra * extra;
  out.norm = std::sqrt(out.code.add);
  out.usable = std::isfinite(out.code.add);
}

/// Room for a query's digits, all zero.
unsigned char* CodeSpace::clear_digits(PreparedQuery& out) const {
  std::size_t copies = 1;
  if (shape_.kind == Kind::Signs) {
    copies = kQueryPlanes;
  } else if (shape_.kind == Kind::Digits) {
    copies = 8 / shape_.bits;
  }
  const std::size_t size_bytes = row_count_ * copies * kDigitRow;
  unsigned char* digits = out.digits.resize(size_bytes);
  std::memset(digits, 0, size_bytes);
  out.code.digits = digits;
  out.code.row_count = row_count_;
  return digits;
}

void CodeSpace::quantize(PreparedQuery& out) const {
  const ValueRange range = kernels().value_range(out.rotated.data(), rotation_.padded());
  out.usable = std::isfinite(range.norm) && std::isfinite(range.low) && std::isfinite(range.high);
  out.norm = std::sqrt(range.norm);
  out.code.add = range.norm;
  unsigned char* digits = clear_digits(out);
  if (!out.usable) {
    return;
  }
  switch (shape_.kind) {
    case Kind::Signs:
      return quantize_signs(range, digits, out);
    case Kind::Digits:
      return quantize_digits(range, digits, out);
    case Kind::Floats:
      std::memcpy(digits, out.rotated.data(), shape_.code_bytes);
      return;
    case Kind::Taxicab:
      return quantize_bytes(digits, out);
    case Kind::None:
    case Kind::BitString:
    case Kind::Sparse:
      return;
  }
}

/// <code, q'> with q' = low + step * digit and code +-1.
void CodeSpace::quantize_signs(const ValueRange& range, unsigned char* digits,
                               PreparedQuery& out) const {
  const float step = (range.high - range.low) / 15 + 1e-20F;
  const std::uint32_t sum =
      kernels().quantize_planes(out.rotated.data(), shape_.code_dimensions, range.low, 1 / step,
                                reinterpret_cast<std::uint64_t*>(digits), row_count_ * 8);
  out.code.scale = 2 * step;
  out.code.ones_scale = 2 * range.low;
  out.code.offset =
      -(range.low * static_cast<float>(shape_.code_dimensions) + step * static_cast<float>(sum));
}

void CodeSpace::quantize_digits(const ValueRange& range, unsigned char* digits,
                                PreparedQuery& out) const {
  const float largest = std::max({std::abs(range.low), std::abs(range.high), 1e-20F});
  const float inverse = 127 / largest;
  const std::size_t fields = 8 / shape_.bits;
  std::int32_t sum = 0;
  for (std::size_t row = 0, base = 0; row < row_count_; ++row) {
    const std::size_t width = std::min(kDigitRow, shape_.code_bytes - row * kDigitRow);
    for (std::size_t field = 0; field < fields; ++field, base += width) {
      sum += kernels().quantize_row(out.rotated.data() + base, width, inverse,
                                    digits + (row * fields + field) * kDigitRow);
    }
  }
  const float centre = static_cast<float>((1U << shape_.bits) - 1) / 2;
  out.code.scale = largest / 127;
  out.code.ones_scale = 0;
  out.code.offset = -out.code.scale * centre * static_cast<float>(sum);
}

void CodeSpace::quantize_bytes(unsigned char* digits, PreparedQuery& out) const {
  const float inverse = 1 / byte_step();
  float excess = 0;
  for (std::size_t base = 0; base < shape_.code_dimensions; base += kDigitRow) {
    const std::size_t width = std::min(kDigitRow, shape_.code_dimensions - base);
    (void)kernels().encode_row(out.rotated.data() + base, width, inverse, 8, 0, digits + base);
    for (std::size_t i = base; i < base + width; ++i) {
      excess += std::max(std::abs(out.rotated[i]) - parameters_.norm_max, 0.0F);
    }
  }
  out.code.scale = byte_step();
  out.code.ones_scale = 0;
  out.code.offset = 0;
  out.code.add = excess;
  out.usable = std::isfinite(excess);
}

void CodeSpace::prepare_like(const PreparedQuery& other, PreparedQuery& out) const {
  out.rotated = other.rotated;
  quantize(out);
  out.code.add = other.code.add;
}

void CodeSpace::prepare_from_code(const unsigned char* node, PreparedQuery& out) const {
  if (shape_.kind == Kind::Sparse) {
    VectorFile::Place place;
    std::memcpy(&place, node, sizeof place);
    prepare_row(file_->value_at(place), out);
    return;
  }
  const CodeFactors factors = read_factors(node, shape_.code_bytes);
  unsigned char* digits = clear_digits(out);
  out.usable = true;
  out.code.add = factors.add;
  out.code.ones_scale = 0;
  out.code.offset = 0;
  if (shape_.kind != Kind::Digits) {
    std::memcpy(digits, node, shape_.code_bytes);
    out.code.scale = shape_.kind == Kind::Taxicab ? byte_step() : 1.0F;
    if (options_.metric == Metric::Jaccard) {
      out.code.offset = static_cast<float>(factors.ones);
    }
    return;
  }
  const auto digit_max = static_cast<int>((1U << shape_.bits) - 1);
  // x' is about -factor / 2 (u - centre); doubled digits are whole: 2 u - digit_max. Eight bits do
  // not fit doubled, so that half a step is lost there.
  const std::int32_t sum = kernels().expand_code(node, shape_.code_bytes, shape_.bits, digits);
  out.code.scale = (shape_.bits == 8 ? -0.5F : -0.25F) * factors.factor;
  out.code.offset = -out.code.scale * static_cast<float>(digit_max) / 2 * static_cast<float>(sum);
  out.norm = std::sqrt(std::max(factors.add, 0.0F));
}

bool CodeSpace::encode(const PreparedQuery& row, unsigned char* node) const {
  if (!row.usable) {
    return false;
  }
  switch (shape_.kind) {
    case Kind::Signs:
      return encode_signs(row, node);
    case Kind::Digits:
      return encode_digits(row, node);
    case Kind::Sparse:
      return encode_sparse(row, node);
    default:
      return encode_copy(row, node);
  }
}

bool CodeSpace::encode_signs(const PreparedQuery& row, unsigned char* node) const {
  std::uint32_t ones = 0;
  const float sum = kernels().encode_signs(row.rotated.data(), shape_.code_dimensions, node, &ones);
  CodeFactors factors;
  const float norm = row.norm * row.norm;
  factors.add = row.code.add;
  factors.factor = sum > 0 ? -2 * norm / sum : 0.0F;
  factors.ones = static_cast<std::uint16_t>(ones);
  write_factors(node, shape_.code_bytes, factors);
  return std::isfinite(factors.add) && std::isfinite(factors.factor);
}

bool CodeSpace::encode_digits(const PreparedQuery& row, unsigned char* node) const {
  const std::size_t padded = rotation_.padded();
  const float norm = row.norm * row.norm;
  const float step =
      step_of(shape_.bits) * row.norm / std::sqrt(static_cast<float>(padded)) + 1e-20F;
  const float inverse = 1 / step;
  const std::size_t fields = 8 / shape_.bits;
  std::memset(node, 0, shape_.code_bytes);
  double product = 0;
  for (std::size_t code_row = 0, base = 0; code_row < row_count_; ++code_row) {
    const std::size_t width = std::min(kDigitRow, shape_.code_bytes - code_row * kDigitRow);
    for (std::size_t field = 0; field < fields; ++field, base += width) {
      product += kernels().encode_row(row.rotated.data() + base, width, inverse, shape_.bits,
                                      static_cast<unsigned>(field) * shape_.bits,
                                      node + code_row * kDigitRow);
    }
  }
  CodeFactors factors;
  factors.add = row.code.add;
  factors.factor = product > 0 ? static_cast<float>(-2 * norm / product) : 0.0F;
  write_factors(node, shape_.code_bytes, factors);
  return std::isfinite(factors.add) && std::isfinite(factors.factor);
}

bool CodeSpace::encode_copy(const PreparedQuery& row, unsigned char* node) const {
  std::memcpy(node, row.digits.data(), shape_.code_bytes);
  CodeFactors factors;
  factors.add = row.code.add;
  factors.factor = 1;
  // Bits set, as Jaccard needs them.
  factors.ones = shape_.kind == Kind::BitString ? static_cast<std::uint16_t>(row.code.offset) : 0;
  write_factors(node, shape_.code_bytes, factors);
  return std::isfinite(factors.add);
}

bool CodeSpace::encode_sparse(const PreparedQuery& row, unsigned char* node) const {
  CodeFactors factors;
  factors.add = row.code.add;
  factors.factor = -2 * row.sparse->factor();
  write_factors(node, shape_.code_bytes, factors);
  return std::isfinite(factors.add) && std::isfinite(factors.factor);
}

float CodeSpace::error_bound(const PreparedQuery& query, const unsigned char* node) const {
  float add = 0;
  std::memcpy(&add, node + shape_.code_bytes, sizeof(float));
  switch (shape_.kind) {
    case Kind::Taxicab:
      return bound_scale_ + add + query.code.add;
    case Kind::BitString:
      return kFloatBound;
    case Kind::Sparse:
      return kFloatBound * (add + query.code.add);
    default:
      return bound_scale_ * std::sqrt(std::max(add, 0.0F)) * query.norm;
  }
}

double CodeSpace::to_space(const PreparedQuery& query, double distance) const {
  switch (options_.metric) {
    case Metric::L2:
      return distance * distance;
    case Metric::Cosine:
      return 2 * distance;
    case Metric::InnerProduct:
      // |(x, a) - (s q, 0)|^2 = norm_max^2 + |s q|^2 - 2 s <x, q>
      return static_cast<double>(parameters_.norm_max) * parameters_.norm_max + query.square +
             2.0 * query.query_scale * distance;
    case Metric::L1:
    case Metric::Hamming:
    case Metric::Jaccard:
      break;
  }
  return distance;
}

}  // namespace omen::engine
