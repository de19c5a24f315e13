#include "engine/kernels/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

/// AVX2, FMA, F16C and POPCNT; estimates are in avx2_codes.cpp. Includes nothing that could export
/// a weak symbol built with these flags.
namespace omen::engine {
namespace {

float sum_of(__m256 v) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

std::int32_t sum_of(__m256i v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
  return _mm_cvtsi128_si32(half);
}

/// The mask that loads `count` < 8 floats.
__m256i mask_of(std::size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), lanes);
}

__m256 load(const float* values) {
  return _mm256_loadu_ps(values);
}

__m256 load(const Half* values) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values)));
}

/// The first `count` < 8 values, then zeros.
__m256 load_part(const float* values, std::size_t count) {
  return _mm256_maskload_ps(values, mask_of(count));
}

__m256 load_part(const Half* values, std::size_t count) {
  Half part[8] = {};
  for (std::size_t i = 0; i < count; ++i) {
    part[i] = values[i];
  }
  return load(part);
}

template <typename T, typename Step>
float accumulate(const T* a, const T* b, std::size_t count, Step step) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                    _mm256_setzero_ps()};
  std::size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    for (std::size_t k = 0; k < 4; ++k) {
      sums[k] = step(sums[k], load(a + i + 8 * k), load(b + i + 8 * k));
    }
  }
  for (; i + 8 <= count; i += 8) {
    sums[0] = step(sums[0], load(a + i), load(b + i));
  }
  if (i < count) {
    sums[1] = step(sums[1], load_part(a + i, count - i), load_part(b + i, count - i));
  }
  return sum_of(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
}

template <typename T>
float l2_squared(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](__m256 sum, __m256 x, __m256 y) {
    const __m256 difference = _mm256_sub_ps(x, y);
    return _mm256_fmadd_ps(difference, difference, sum);
  });
}

template <typename T>
float inner_product(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count,
                    [](__m256 sum, __m256 x, __m256 y) { return _mm256_fmadd_ps(x, y, sum); });
}

template <typename T>
float l1(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](__m256 sum, __m256 x, __m256 y) {
    return _mm256_add_ps(sum, _mm256_andnot_ps(_mm256_set1_ps(-0.0F), _mm256_sub_ps(x, y)));
  });
}

template <typename T>
void cosine(const T* a, const T* b, std::size_t count, CosineParts* out) {
  __m256 sums[6] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                    _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  const auto add = [&sums](std::size_t set, __m256 x, __m256 y) {
    sums[set] = _mm256_fmadd_ps(x, y, sums[set]);
    sums[set + 1] = _mm256_fmadd_ps(x, x, sums[set + 1]);
    sums[set + 2] = _mm256_fmadd_ps(y, y, sums[set + 2]);
  };
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    add(0, load(a + i), load(b + i));
    add(3, load(a + i + 8), load(b + i + 8));
  }
  if (i + 8 <= count) {
    add(0, load(a + i), load(b + i));
    i += 8;
  }
  if (i < count) {
    add(3, load_part(a + i, count - i), load_part(b + i, count - i));
  }
  out->product = sum_of(_mm256_add_ps(sums[0], sums[3]));
  out->norm_a = sum_of(_mm256_add_ps(sums[1], sums[4]));
  out->norm_b = sum_of(_mm256_add_ps(sums[2], sums[5]));
}

void widen(const Half* values, std::size_t count, float* out) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(out + i, load(values + i));
  }
  for (; i < count; ++i) {
    out[i] = _cvtsh_ss(values[i].bits);
  }
}

void narrow(const float* values, std::size_t count, Half* out) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i),
                     _mm256_cvtps_ph(load(values + i), _MM_FROUND_TO_NEAREST_INT));
  }
  for (; i < count; ++i) {
    out[i].bits = static_cast<std::uint16_t>(_cvtss_sh(values[i], _MM_FROUND_TO_NEAREST_INT));
  }
}

/// Calls `take(x, y, k)` for each eight bytes of both, zeros beyond the end; k runs from 0 to 3.
template <typename Take>
void for_words(const unsigned char* a, const unsigned char* b, std::size_t size_bytes, Take take) {
  std::size_t byte = 0;
  std::size_t k = 0;
  for (; byte + 8 <= size_bytes; byte += 8, k = (k + 1) % 4) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    __builtin_memcpy(&x, a + byte, 8);
    __builtin_memcpy(&y, b + byte, 8);
    take(x, y, k);
  }
  std::uint64_t x = 0;
  std::uint64_t y = 0;
  for (std::size_t shift = 0; byte < size_bytes; ++byte, shift += 8) {
    x |= static_cast<std::uint64_t>(a[byte]) << shift;
    y |= static_cast<std::uint64_t>(b[byte]) << shift;
  }
  take(x, y, k);
}

std::uint64_t hamming(const unsigned char* a, const unsigned char* b, std::size_t size_bytes) {
  std::uint64_t counts[4] = {};
  for_words(a, b, size_bytes, [&](std::uint64_t x, std::uint64_t y, std::size_t k) {
    counts[k] += static_cast<std::uint64_t>(__builtin_popcountll(x ^ y));
  });
  return counts[0] + counts[1] + counts[2] + counts[3];
}

void count_bits(const unsigned char* a, const unsigned char* b, std::size_t size_bytes,
                BitCounts* out) {
  BitCounts counts;
  for_words(a, b, size_bytes, [&](std::uint64_t x, std::uint64_t y, std::size_t) {
    counts.both += static_cast<std::uint64_t>(__builtin_popcountll(x & y));
    counts.a += static_cast<std::uint64_t>(__builtin_popcountll(x));
    counts.b += static_cast<std::uint64_t>(__builtin_popcountll(y));
  });
  *out = counts;
}

void centre(const float* values, float factor, const float* mean, std::size_t count, float* out) {
  const __m256 factors = _mm256_set1_ps(factor);
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 down = mean == nullptr ? _mm256_setzero_ps() : load(mean + i);
    _mm256_storeu_ps(out + i, _mm256_sub_ps(_mm256_mul_ps(load(values + i), factors), down));
  }
  for (; i < count; ++i) {
    const float scaled = values[i] * factor;
    out[i] = scaled - (mean == nullptr ? 0.0F : mean[i]);
  }
}

/// The three butterflies within eight values: where the sign is -1, the difference.
__m256 hadamard_8(__m256 x) {
  x = _mm256_fmadd_ps(x, _mm256_setr_ps(1, -1, 1, -1, 1, -1, 1, -1), _mm256_permute_ps(x, 0xB1));
  x = _mm256_fmadd_ps(x, _mm256_setr_ps(1, 1, -1, -1, 1, 1, -1, -1), _mm256_permute_ps(x, 0x4E));
  return _mm256_fmadd_ps(x, _mm256_setr_ps(1, 1, 1, 1, -1, -1, -1, -1),
                         _mm256_permute2f128_ps(x, x, 0x01));
}

/// All levels within 8 * kCount values, which stay in registers.
template <std::size_t kCount>
void transform_block(float* values, const float* factors) {
  __m256 x[kCount];
  for (std::size_t k = 0; k < kCount; ++k) {
    x[k] = hadamard_8(_mm256_mul_ps(load(values + 8 * k), load(factors + 8 * k)));
  }
  for (std::size_t half = 1; half < kCount; half *= 2) {
    for (std::size_t block = 0; block < kCount; block += 2 * half) {
      for (std::size_t k = block; k < block + half; ++k) {
        const __m256 low = x[k];
        x[k] = _mm256_add_ps(low, x[k + half]);
        x[k + half] = _mm256_sub_ps(low, x[k + half]);
      }
    }
  }
  for (std::size_t k = 0; k < kCount; ++k) {
    _mm256_storeu_ps(values + 8 * k, x[k]);
  }
}

void hadamard(float* values, const float* factors, std::size_t count) {
  constexpr std::size_t kBlock = 64;
  if (count < kBlock) {
    kScalarKernels.hadamard(values, factors, count);
    return;
  }
  for (std::size_t i = 0; i < count; i += kBlock) {
    transform_block<kBlock / 8>(values + i, factors + i);
  }
  for (std::size_t half = kBlock; half < count; half *= 2) {
    for (std::size_t block = 0; block < count; block += 2 * half) {
      for (std::size_t i = block; i < block + half; i += 8) {
        const __m256 x = _mm256_loadu_ps(values + i);
        const __m256 y = _mm256_loadu_ps(values + i + half);
        _mm256_storeu_ps(values + i, _mm256_add_ps(x, y));
        _mm256_storeu_ps(values + i + half, _mm256_sub_ps(x, y));
      }
    }
  }
}

float encode_signs(const float* values, std::size_t count, unsigned char* code,
                   std::uint32_t* ones) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  __m256 sums = _mm256_setzero_ps();
  *ones = 0;
  for (std::size_t i = 0; i < count; i += 8) {
    const __m256 v = load(values + i);
    sums = _mm256_add_ps(sums, _mm256_andnot_ps(sign, v));
    const __m256 positive = _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GE_OQ);
    const auto bits = static_cast<unsigned>(_mm256_movemask_ps(positive));
    code[i / 8] = static_cast<unsigned char>(bits);
    *ones += static_cast<std::uint32_t>(__builtin_popcount(bits));
  }
  return sum_of(sums);
}

std::uint32_t quantize_planes(const float* values, std::size_t count, float low, float inverse,
                              std::uint64_t* planes, std::size_t plane_words) {
  const __m256 base = _mm256_set1_ps(low);
  const __m256 factor = _mm256_set1_ps(inverse);
  const __m256 half = _mm256_set1_ps(0.5F);
  const __m256i digit_max = _mm256_set1_epi32(15);
  // packs_* interleave the 128-bit lanes; this puts the 32 bytes back in order.
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  __m256i sums = _mm256_setzero_si256();
  for (std::size_t word = 0; word < count / 64; ++word) {
    std::uint64_t bits[kQueryPlanes] = {};
    for (std::size_t part = 0; part < 2; ++part) {
      __m256i digits[4];
      for (std::size_t k = 0; k < 4; ++k) {
        const __m256 v = _mm256_loadu_ps(values + word * 64 + part * 32 + k * 8);
        const __m256 scaled = _mm256_mul_ps(_mm256_sub_ps(v, base), factor);
        const __m256i digit = _mm256_cvttps_epi32(_mm256_add_ps(scaled, half));
        digits[k] = _mm256_max_epi32(_mm256_min_epi32(digit, digit_max), _mm256_setzero_si256());
      }
      const __m256i low_half = _mm256_packs_epi32(digits[0], digits[1]);
      const __m256i high_half = _mm256_packs_epi32(digits[2], digits[3]);
      const __m256i packed =
          _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low_half, high_half), order);
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(packed, _mm256_setzero_si256()));
      for (int plane = 0; plane < static_cast<int>(kQueryPlanes); ++plane) {
        const __m256i top = _mm256_slli_epi16(packed, 7 - plane);
        const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(top));
        bits[plane] |= static_cast<std::uint64_t>(mask) << (32 * part);
      }
    }
    for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
      planes[plane * plane_words + word] = bits[plane];
    }
  }
  return static_cast<std::uint32_t>(sum_of(sums));
}

ValueRange value_range(const float* values, std::size_t count) {
  ValueRange range{values[0], values[0], inner_product(values, values, count)};
  std::size_t i = 0;
  if (count >= 8) {
    __m256 low = _mm256_loadu_ps(values);
    __m256 high = low;
    for (i = 8; i + 8 <= count; i += 8) {
      const __m256 v = _mm256_loadu_ps(values + i);
      low = _mm256_min_ps(low, v);
      high = _mm256_max_ps(high, v);
    }
    float lows[8];
    float highs[8];
    _mm256_storeu_ps(lows, low);
    _mm256_storeu_ps(highs, high);
    for (std::size_t k = 0; k < 8; ++k) {
      range.low = lows[k] < range.low ? lows[k] : range.low;
      range.high = highs[k] > range.high ? highs[k] : range.high;
    }
  }
  for (; i < count; ++i) {
    range.low = values[i] < range.low ? values[i] : range.low;
    range.high = values[i] > range.high ? values[i] : range.high;
  }
  return range;
}

void estimate_float(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                    std::size_t count, float* out) {
  const auto* values = reinterpret_cast<const float*>(query.digits);
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    out[n] =
        l2_squared(values, reinterpret_cast<const float*>(node), codes.code_bytes / sizeof(float));
  }
}

}  // namespace

const Kernels kAvx2Kernels = {
    .name = "avx2",
    .l2_squared = l2_squared<float>,
    .inner_product = inner_product<float>,
    .l1 = l1<float>,
    .cosine = cosine<float>,
    .half_l2_squared = l2_squared<Half>,
    .half_inner_product = inner_product<Half>,
    .half_l1 = l1<Half>,
    .half_cosine = cosine<Half>,
    .widen = widen,
    .narrow = narrow,
    .hamming = hamming,
    .count_bits = count_bits,
    .centre = centre,
    .hadamard = hadamard,
    .value_range = value_range,
    .quantize_planes = quantize_planes,
    .encode_signs = encode_signs,
    .estimate_float = estimate_float,
};

}  // namespace omen::engine

#endif
