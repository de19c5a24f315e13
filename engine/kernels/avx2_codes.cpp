#include "engine/kernels/kernels.h"
#include "engine/kernels/merge_order.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

/// Estimates with AVX2 and POPCNT. Includes nothing that could export a weak symbol built with
/// these flags.
namespace omen::engine {
namespace {

constexpr std::size_t kAhead = 6;  // nodes prefetched before they are measured

std::int32_t sum_of(__m256i v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
  return _mm_cvtsi128_si32(half);
}

void prefetch(const CodeArray& codes, std::uint32_t id) {
  const auto* node = reinterpret_cast<const char*>(codes.nodes + id * codes.stride_bytes);
  for (std::size_t byte = 0; byte < codes.code_bytes + sizeof(CodeFactors); byte += 64) {
    _mm_prefetch(node + byte, _MM_HINT_T0);
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

template <typename Product>
void estimate_all(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                  std::size_t count, float* out, Product product) {
  for (std::size_t n = 0; n < count && n < kAhead; ++n) {
    prefetch(codes, ids[n]);
  }
  for (std::size_t n = 0; n < count; ++n) {
    if (n + kAhead < count) {
      prefetch(codes, ids[n + kAhead]);
    }
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    out[n] = combine(query, node, codes.code_bytes, product(node));
  }
}

void estimate_1bit(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  const std::size_t plane_bytes = query.row_count * kDigitRow;
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    std::uint64_t sums[kQueryPlanes] = {};
    for (std::size_t byte = 0; byte < codes.code_bytes; byte += 8) {
      std::uint64_t code = 0;
      __builtin_memcpy(&code, node + byte, 8);
      for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
        std::uint64_t digits = 0;
        __builtin_memcpy(&digits, query.digits + plane * plane_bytes + byte, 8);
        sums[plane] += static_cast<std::uint64_t>(__builtin_popcountll(code & digits));
      }
    }
    return static_cast<std::int64_t>(sums[0] + 2 * sums[1] + 4 * sums[2] + 8 * sums[3]);
  });
}

/// `row` is 32 code bytes; `digits` the query's bytes for field 0, further fields a row on.
template <int kBits>
__m256i multiply(__m256i sum, __m256i row, const unsigned char* digits) {
  if constexpr (kBits == 8) {
    for (int half = 0; half < 2; ++half) {
      const __m128i bytes =
          half == 0 ? _mm256_castsi256_si128(row) : _mm256_extracti128_si256(row, 1);
      const __m128i query = _mm_loadu_si128(reinterpret_cast<const __m128i*>(digits + 16 * half));
      sum = _mm256_add_epi32(
          sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(bytes), _mm256_cvtepi8_epi16(query)));
    }
  } else {
    const __m256i mask = _mm256_set1_epi8((1 << kBits) - 1);
    for (int field = 0; field < 8 / kBits; ++field) {
      const __m256i values = _mm256_and_si256(_mm256_srli_epi16(row, kBits * field), mask);
      const __m256i query = _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(digits + static_cast<std::size_t>(field) * kDigitRow));
      sum = _mm256_add_epi32(
          sum, _mm256_madd_epi16(_mm256_maddubs_epi16(values, query), _mm256_set1_epi16(1)));
    }
  }
  return sum;
}

template <int kBits>
void estimate_wide(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  constexpr std::size_t kFields = 8 / kBits;
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m256i sum = _mm256_setzero_si256();
    std::size_t byte = 0;
    for (; byte + 32 <= codes.code_bytes; byte += 32) {
      const unsigned char* digits =
          query.digits + byte / kDigitRow * kDigitRow * kFields + byte % kDigitRow;
      sum = multiply<kBits>(sum, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(node + byte)),
                            digits);
    }
    if (byte < codes.code_bytes) {
      unsigned char rest[32] = {};
      for (std::size_t i = 0; byte + i < codes.code_bytes; ++i) {
        rest[i] = node[byte + i];
      }
      const unsigned char* digits =
          query.digits + byte / kDigitRow * kDigitRow * kFields + byte % kDigitRow;
      sum =
          multiply<kBits>(sum, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rest)), digits);
    }
    return static_cast<std::int64_t>(sum_of(sum));
  });
}

void estimate_l1(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                 std::size_t count, float* out) {
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m256i sums = _mm256_setzero_si256();
    std::size_t byte = 0;
    for (; byte + 32 <= codes.code_bytes; byte += 32) {
      const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(node + byte));
      const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(query.digits + byte));
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(x, y));
    }
    for (; byte < codes.code_bytes; byte += 8) {
      const __m128i x = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(node + byte));
      const __m128i y = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(query.digits + byte));
      sums = _mm256_add_epi64(sums, _mm256_zextsi128_si256(_mm_sad_epu8(x, y)));
    }
    return static_cast<std::int64_t>(sum_of(sums));
  });
}

/// `size_bytes` is a multiple of 8.
std::int64_t bits_that_differ(const unsigned char* a, const unsigned char* b,
                              std::size_t size_bytes) {
  std::int64_t count = 0;
  for (std::size_t byte = 0; byte < size_bytes; byte += 8) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    __builtin_memcpy(&x, a + byte, 8);
    __builtin_memcpy(&y, b + byte, 8);
    count += __builtin_popcountll(x ^ y);
  }
  return count;
}

void estimate_hamming(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                      std::size_t count, float* out) {
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    return bits_that_differ(node, query.digits, codes.code_bytes);
  });
}

std::uint32_t crc32c(std::uint32_t crc, const void* data, std::size_t size_bytes) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint64_t wide = ~crc;
  for (; size_bytes >= 8; size_bytes -= 8, bytes += 8) {
    std::uint64_t word = 0;
    __builtin_memcpy(&word, bytes, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; size_bytes > 0; --size_bytes, ++bytes) {
    narrow = _mm_crc32_u8(narrow, *bytes);
  }
  return ~narrow;
}

void merge_order(const float* sorted, std::size_t sorted_count, const float* fresh,
                 std::size_t count, std::uint32_t* places, std::uint32_t* order) {
  merge_order_loops(sorted, sorted_count, fresh, count, places, order);
}

}  // namespace

const Kernels kAvx2CodeKernels = {
    .estimate_1bit = estimate_1bit,
    .estimate_2bit = estimate_wide<2>,
    .estimate_4bit = estimate_wide<4>,
    .estimate_8bit = estimate_wide<8>,
    .estimate_l1 = estimate_l1,
    .estimate_hamming = estimate_hamming,
    .merge_order = merge_order,
    .crc32c = crc32c,
};

}  // namespace omen::engine

#endif
