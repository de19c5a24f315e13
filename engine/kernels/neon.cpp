#include "engine/kernels/kernels.h"

#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

/// ARMv8.0 NEON. What is not here the scalar table serves (kernels.h).
namespace omen::engine {
namespace {

float32x4_t load(const float* values) {
  return vld1q_f32(values);
}

float32x4_t load(const Half* values) {
  return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(&values->bits)));
}

/// The first `count` < 4 values, then zeros.
template <typename T>
float32x4_t load_part(const T* values, std::size_t count) {
  T part[4] = {};
  for (std::size_t i = 0; i < count; ++i) {
    part[i] = values[i];
  }
  return load(part);
}

template <typename T, typename Step>
float accumulate(const T* a, const T* b, std::size_t count, Step step) {
  float32x4_t sums[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (std::size_t k = 0; k < 4; ++k) {
      sums[k] = step(sums[k], load(a + i + 4 * k), load(b + i + 4 * k));
    }
  }
  for (; i + 4 <= count; i += 4) {
    sums[0] = step(sums[0], load(a + i), load(b + i));
  }
  if (i < count) {
    sums[1] = step(sums[1], load_part(a + i, count - i), load_part(b + i, count - i));
  }
  return vaddvq_f32(vaddq_f32(vaddq_f32(sums[0], sums[1]), vaddq_f32(sums[2], sums[3])));
}

template <typename T>
float l2_squared(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    const float32x4_t difference = vsubq_f32(x, y);
    return vfmaq_f32(sum, difference, difference);
  });
}

template <typename T>
float inner_product(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    return vfmaq_f32(sum, x, y);
  });
}

template <typename T>
float l1(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](float32x4_t sum, float32x4_t x, float32x4_t y) {
    return vaddq_f32(sum, vabdq_f32(x, y));
  });
}

template <typename T>
void cosine(const T* a, const T* b, std::size_t count, CosineParts* out) {
  out->product = inner_product(a, b, count);
  out->norm_a = inner_product(a, a, count);
  out->norm_b = inner_product(b, b, count);
}

void widen(const Half* values, std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    vst1q_f32(out + i, load(values + i));
  }
  for (; i < count; ++i) {
    out[i] = vgetq_lane_f32(load_part(values + i, 1), 0);
  }
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
uint16x8_t pair_counts(uint8x16_t bytes) {
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
        sums[plane] = vpadalq_u16(sums[plane], pair_counts(vandq_u8(code, digits)));
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

std::uint64_t hamming(const unsigned char* a, const unsigned char* b, std::size_t size_bytes) {
  uint64x2_t sums = vdupq_n_u64(0);
  std::size_t byte = 0;
  for (; byte + 16 <= size_bytes; byte += 16) {
    const uint16x8_t counts = pair_counts(veorq_u8(vld1q_u8(a + byte), vld1q_u8(b + byte)));
    sums = vpadalq_u32(sums, vpaddlq_u16(counts));
  }
  std::uint64_t total = vaddvq_u64(sums);
  for (; byte < size_bytes; ++byte) {
    total +=
        static_cast<std::uint64_t>(__builtin_popcount(static_cast<unsigned>(a[byte] ^ b[byte])));
  }
  return total;
}

}  // namespace

const Kernels kNeonKernels = {
    .name = "neon",
    .l2_squared = l2_squared<float>,
    .inner_product = inner_product<float>,
    .l1 = l1<float>,
    .cosine = cosine<float>,
    .half_l2_squared = l2_squared<Half>,
    .half_inner_product = inner_product<Half>,
    .half_l1 = l1<Half>,
    .half_cosine = cosine<Half>,
    .widen = widen,
    .hamming = hamming,
    .estimate_1bit = estimate_1bit,
};

}  // namespace omen::engine

#endif
