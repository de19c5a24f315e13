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

/// The four butterflies within sixteen values.
__m512 hadamard_16(__m512 x) {
  __m512 swapped = _mm512_permute_ps(x, 0xB1);
  x = _mm512_mask_sub_ps(_mm512_add_ps(x, swapped), 0xAAAA, swapped, x);
  swapped = _mm512_permute_ps(x, 0x4E);
  x = _mm512_mask_sub_ps(_mm512_add_ps(x, swapped), 0xCCCC, swapped, x);
  swapped = _mm512_shuffle_f32x4(x, x, 0xB1);
  x = _mm512_mask_sub_ps(_mm512_add_ps(x, swapped), 0xF0F0, swapped, x);
  swapped = _mm512_shuffle_f32x4(x, x, 0x4E);
  return _mm512_mask_sub_ps(_mm512_add_ps(x, swapped), 0xFF00, swapped, x);
}

void hadamard_small(float* values, std::size_t count, float scale) {
  for (std::size_t half = 1; half < count; half *= 2) {
    for (std::size_t block = 0; block < count; block += 2 * half) {
      for (std::size_t i = block; i < block + half; ++i) {
        const float x = values[i];
        const float y = values[i + half];
        values[i] = x + y;
        values[i + half] = x - y;
      }
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    values[i] *= scale;
  }
}

void butterfly(float* low, float* high) {
  const __m512 x = _mm512_loadu_ps(low);
  const __m512 y = _mm512_loadu_ps(high);
  _mm512_storeu_ps(low, _mm512_add_ps(x, y));
  _mm512_storeu_ps(high, _mm512_sub_ps(x, y));
}

void hadamard(float* values, std::size_t count, float scale) {
  if (count < 16) {
    hadamard_small(values, count, scale);
    return;
  }
  const __m512 factor = _mm512_set1_ps(scale);
  for (std::size_t i = 0; i < count; i += 16) {
    _mm512_storeu_ps(values + i, _mm512_mul_ps(hadamard_16(_mm512_loadu_ps(values + i)), factor));
  }
  std::size_t half = 16;
  // Two levels at a time: half the loads and stores.
  for (; 4 * half <= count; half *= 4) {
    for (std::size_t block = 0; block < count; block += 4 * half) {
      for (std::size_t i = block; i < block + half; i += 16) {
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
  }
  for (; half < count; half *= 2) {
    for (std::size_t block = 0; block < count; block += 2 * half) {
      for (std::size_t i = block; i < block + half; i += 16) {
        butterfly(values + i, values + i + half);
      }
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
    .hadamard = hadamard,
    .value_range = value_range,
};

}  // namespace omen::engine

#endif
