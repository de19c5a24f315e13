#include "engine/kernels/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

/// AVX-512 F, BW, DQ and VL (Skylake-X and later): floats and halves. Halves are widened, as
/// arithmetic in binary16 (AVX512-FP16) would give other results. Includes nothing that could
/// export a weak symbol built with these flags.
namespace omen::engine {
namespace {

/// The mask that loads `count` < 16 values; all of 16 and more.
__mmask16 mask_of(std::size_t count) {
  return count >= 16 ? static_cast<__mmask16>(0xFFFF) : static_cast<__mmask16>((1U << count) - 1);
}

__m512 load(const float* values) {
  return _mm512_loadu_ps(values);
}

__m512 load(const Half* values) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(values)));
}

__m512 load_part(const float* values, __mmask16 mask) {
  return _mm512_maskz_loadu_ps(mask, values);
}

__m512 load_part(const Half* values, __mmask16 mask) {
  return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, values));
}

template <typename T, typename Step>
float accumulate(const T* a, const T* b, std::size_t count, Step step) {
  __m512 sum0 = _mm512_setzero_ps();
  __m512 sum1 = sum0;
  __m512 sum2 = sum0;
  __m512 sum3 = sum0;
  std::size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    sum0 = step(sum0, load(a + i), load(b + i));
    sum1 = step(sum1, load(a + i + 16), load(b + i + 16));
    sum2 = step(sum2, load(a + i + 32), load(b + i + 32));
    sum3 = step(sum3, load(a + i + 48), load(b + i + 48));
  }
  for (; i < count; i += 16) {
    const __mmask16 mask = mask_of(count - i);
    sum0 = step(sum0, load_part(a + i, mask), load_part(b + i, mask));
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sum0, sum1), _mm512_add_ps(sum2, sum3)));
}

template <typename T>
float l2_squared(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](__m512 sum, __m512 x, __m512 y) {
    const __m512 difference = _mm512_sub_ps(x, y);
    return _mm512_fmadd_ps(difference, difference, sum);
  });
}

template <typename T>
float inner_product(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count,
                    [](__m512 sum, __m512 x, __m512 y) { return _mm512_fmadd_ps(x, y, sum); });
}

template <typename T>
float l1(const T* a, const T* b, std::size_t count) {
  return accumulate(a, b, count, [](__m512 sum, __m512 x, __m512 y) {
    return _mm512_add_ps(sum, _mm512_abs_ps(_mm512_sub_ps(x, y)));
  });
}

template <typename T>
void cosine(const T* a, const T* b, std::size_t count, CosineParts* out) {
  __m512 product[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  __m512 norm_a[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  __m512 norm_b[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  const auto add = [&](std::size_t set, __m512 x, __m512 y) {
    product[set] = _mm512_fmadd_ps(x, y, product[set]);
    norm_a[set] = _mm512_fmadd_ps(x, x, norm_a[set]);
    norm_b[set] = _mm512_fmadd_ps(y, y, norm_b[set]);
  };
  std::size_t i = 0;
  for (; i + 32 <= count; i += 32) {
    add(0, load(a + i), load(b + i));
    add(1, load(a + i + 16), load(b + i + 16));
  }
  for (; i < count; i += 16) {
    const __mmask16 mask = mask_of(count - i);
    add(0, load_part(a + i, mask), load_part(b + i, mask));
  }
  out->product = _mm512_reduce_add_ps(_mm512_add_ps(product[0], product[1]));
  out->norm_a = _mm512_reduce_add_ps(_mm512_add_ps(norm_a[0], norm_a[1]));
  out->norm_b = _mm512_reduce_add_ps(_mm512_add_ps(norm_b[0], norm_b[1]));
}

void widen(const Half* values, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; i += 16) {
    const __mmask16 mask = mask_of(count - i);
    _mm512_mask_storeu_ps(out + i, mask, load_part(values + i, mask));
  }
}

void narrow(const float* values, std::size_t count, Half* out) {
  for (std::size_t i = 0; i < count; i += 16) {
    const __mmask16 mask = mask_of(count - i);
    _mm256_mask_storeu_epi16(
        out + i, mask, _mm512_cvtps_ph(load_part(values + i, mask), _MM_FROUND_TO_NEAREST_INT));
  }
}

void centre(const float* values, float factor, const float* mean, std::size_t count, float* out) {
  const __m512 factors = _mm512_set1_ps(factor);
  for (std::size_t i = 0; i < count; i += 16) {
    const __mmask16 mask = mask_of(count - i);
    const __m512 down = mean == nullptr ? _mm512_setzero_ps() : load_part(mean + i, mask);
    const __m512 scaled = _mm512_mul_ps(load_part(values + i, mask), factors);
    _mm512_mask_storeu_ps(out + i, mask, _mm512_sub_ps(scaled, down));
  }
}

/// 1 and -1 by the bits of a mask.
__m512 signs_of(__mmask16 mask) {
  return _mm512_mask_blend_ps(mask, _mm512_set1_ps(1), _mm512_set1_ps(-1));
}

/// The four butterflies within sixteen values: where the sign is -1, the difference.
__m512 hadamard_16(__m512 x) {
  x = _mm512_fmadd_ps(x, signs_of(0xAAAA), _mm512_permute_ps(x, 0xB1));
  x = _mm512_fmadd_ps(x, signs_of(0xCCCC), _mm512_permute_ps(x, 0x4E));
  x = _mm512_fmadd_ps(x, signs_of(0xF0F0), _mm512_shuffle_f32x4(x, x, 0xB1));
  return _mm512_fmadd_ps(x, signs_of(0xFF00), _mm512_shuffle_f32x4(x, x, 0x4E));
}

/// All levels within 16 * kCount values, which stay in registers.
template <std::size_t kCount>
void transform_block(float* values, const float* factors) {
  __m512 x[kCount];
#pragma unroll
  for (std::size_t k = 0; k < kCount; ++k) {
    x[k] = hadamard_16(_mm512_mul_ps(load(values + 16 * k), load(factors + 16 * k)));
  }
#pragma unroll
  for (std::size_t half = 1; half < kCount; half *= 2) {
#pragma unroll
    for (std::size_t k = 0; k < kCount; ++k) {
      if ((k & half) == 0) {
        const __m512 low = x[k];
        x[k] = _mm512_add_ps(low, x[k + half]);
        x[k + half] = _mm512_sub_ps(low, x[k + half]);
      }
    }
  }
#pragma unroll
  for (std::size_t k = 0; k < kCount; ++k) {
    _mm512_storeu_ps(values + 16 * k, x[k]);
  }
}

void butterfly(float* low, float* high) {
  const __m512 x = _mm512_loadu_ps(low);
  const __m512 y = _mm512_loadu_ps(high);
  _mm512_storeu_ps(low, _mm512_add_ps(x, y));
  _mm512_storeu_ps(high, _mm512_sub_ps(x, y));
}

/// Two levels at a time: half the loads and stores.
void butterflies_4(float* values, std::size_t half) {
  for (std::size_t i = 0; i < half; i += 16) {
    const __m512 a = _mm512_loadu_ps(values + i);
    const __m512 b = _mm512_loadu_ps(values + i + half);
    const __m512 c = _mm512_loadu_ps(values + i + 2 * half);
    const __m512 d = _mm512_loadu_ps(values + i + 3 * half);
    const __m512 ab = _mm512_add_ps(a, b);
    const __m512 a_b = _mm512_sub_ps(a, b);
    const __m512 cd = _mm512_add_ps(c, d);
    const __m512 c_d = _mm512_sub_ps(c, d);
    _mm512_storeu_ps(values + i, _mm512_add_ps(ab, cd));
    _mm512_storeu_ps(values + i + half, _mm512_add_ps(a_b, c_d));
    _mm512_storeu_ps(values + i + 2 * half, _mm512_sub_ps(ab, cd));
    _mm512_storeu_ps(values + i + 3 * half, _mm512_sub_ps(a_b, c_d));
  }
}

void hadamard(float* values, const float* factors, std::size_t count) {
  constexpr std::size_t kBlock = 256;
  switch (count) {
    case 64:
      return transform_block<4>(values, factors);
    case 128:
      return transform_block<8>(values, factors);
    default:
      break;
  }
  if (count < kBlock) {
    kScalarKernels.hadamard(values, factors, count);
    return;
  }
  for (std::size_t i = 0; i < count; i += kBlock) {
    transform_block<kBlock / 16>(values + i, factors + i);
  }
  std::size_t half = kBlock;
  for (; 4 * half <= count; half *= 4) {
    for (std::size_t block = 0; block < count; block += 4 * half) {
      butterflies_4(values + block, half);
    }
  }
  if (half < count) {
    for (std::size_t i = 0; i < half; i += 16) {
      butterfly(values + i, values + i + half);
    }
  }
}

ValueRange value_range(const float* values, std::size_t count) {
  __m512 low = _mm512_set1_ps(values[0]);
  __m512 high = low;
  for (std::size_t i = 0; i < count; i += 16) {
    const __mmask16 mask = mask_of(count - i);
    const __m512 v = _mm512_mask_loadu_ps(_mm512_set1_ps(values[0]), mask, values + i);
    low = _mm512_min_ps(low, v);
    high = _mm512_max_ps(high, v);
  }
  return {_mm512_reduce_min_ps(low), _mm512_reduce_max_ps(high),
          inner_product(values, values, count)};
}

/// Four times sixteen integers that fit into int16 as bytes in order; negative ones become 0.
__m512i pack_bytes(const __m512i* integers) {
  // packs_* interleave the 128-bit lanes.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i low = _mm512_packs_epi32(integers[0], integers[1]);
  const __m512i high = _mm512_packs_epi32(integers[2], integers[3]);
  return _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high));
}

std::uint32_t quantize_planes(const float* values, std::size_t count, float low, float inverse,
                              std::uint64_t* planes, std::size_t plane_words) {
  const __m512 base = _mm512_set1_ps(low);
  const __m512 factor = _mm512_set1_ps(inverse);
  const __m512 half = _mm512_set1_ps(0.5F);
  const __m512i digit_max = _mm512_set1_epi8(15);
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t word = 0; word < count / 64; ++word) {
    __m512i integers[4];
    for (std::size_t part = 0; part < 4; ++part) {
      const __m512 v = _mm512_loadu_ps(values + word * 64 + part * 16);
      const __m512 scaled = _mm512_mul_ps(_mm512_sub_ps(v, base), factor);
      integers[part] = _mm512_cvttps_epi32(_mm512_add_ps(scaled, half));
    }
    const __m512i digits = _mm512_min_epu8(pack_bytes(integers), digit_max);
    sums = _mm512_add_epi64(sums, _mm512_sad_epu8(digits, _mm512_setzero_si512()));
    for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
      planes[plane * plane_words + word] =
          _mm512_test_epi8_mask(digits, _mm512_set1_epi8(static_cast<char>(1 << plane)));
    }
  }
  return static_cast<std::uint32_t>(_mm512_reduce_add_epi64(sums));
}

/// The mask of values 16 * part and following among `count` up to 64.
__mmask16 part_mask(std::size_t count, std::size_t part) {
  return count > 16 * part ? mask_of(count - 16 * part) : static_cast<__mmask16>(0);
}

std::int32_t quantize_row(const float* values, std::size_t count, float inverse,
                          unsigned char* digits) {
  const __m512 factor = _mm512_set1_ps(inverse);
  const __m512 half = _mm512_set1_ps(0.5F);
  const __m512 sign = _mm512_set1_ps(-0.0F);
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t part = 0; part < 4; ++part) {
    const __mmask16 mask = part_mask(count, part);
    const __m512 scaled = _mm512_mul_ps(load_part(values + 16 * part, mask), factor);
    const __m512 away = _mm512_or_ps(_mm512_and_ps(scaled, sign), half);
    const __m512i digit = _mm512_cvttps_epi32(_mm512_add_ps(scaled, away));
    sums = _mm512_add_epi32(sums, digit);
    _mm512_mask_cvtepi32_storeu_epi8(digits + 16 * part, mask, digit);
  }
  return _mm512_reduce_add_epi32(sums);
}

float encode_signs(const float* values, std::size_t count, unsigned char* code,
                   std::uint32_t* ones) {
  __m512 sums[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  std::uint64_t set = 0;
  for (std::size_t word = 0; word < count / 64; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t part = 0; part < 4; ++part) {
      const __m512 v = _mm512_loadu_ps(values + word * 64 + part * 16);
      const __mmask16 mask = _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_GE_OQ);
      bits |= static_cast<std::uint64_t>(mask) << (16 * part);
      sums[part % 2] = _mm512_add_ps(sums[part % 2], _mm512_abs_ps(v));
    }
    __builtin_memcpy(code + word * 8, &bits, 8);
    set += static_cast<std::uint64_t>(__builtin_popcountll(bits));
  }
  *ones = static_cast<std::uint32_t>(set);
  return _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
}

float encode_row(const float* values, std::size_t count, float inverse, unsigned bits,
                 unsigned shift, unsigned char* code) {
  const auto largest = static_cast<float>((1U << bits) - 1);
  const __m512 factor = _mm512_set1_ps(inverse);
  const __m512 digit_max = _mm512_set1_ps(largest);
  const __m512 up = _mm512_set1_ps((largest + 1) / 2);
  const __m512 middle = _mm512_set1_ps(largest / 2);
  __m512 sums = _mm512_setzero_ps();
  __m512i integers[4];
  for (std::size_t part = 0; part < 4; ++part) {
    const __m512 v = load_part(values + 16 * part, part_mask(count, part));
    const __m512 level = _mm512_add_ps(_mm512_mul_ps(v, factor), up);
    integers[part] =
        _mm512_cvttps_epi32(_mm512_min_ps(_mm512_max_ps(level, _mm512_setzero_ps()), digit_max));
    sums = _mm512_fmadd_ps(_mm512_sub_ps(_mm512_cvtepi32_ps(integers[part]), middle), v, sums);
  }
  const __mmask64 lanes =
      count >= kDigitRow ? ~static_cast<__mmask64>(0) : (static_cast<__mmask64>(1) << count) - 1;
  // A digit never crosses its byte.
  const __m512i digits = _mm512_slli_epi16(pack_bytes(integers), shift);
  const __m512i before = _mm512_maskz_loadu_epi8(lanes, code);
  _mm512_mask_storeu_epi8(code, lanes, _mm512_or_si512(before, digits));
  return _mm512_reduce_add_ps(sums);
}

void estimate_float(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                    std::size_t count, float* out) {
  const auto* values = reinterpret_cast<const float*>(query.digits);
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    if (n + 1 < count) {
      // The next one's beginning; the rest follows by the CPU's own prefetch.
      const unsigned char* next = codes.nodes + ids[n + 1] * codes.stride_bytes;
      for (std::size_t byte = 0; byte < codes.code_bytes && byte < 512; byte += 64) {
        _mm_prefetch(reinterpret_cast<const char*>(next + byte), _MM_HINT_T0);
      }
    }
    out[n] =
        l2_squared(values, reinterpret_cast<const float*>(node), codes.code_bytes / sizeof(float));
  }
}

}  // namespace

const Kernels kAvx512BaseKernels = {
    .name = "avx512base",
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
    .centre = centre,
    .hadamard = hadamard,
    .value_range = value_range,
    .quantize_planes = quantize_planes,
    .quantize_row = quantize_row,
    .encode_signs = encode_signs,
    .encode_row = encode_row,
    .estimate_float = estimate_float,
};

}  // namespace omen::engine

#endif
