#include "engine/kernels/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

/// ARMv8.0 NEON. What is not here the scalar table serves (kernels.h).
namespace omen::engine {
namespace {

template <typename Step, typename Rest>
float accumulate(const float* a, const float* b, std::size_t count, Step step, Rest rest) {
  float32x4_t sums[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (std::size_t k = 0; k < 4; ++k) {
      sums[k] = step(sums[k], vld1q_f32(a + i + 4 * k), vld1q_f32(b + i + 4 * k));
    }
  }
  for (; i + 4 <= count; i += 4) {
    sums[0] = step(sums[0], vld1q_f32(a + i), vld1q_f32(b + i));
  }
  float total = vaddvq_f32(vaddq_f32(vaddq_f32(sums[0], sums[1]), vaddq_f32(sums[2], sums[3])));
  for (; i < count; ++i) {
    total += rest(a[i], b[i]);
  }
  return total;
}

float l2_squared(const float* a, const float* b, std::size_t count) {
  return accumulate(
      a, b, count,
      [](float32x4_t sum, float32x4_t x, float32x4_t y) {
        const float32x4_t difference = vsubq_f32(x, y);
        return vfmaq_f32(sum, difference, difference);
      },
      [](float x, float y) { return (x - y) * (x - y); });
}

float inner_product(const float* a, const float* b, std::size_t count) {
  return accumulate(
      a, b, count,
      [](float32x4_t sum, float32x4_t x, float32x4_t y) { return vfmaq_f32(sum, x, y); },
      [](float x, float y) { return x * y; });
}

float l1(const float* a, const float* b, std::size_t count) {
  return accumulate(
      a, b, count,
      [](float32x4_t sum, float32x4_t x, float32x4_t y) { return vaddq_f32(sum, vabdq_f32(x, y)); },
      [](float x, float y) { return __builtin_fabsf(x - y); });
}

void cosine(const float* a, const float* b, std::size_t count, CosineParts* out) {
  out->product = inner_product(a, b, count);
  out->norm_a = inner_product(a, a, count);
  out->norm_b = inner_product(b, b, count);
}

float combine(const CodeQuery& query, const unsigned char* node, std::size_t code_bytes,
              std::int64_t product) {
  CodeFactors factors;
  __builtin_memcpy(&factors.add, node + code_bytes, sizeof(float));
  __builtin_memcpy(&factors.factor, node + code_bytes + 4, sizeof(float));
  __builtin_memcpy(&factors.ones, node + code_bytes + 8, sizeof(std::uint16_t));
  const float dot = query.scale * static_cast<float>(product) +
                    query.ones_scale * static_cast<float>(factors.ones) + query.offset;
  return factors.add + query.add + factors.factor * dot;
}

/// Set bits of 16 bytes, as eight 16-bit sums.
uint16x8_t count_bits(uint8x16_t bytes) {
  return vpaddlq_u8(vcntq_u8(bytes));
}

void estimate_1bit(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  const std::size_t plane_bytes = query.row_count * kDigitRow;
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    if (n + 1 < count) {
      __builtin_prefetch(codes.nodes + ids[n + 1] * codes.stride_bytes);
    }
    uint32x4_t sums[kQueryPlanes] = {vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0),
                                     vdupq_n_u32(0)};
    std::int64_t product = 0;
    std::size_t byte = 0;
    for (; byte + 16 <= codes.code_bytes; byte += 16) {
      const uint8x16_t code = vld1q_u8(node + byte);
      for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
        const uint8x16_t digits = vld1q_u8(query.digits + plane * plane_bytes + byte);
        sums[plane] = vpadalq_u16(sums[plane], count_bits(vandq_u8(code, digits)));
      }
    }
    for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
      product += static_cast<std::int64_t>(vaddvq_u32(sums[plane])) << plane;
      for (std::size_t rest = byte; rest < codes.code_bytes; ++rest) {
        const auto both =
            static_cast<unsigned>(node[rest] & query.digits[plane * plane_bytes + rest]);
        product += static_cast<std::int64_t>(__builtin_popcount(both)) << plane;
      }
    }
    out[n] = combine(query, node, codes.code_bytes, product);
  }
}

}  // namespace

const Kernels kNeonKernels = {
    .name = "neon",
    .l2_squared = l2_squared,
    .inner_product = inner_product,
    .l1 = l1,
    .cosine = cosine,
    .estimate_1bit = estimate_1bit,
};

}  // namespace omen::engine

#endif
