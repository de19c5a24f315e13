#include "engine/vector/code_space.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace omen::engine {
namespace {

constexpr float kBoundZ =
    2.5F;  // deviations; measured: 63 instead of 320 exact distances at ef 320

/// Width of a code step in standard deviations of the elements, and the deviation of an estimate
/// relative to |x'| |q'| / sqrt(D), by bits.
float step_of(unsigned bits) {
  return bits == 8 ? 0.031F : bits == 4 ? 0.335F : 0.9957F;
}

float deviation_of(unsigned bits) {
  return bits == 8 ? 0.0155F : bits == 4 ? 0.107F : bits == 2 ? 0.37F : 0.755F;
}

void write_factors(unsigned char* node, std::size_t code_bytes, const CodeFactors& factors) {
  std::memcpy(node + code_bytes, &factors.add, sizeof(float));
  std::memcpy(node + code_bytes + 4, &factors.factor, sizeof(float));
  std::memcpy(node + code_bytes + 8, &factors.ones, sizeof(std::uint16_t));
}

EstimateFunction estimate_for(unsigned bits) {
  switch (bits) {
    case 1:
      return kernels().estimate_1bit;
    case 2:
      return kernels().estimate_2bit;
    case 4:
      return kernels().estimate_4bit;
    default:
      return kernels().estimate_8bit;
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

CodeSpace::CodeSpace(Metric metric, std::size_t dimensions, unsigned bits,
                     CodeParameters parameters)
    : metric_(metric),
      dimensions_(dimensions),
      bits_(bits),
      code_bytes_(code_bytes_for(metric, dimensions, bits)),
      row_count_((code_bytes_ + kDigitRow - 1) / kDigitRow),
      parameters_(std::move(parameters)),
      rotation_(space_dimensions(metric, dimensions), parameters_.seed),
      estimate_(estimate_for(bits)) {}

unsigned CodeSpace::bits_for(std::size_t dimensions) {
  return dimensions >= 512 ? 1 : dimensions >= 256 ? 2 : dimensions > 64 ? 4 : 8;
}

std::size_t CodeSpace::code_bytes_for(Metric metric, std::size_t dimensions, unsigned bits) {
  return (space_dimensions(metric, dimensions) + 63) / 64 * 64 * bits / 8;
}

void CodeSpace::prepare_row(std::span<const float> vector, PreparedQuery& out) const {
  out.query_scale = 1;
  if (metric_ == Metric::L2) {
    prepare(vector, 1, 0, out);
    return;
  }
  const float norm = kernels().inner_product(vector.data(), vector.data(), dimensions_);
  if (metric_ == Metric::Cosine) {
    prepare(vector, 1 / std::sqrt(norm), 0, out);
    return;
  }
  const float rest = parameters_.norm_max * parameters_.norm_max - norm;
  prepare(vector, 1, std::sqrt(std::max(rest, 0.0F)), out);
  out.code.add += std::min(rest, 0.0F);
}

void CodeSpace::prepare_query(std::span<const float> vector, PreparedQuery& out) const {
  if (metric_ != Metric::InnerProduct) {
    prepare_row(vector, out);
    return;
  }
  // Any positive multiple of a query asks for the same order; this one keeps the noise down.
  const float norm = kernels().inner_product(vector.data(), vector.data(), dimensions_);
  const float scale = norm > 0 ? parameters_.norm_max / std::sqrt(norm) : 1.0F;
  out.query_scale = scale > 0 && std::isfinite(scale) ? scale : 1.0F;
  out.square = norm * out.query_scale * out.query_scale;
  prepare(vector, out.query_scale, 0, out);
}

/// Centres and rotates `vector` times `factor`, under inner product followed by `extra`.
void CodeSpace::prepare(std::span<const float> vector, float factor, float extra,
                        PreparedQuery& out) const {
  const std::size_t width = rotation_.dimensions();
  const std::size_t padded = rotation_.padded();
  out.rotated.resize(padded);
  float* values = out.rotated.data();
  kernels().centre(vector.data(), factor, parameters_.mean.data(), dimensions_, values);
  if (width > dimensions_) {
    values[dimensions_] = extra - parameters_.mean[dimensions_];
  }
  std::fill(values + width, values + padded, 0.0F);
  rotation_.apply(values);
  quantize(out);
}

void CodeSpace::quantize(PreparedQuery& out) const {
  const std::size_t padded = rotation_.padded();
  const float* values = out.rotated.data();
  const ValueRange range = kernels().value_range(values, padded);
  out.usable = std::isfinite(range.norm) && std::isfinite(range.low) && std::isfinite(range.high);
  out.norm = std::sqrt(range.norm);
  out.code.row_count = row_count_;
  out.code.add = range.norm;
  const std::size_t copies = bits_ == 1 ? kQueryPlanes : 8 / bits_;
  const std::size_t size_bytes = row_count_ * copies * kDigitRow;
  unsigned char* digits = out.digits.resize(size_bytes);
  out.code.digits = digits;
  std::memset(digits, 0, size_bytes);
  if (!out.usable) {
    return;
  }
  if (bits_ == 1) {
    // <code, q'> with q' = low + step * digit and code +-1.
    const float step = (range.high - range.low) / 15 + 1e-20F;
    const std::uint32_t sum =
        kernels().quantize_planes(values, padded, range.low, 1 / step,
                                  reinterpret_cast<std::uint64_t*>(digits), row_count_ * 8);
    out.code.scale = 2 * step;
    out.code.ones_scale = 2 * range.low;
    out.code.offset = -(range.low * static_cast<float>(padded) + step * static_cast<float>(sum));
    return;
  }
  const float largest = std::max({std::abs(range.low), std::abs(range.high), 1e-20F});
  const float inverse = 127 / largest;
  const std::size_t fields = 8 / bits_;
  std::int32_t sum = 0;
  for (std::size_t row = 0, base = 0; row < row_count_; ++row) {
    const std::size_t width = std::min(kDigitRow, code_bytes_ - row * kDigitRow);
    for (std::size_t field = 0; field < fields; ++field, base += width) {
      sum += kernels().quantize_row(values + base, width, inverse,
                                    digits + (row * fields + field) * kDigitRow);
    }
  }
  const float centre = static_cast<float>((1U << bits_) - 1) / 2;
  out.code.scale = largest / 127;
  out.code.ones_scale = 0;
  out.code.offset = -out.code.scale * centre * static_cast<float>(sum);
}

void CodeSpace::prepare_like(const PreparedQuery& other, PreparedQuery& out) const {
  out.rotated = other.rotated;
  quantize(out);
  out.code.add = other.code.add;
}

void CodeSpace::prepare_from_code(const unsigned char* node, PreparedQuery& out) const {
  CodeFactors factors;
  std::memcpy(&factors.add, node + code_bytes_, sizeof(float));
  std::memcpy(&factors.factor, node + code_bytes_ + 4, sizeof(float));
  const std::size_t fields = 8 / bits_;
  const std::size_t size_bytes = row_count_ * fields * kDigitRow;
  unsigned char* digits = out.digits.resize(size_bytes);
  const auto digit_max = static_cast<int>((1U << bits_) - 1);
  // x' is about -factor / 2 (u - centre); doubled digits are whole: 2 u - digit_max. Eight bits do
  // not fit doubled, so that half a step is lost there.
  const std::int32_t sum = kernels().expand_code(node, code_bytes_, bits_, digits);
  out.code.digits = digits;
  out.code.row_count = row_count_;
  out.code.scale = (bits_ == 8 ? -0.5F : -0.25F) * factors.factor;
  out.code.ones_scale = 0;
  out.code.offset = -out.code.scale * static_cast<float>(digit_max) / 2 * static_cast<float>(sum);
  out.code.add = factors.add;
  out.norm = std::sqrt(std::max(factors.add, 0.0F));
  out.usable = true;
}

bool CodeSpace::encode(const PreparedQuery& row, unsigned char* node) const {
  return row.usable && (bits_ == 1 ? encode_signs(row, node) : encode_wide(row, node));
}

bool CodeSpace::encode_signs(const PreparedQuery& row, unsigned char* node) const {
  std::uint32_t ones = 0;
  const float sum = kernels().encode_signs(row.rotated.data(), rotation_.padded(), node, &ones);
  CodeFactors factors;
  const float norm = row.norm * row.norm;
  factors.add = row.code.add;
  factors.factor = sum > 0 ? -2 * norm / sum : 0.0F;
  factors.ones = static_cast<std::uint16_t>(ones);
  write_factors(node, code_bytes_, factors);
  return std::isfinite(factors.add) && std::isfinite(factors.factor);
}

bool CodeSpace::encode_wide(const PreparedQuery& row, unsigned char* node) const {
  const std::size_t padded = rotation_.padded();
  const float norm = row.norm * row.norm;
  const float step = step_of(bits_) * row.norm / std::sqrt(static_cast<float>(padded)) + 1e-20F;
  const float inverse = 1 / step;
  const std::size_t fields = 8 / bits_;
  std::memset(node, 0, code_bytes_);
  double product = 0;
  for (std::size_t code_row = 0, base = 0; code_row < row_count_; ++code_row) {
    const std::size_t width = std::min(kDigitRow, code_bytes_ - code_row * kDigitRow);
    for (std::size_t field = 0; field < fields; ++field, base += width) {
      product +=
          kernels().encode_row(row.rotated.data() + base, width, inverse, bits_,
                               static_cast<unsigned>(field) * bits_, node + code_row * kDigitRow);
    }
  }
  CodeFactors factors;
  factors.add = row.code.add;
  factors.factor = product > 0 ? static_cast<float>(-2 * norm / product) : 0.0F;
  write_factors(node, code_bytes_, factors);
  return std::isfinite(factors.add) && std::isfinite(factors.factor);
}

float CodeSpace::error_bound(const PreparedQuery& query, const unsigned char* node) const {
  float add = 0;
  std::memcpy(&add, node + code_bytes_, sizeof(float));
  const float norm = std::sqrt(std::max(add, 0.0F));
  return 2 * kBoundZ * deviation_of(bits_) * norm * query.norm /
         std::sqrt(static_cast<float>(rotation_.padded()));
}

double CodeSpace::to_space(const PreparedQuery& query, double distance) const {
  switch (metric_) {
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
