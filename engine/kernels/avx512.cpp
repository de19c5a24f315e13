#include "engine/kernels/kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

/// AVX-512 with VPOPCNTDQ, VNNI and BITALG (Ice Lake and later). Includes nothing that could export
/// a weak symbol built with these flags.
namespace omen::engine {
namespace {

constexpr std::size_t kAhead = 6;  // nodes prefetched before they are measured

template <unsigned kBits>
std::int32_t expand_rows(const unsigned char* code, std::size_t code_bytes, unsigned char* digits) {
  constexpr unsigned kFields = 8 / kBits;
  const __m512i mask = _mm512_set1_epi8(static_cast<char>((1U << kBits) - 1));
  const __m512i down = kBits == 8 ? _mm512_set1_epi8(static_cast<char>(0x80)) : mask;
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t begin = 0; begin < code_bytes; begin += kDigitRow) {
    const std::size_t width = code_bytes - begin;
    const __mmask64 lanes =
        width >= kDigitRow ? ~static_cast<__mmask64>(0) : (static_cast<__mmask64>(1) << width) - 1;
    const __m512i row = _mm512_maskz_loadu_epi8(lanes, code + begin);
    for (unsigned field = 0; field < kFields; ++field, digits += kDigitRow) {
      __m512i values =
          kBits == 8 ? row : _mm512_and_si512(_mm512_srli_epi16(row, kBits * field), mask);
      if (kBits != 8) {
        values = _mm512_add_epi8(values, values);
      }
      values = _mm512_maskz_sub_epi8(lanes, values, down);
      sums = _mm512_dpbusd_epi32(sums, ones, values);
      _mm512_storeu_si512(digits, values);
    }
  }
  return _mm512_reduce_add_epi32(sums);
}

std::int32_t expand_code(const unsigned char* code, std::size_t code_bytes, unsigned bits,
                         unsigned char* digits) {
  return bits == 2   ? expand_rows<2>(code, code_bytes, digits)
         : bits == 4 ? expand_rows<4>(code, code_bytes, digits)
                     : expand_rows<8>(code, code_bytes, digits);
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

/// Loads row `row` of a code; the last one may be short.
__m512i load_row(const unsigned char* node, std::size_t row, std::size_t row_count, __mmask8 last) {
  const unsigned char* bytes = node + row * kDigitRow;
  return row + 1 == row_count ? _mm512_maskz_loadu_epi64(last, bytes) : _mm512_loadu_si512(bytes);
}

__mmask8 last_row_mask(const CodeQuery& query, std::size_t code_bytes) {
  const std::size_t words = (code_bytes - (query.row_count - 1) * kDigitRow) / 8;
  return static_cast<__mmask8>((1U << words) - 1);
}

/// Codes of exactly kRows rows: the loops unroll and the code stays in registers.
template <std::size_t kRows>
void estimate_planes(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                     std::size_t count, float* out) {
  const __mmask8 last = last_row_mask(query, codes.code_bytes);
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m512i code[kRows];
    for (std::size_t row = 0; row < kRows; ++row) {
      code[row] = load_row(node, row, kRows, last);
    }
    __m512i total = _mm512_setzero_si512();
    for (std::size_t plane = kQueryPlanes; plane-- > 0;) {
      total = _mm512_add_epi64(total, total);
      for (std::size_t row = 0; row < kRows; ++row) {
        const __m512i digits = _mm512_load_si512(query.digits + (plane * kRows + row) * kDigitRow);
        total = _mm512_add_epi64(total, _mm512_popcnt_epi64(_mm512_and_si512(code[row], digits)));
      }
    }
    return static_cast<std::int64_t>(_mm512_reduce_add_epi64(total));
  });
}

void estimate_planes_long(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                          std::size_t count, float* out) {
  const __mmask8 last = last_row_mask(query, codes.code_bytes);
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m512i sums[kQueryPlanes] = {};
    for (std::size_t row = 0; row < query.row_count; ++row) {
      const __m512i code = load_row(node, row, query.row_count, last);
      for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
        const __m512i digits =
            _mm512_load_si512(query.digits + (plane * query.row_count + row) * kDigitRow);
        sums[plane] =
            _mm512_add_epi64(sums[plane], _mm512_popcnt_epi64(_mm512_and_si512(code, digits)));
      }
    }
    __m512i total = sums[kQueryPlanes - 1];
    for (std::size_t plane = kQueryPlanes - 1; plane-- > 0;) {
      total = _mm512_add_epi64(_mm512_add_epi64(total, total), sums[plane]);
    }
    return static_cast<std::int64_t>(_mm512_reduce_add_epi64(total));
  });
}

void estimate_1bit(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  switch (query.row_count) {
    case 1:
      return estimate_planes<1>(query, codes, ids, count, out);
    case 2:
      return estimate_planes<2>(query, codes, ids, count, out);
    case 3:
      return estimate_planes<3>(query, codes, ids, count, out);
    case 4:
      return estimate_planes<4>(query, codes, ids, count, out);
    default:
      return estimate_planes_long(query, codes, ids, count, out);
  }
}

template <int kBits>
void estimate_wide(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  constexpr std::size_t kFields = 8 / kBits;
  const __m512i mask = _mm512_set1_epi8(static_cast<char>((1 << kBits) - 1));
  const __mmask8 last = last_row_mask(query, codes.code_bytes);
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m512i sums[kFields] = {};
    for (std::size_t row = 0; row < query.row_count; ++row) {
      const __m512i code = load_row(node, row, query.row_count, last);
      for (std::size_t field = 0; field < kFields; ++field) {
        const __m512i digits =
            _mm512_load_si512(query.digits + (row * kFields + field) * kDigitRow);
        const __m512i values =
            kBits == 8 ? code
                       : _mm512_and_si512(
                             _mm512_srli_epi16(code, static_cast<unsigned>(kBits * field)), mask);
        sums[field] = _mm512_dpbusd_epi32(sums[field], values, digits);
      }
    }
    for (std::size_t field = 1; field < kFields; ++field) {
      sums[0] = _mm512_add_epi32(sums[0], sums[field]);
    }
    return static_cast<std::int64_t>(_mm512_reduce_add_epi32(sums[0]));
  });
}

__mmask64 mask_of_bytes(std::size_t count) {
  return count >= 64 ? ~static_cast<__mmask64>(0) : (static_cast<__mmask64>(1) << count) - 1;
}

std::uint64_t hamming(const unsigned char* a, const unsigned char* b, std::size_t size_bytes) {
  __m512i counts = _mm512_setzero_si512();
  for (std::size_t byte = 0; byte < size_bytes; byte += 64) {
    const __mmask64 mask = mask_of_bytes(size_bytes - byte);
    const __m512i x = _mm512_maskz_loadu_epi8(mask, a + byte);
    const __m512i y = _mm512_maskz_loadu_epi8(mask, b + byte);
    counts = _mm512_add_epi64(counts, _mm512_popcnt_epi64(_mm512_xor_si512(x, y)));
  }
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(counts));
}

void count_bits(const unsigned char* a, const unsigned char* b, std::size_t size_bytes,
                BitCounts* out) {
  __m512i both = _mm512_setzero_si512();
  __m512i in_a = both;
  __m512i in_b = both;
  for (std::size_t byte = 0; byte < size_bytes; byte += 64) {
    const __mmask64 mask = mask_of_bytes(size_bytes - byte);
    const __m512i x = _mm512_maskz_loadu_epi8(mask, a + byte);
    const __m512i y = _mm512_maskz_loadu_epi8(mask, b + byte);
    both = _mm512_add_epi64(both, _mm512_popcnt_epi64(_mm512_and_si512(x, y)));
    in_a = _mm512_add_epi64(in_a, _mm512_popcnt_epi64(x));
    in_b = _mm512_add_epi64(in_b, _mm512_popcnt_epi64(y));
  }
  out->both = static_cast<std::uint64_t>(_mm512_reduce_add_epi64(both));
  out->a = static_cast<std::uint64_t>(_mm512_reduce_add_epi64(in_a));
  out->b = static_cast<std::uint64_t>(_mm512_reduce_add_epi64(in_b));
}

void estimate_l1(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                 std::size_t count, float* out) {
  const __mmask8 last = last_row_mask(query, codes.code_bytes);
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m512i sums = _mm512_setzero_si512();
    for (std::size_t row = 0; row < query.row_count; ++row) {
      const __m512i digits = _mm512_load_si512(query.digits + row * kDigitRow);
      const __m512i code = load_row(node, row, query.row_count, last);
      sums = _mm512_add_epi64(sums, _mm512_sad_epu8(code, digits));
    }
    return static_cast<std::int64_t>(_mm512_reduce_add_epi64(sums));
  });
}

void estimate_hamming(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                      std::size_t count, float* out) {
  const __mmask8 last = last_row_mask(query, codes.code_bytes);
  estimate_all(query, codes, ids, count, out, [&](const unsigned char* node) {
    __m512i sums = _mm512_setzero_si512();
    for (std::size_t row = 0; row < query.row_count; ++row) {
      const __m512i digits = _mm512_load_si512(query.digits + row * kDigitRow);
      const __m512i code = load_row(node, row, query.row_count, last);
      sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(_mm512_xor_si512(code, digits)));
    }
    return static_cast<std::int64_t>(_mm512_reduce_add_epi64(sums));
  });
}

float jaccard_of(const CodeQuery& query, const unsigned char* node, std::size_t code_bytes,
                 std::uint64_t both) {
  std::uint16_t ones = 0;
  __builtin_memcpy(&ones, node + code_bytes + 8, sizeof ones);
  const auto common = static_cast<float>(both);
  return both == 0 ? 1 : 1 - common / (query.offset + static_cast<float>(ones) - common);
}

void estimate_jaccard(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                      std::size_t count, float* out) {
  const __mmask8 last = last_row_mask(query, codes.code_bytes);
  for (std::size_t n = 0; n < count && n < kAhead; ++n) {
    prefetch(codes, ids[n]);
  }
  for (std::size_t n = 0; n < count; ++n) {
    if (n + kAhead < count) {
      prefetch(codes, ids[n + kAhead]);
    }
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    __m512i sums = _mm512_setzero_si512();
    for (std::size_t row = 0; row < query.row_count; ++row) {
      const __m512i digits = _mm512_load_si512(query.digits + row * kDigitRow);
      const __m512i code = load_row(node, row, query.row_count, last);
      sums = _mm512_add_epi64(sums, _mm512_popcnt_epi64(_mm512_and_si512(code, digits)));
    }
    const auto both = static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sums));
    out[n] = jaccard_of(query, node, codes.code_bytes, both);
  }
}

/// The crc32 instruction has a latency of three: three streams, joined by carry-less arithmetic,
/// would be faster; one stream already outruns the disks it guards.
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
  constexpr std::size_t kCounted = 256;  // at most so many are counted, found by bisection
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  for (std::size_t i = 0; i < count; ++i) {
    order[i] = kNone;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const __m512 value = _mm512_set1_ps(fresh[i]);
    std::size_t begin = 0;
    std::size_t end = sorted_count;
    while (end - begin > kCounted) {
      const std::size_t middle = begin + (end - begin) / 2 / kMergeUnit * kMergeUnit;
      (sorted[middle] <= fresh[i] ? begin : end) = middle;
    }
    auto place = static_cast<std::uint32_t>(begin);
    for (std::size_t unit = begin; unit < end; unit += kMergeUnit) {
      place += static_cast<std::uint32_t>(__builtin_popcount(
          _mm512_cmp_ps_mask(_mm512_loadu_ps(sorted + unit), value, _CMP_LE_OQ)));
    }
    std::uint32_t rank = 0;
    for (std::size_t unit = 0; unit < count; unit += kMergeUnit) {
      rank += static_cast<std::uint32_t>(
          __builtin_popcount(_mm512_cmp_ps_mask(_mm512_loadu_ps(fresh + unit), value, _CMP_LT_OQ)));
    }
    while (order[rank] != kNone) {
      ++rank;  // a tie
    }
    places[rank] = place;
    order[rank] = static_cast<std::uint32_t>(i);
  }
}

}  // namespace

const Kernels kAvx512Kernels = {
    .name = "avx512",
    .hamming = hamming,
    .count_bits = count_bits,
    .expand_code = expand_code,
    .estimate_1bit = estimate_1bit,
    .estimate_2bit = estimate_wide<2>,
    .estimate_4bit = estimate_wide<4>,
    .estimate_8bit = estimate_wide<8>,
    .estimate_l1 = estimate_l1,
    .estimate_hamming = estimate_hamming,
    .estimate_jaccard = estimate_jaccard,
    .merge_order = merge_order,
    .crc32c = crc32c,
};

}  // namespace omen::engine

#endif
