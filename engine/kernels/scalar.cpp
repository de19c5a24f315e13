#include <cstddef>
#include <cstdint>

#include "engine/kernels/kernels.h"
#include "engine/kernels/merge_order.h"

/// Plain C++: the specification of every kernel (of sparse vectors: sparse.cpp).
namespace omen::engine {
namespace {

constexpr std::size_t kLanes =
    16;  // independent sums, so that rounding stays near that of wide units

float sum_lanes(float* lanes) {
  for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) {
      lanes[lane] += lanes[lane + width];
    }
  }
  return lanes[0];
}

template <typename Term>
float accumulate(std::size_t count, Term term) {
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += term(i + lane);
    }
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) {
    lanes[lane] += term(i);
  }
  return sum_lanes(lanes);
}

float widened(float value) {
  return value;
}

/// Normal halves move to the exponent range of floats; the multiplication does the same for all and
/// also makes subnormals normal.
float widened(Half value) {
  const std::uint32_t magnitude = (value.bits & 0x7FFFU) << 13;
  float scaled = __builtin_bit_cast(float, magnitude) * 0x1p112F;
  if ((value.bits & 0x7C00U) == 0x7C00U) {
    scaled = __builtin_bit_cast(float, magnitude | 0x7F800000U);
  }
  const std::uint32_t sign = (value.bits & 0x8000U) << 16;
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, scaled) | sign);
}

Half narrowed(float value) {
  const auto bits = __builtin_bit_cast(std::uint32_t, value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  std::uint32_t half = 0;
  if (magnitude > 0x7F800000U) {
    half = 0x7E00U | ((magnitude >> 13) & 0x3FFU);  // NaN keeps its payload, made quiet
  } else if (magnitude >= 0x477FF000U) {
    half = 0x7C00U;  // from 65520 on
  } else if (magnitude >= 0x38800000U) {
    half = (magnitude - 0x38000000U + 0xFFFU + ((magnitude >> 13) & 1U)) >> 13;
  } else {
    // Subnormal: the sum's last bit weighs 2^-24, so that the addition rounds.
    const float rounded = __builtin_bit_cast(float, magnitude) + 0.5F;
    half = __builtin_bit_cast(std::uint32_t, rounded) - 0x3F000000U;
  }
  return {static_cast<std::uint16_t>(sign | half)};
}

template <typename T>
float l2_squared(const T* a, const T* b, std::size_t count) {
  return accumulate(count, [=](std::size_t i) {
    const float difference = widened(a[i]) - widened(b[i]);
    return difference * difference;
  });
}

template <typename T>
float inner_product(const T* a, const T* b, std::size_t count) {
  return accumulate(count, [=](std::size_t i) { return widened(a[i]) * widened(b[i]); });
}

template <typename T>
float l1(const T* a, const T* b, std::size_t count) {
  return accumulate(count,
                    [=](std::size_t i) { return __builtin_fabsf(widened(a[i]) - widened(b[i])); });
}

template <typename T>
void cosine(const T* a, const T* b, std::size_t count, CosineParts* out) {
  out->product = inner_product(a, b, count);
  out->norm_a = inner_product(a, a, count);
  out->norm_b = inner_product(b, b, count);
}

void widen(const Half* values, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = widened(values[i]);
  }
}

void narrow(const float* values, std::size_t count, Half* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = narrowed(values[i]);
  }
}

/// Calls `take(x, y)` for each eight bytes of both, zeros beyond the end.
template <typename Take>
void for_words(const unsigned char* a, const unsigned char* b, std::size_t size_bytes, Take take) {
  for (; size_bytes > 0;) {
    const std::size_t step = size_bytes < 8 ? size_bytes : 8;
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    __builtin_memcpy(&x, a, step);
    __builtin_memcpy(&y, b, step);
    take(x, y);
    a += step;
    b += step;
    size_bytes -= step;
  }
}

std::uint64_t hamming(const unsigned char* a, const unsigned char* b, std::size_t size_bytes) {
  std::uint64_t count = 0;
  for_words(a, b, size_bytes, [&](std::uint64_t x, std::uint64_t y) {
    count += static_cast<std::uint64_t>(__builtin_popcountll(x ^ y));
  });
  return count;
}

void count_bits(const unsigned char* a, const unsigned char* b, std::size_t size_bytes,
                BitCounts* out) {
  BitCounts counts;
  for_words(a, b, size_bytes, [&](std::uint64_t x, std::uint64_t y) {
    counts.both += static_cast<std::uint64_t>(__builtin_popcountll(x & y));
    counts.a += static_cast<std::uint64_t>(__builtin_popcountll(x));
    counts.b += static_cast<std::uint64_t>(__builtin_popcountll(y));
  });
  *out = counts;
}

void centre(const float* values, float factor, const float* mean, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = values[i] * factor - (mean == nullptr ? 0.0F : mean[i]);
  }
}

void hadamard(float* values, const float* factors, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    values[i] *= factors[i];
  }
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
}

ValueRange value_range(const float* values, std::size_t count) {
  ValueRange range{values[0], values[0], inner_product(values, values, count)};
  for (std::size_t i = 1; i < count; ++i) {
    range.low = values[i] < range.low ? values[i] : range.low;
    range.high = values[i] > range.high ? values[i] : range.high;
  }
  return range;
}

std::uint32_t quantize_planes(const float* values, std::size_t count, float low, float inverse,
                              std::uint64_t* planes, std::size_t plane_words) {
  std::uint32_t sum = 0;
  for (std::size_t word = 0; word < count / 64; ++word) {
    std::uint64_t bits[kQueryPlanes] = {};
    for (std::size_t i = 0; i < 64; ++i) {
      const float shifted = values[word * 64 + i] - low;
      const float scaled = shifted * inverse;
      std::int32_t digit = static_cast<std::int32_t>(scaled + 0.5F);
      digit = digit < 0 ? 0 : digit > 15 ? 15 : digit;
      sum += static_cast<std::uint32_t>(digit);
      for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
        bits[plane] |= static_cast<std::uint64_t>((digit >> plane) & 1) << i;
      }
    }
    for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
      planes[plane * plane_words + word] = bits[plane];
    }
  }
  return sum;
}

std::int32_t quantize_row(const float* values, std::size_t count, float inverse,
                          unsigned char* digits) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float scaled = values[i] * inverse;
    const auto digit = static_cast<std::int32_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
    digits[i] = static_cast<unsigned char>(digit);
    sum += digit;
  }
  return sum;
}

float encode_signs(const float* values, std::size_t count, unsigned char* code,
                   std::uint32_t* ones) {
  float sum = 0;
  *ones = 0;
  for (std::size_t word = 0; word < count / 64; ++word) {
    std::uint64_t bits = 0;
    float part = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      const float value = values[word * 64 + i];
      bits |= static_cast<std::uint64_t>(value >= 0) << i;
      part += __builtin_fabsf(value);
    }
    sum += part;
    __builtin_memcpy(code + word * 8, &bits, 8);
    *ones += static_cast<std::uint32_t>(__builtin_popcountll(bits));
  }
  return sum;
}

float encode_row(const float* values, std::size_t count, float inverse, unsigned bits,
                 unsigned shift, unsigned char* code) {
  const auto digit_max = static_cast<float>((1U << bits) - 1);
  const float up = (digit_max + 1) / 2;
  const float middle = digit_max / 2;
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float scaled = values[i] * inverse;
    const float level = scaled + up;
    const auto digit = static_cast<unsigned>(level < 0           ? 0.0F
                                             : level > digit_max ? digit_max
                                                                 : level);
    sum += (static_cast<float>(digit) - middle) * values[i];
    code[i] = static_cast<unsigned char>(code[i] | digit << shift);
  }
  return sum;
}

template <unsigned kBits>
std::int32_t expand_rows(const unsigned char* code, std::size_t code_bytes, unsigned char* digits) {
  constexpr std::size_t kFields = 8 / kBits;
  constexpr int kDigitMax = (1 << kBits) - 1;
  constexpr int kFactor = kBits == 8 ? 1 : 2;
  constexpr int kDown = kBits == 8 ? 128 : kDigitMax;
  std::int32_t sum = 0;
  for (std::size_t begin = 0; begin < code_bytes; begin += kDigitRow) {
    const std::size_t width = code_bytes - begin < kDigitRow ? code_bytes - begin : kDigitRow;
    for (std::size_t field = 0; field < kFields; ++field, digits += kDigitRow) {
      for (std::size_t i = 0; i < width; ++i) {
        const int value = (code[begin + i] >> (field * kBits)) & kDigitMax;
        digits[i] = static_cast<unsigned char>(value * kFactor - kDown);
        sum += value * kFactor - kDown;
      }
      for (std::size_t i = width; i < kDigitRow; ++i) {
        digits[i] = 0;
      }
    }
  }
  return sum;
}

std::int32_t expand_code(const unsigned char* code, std::size_t code_bytes, unsigned bits,
                         unsigned char* digits) {
  return bits == 2   ? expand_rows<2>(code, code_bytes, digits)
         : bits == 4 ? expand_rows<4>(code, code_bytes, digits)
                     : expand_rows<8>(code, code_bytes, digits);
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

void estimate_1bit(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  const std::size_t plane_bytes = query.row_count * kDigitRow;
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    std::int64_t product = 0;
    for (std::size_t byte = 0; byte < codes.code_bytes; byte += 8) {
      std::uint64_t code = 0;
      __builtin_memcpy(&code, node + byte, 8);
      for (std::size_t plane = 0; plane < kQueryPlanes; ++plane) {
        std::uint64_t digits = 0;
        __builtin_memcpy(&digits, query.digits + plane * plane_bytes + byte, 8);
        product += static_cast<std::int64_t>(__builtin_popcountll(code & digits)) << plane;
      }
    }
    out[n] = combine(query, node, codes.code_bytes, product);
  }
}

template <int kBits>
void estimate_wide(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                   std::size_t count, float* out) {
  constexpr std::size_t kFields = 8 / kBits;
  constexpr unsigned kMask = (1U << kBits) - 1;
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    std::int64_t product = 0;
    for (std::size_t byte = 0; byte < codes.code_bytes; ++byte) {
      const unsigned char* rows = query.digits + byte / kDigitRow * kDigitRow * kFields;
      for (std::size_t field = 0; field < kFields; ++field) {
        const auto digit = static_cast<signed char>(rows[field * kDigitRow + byte % kDigitRow]);
        product += static_cast<std::int64_t>((node[byte] >> (field * kBits)) & kMask) * digit;
      }
    }
    out[n] = combine(query, node, codes.code_bytes, product);
  }
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

void estimate_l1(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                 std::size_t count, float* out) {
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    std::int64_t product = 0;
    for (std::size_t byte = 0; byte < codes.code_bytes; ++byte) {
      const int difference = node[byte] - query.digits[byte];
      product += difference < 0 ? -difference : difference;
    }
    out[n] = combine(query, node, codes.code_bytes, product);
  }
}

void estimate_hamming(const CodeQuery& query, const CodeArray& codes, const std::uint32_t* ids,
                      std::size_t count, float* out) {
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    const std::uint64_t product = hamming(node, query.digits, codes.code_bytes);
    out[n] = combine(query, node, codes.code_bytes, static_cast<std::int64_t>(product));
  }
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
  for (std::size_t n = 0; n < count; ++n) {
    const unsigned char* node = codes.nodes + ids[n] * codes.stride_bytes;
    BitCounts counts;
    count_bits(node, query.digits, codes.code_bytes, &counts);
    out[n] = jaccard_of(query, node, codes.code_bytes, counts.both);
  }
}

struct Crc32cTable {
  std::uint32_t entry[8][256];
};

constexpr Crc32cTable make_crc32c_table() {
  Crc32cTable table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    }
    table.entry[0][byte] = crc;
  }
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::size_t slice = 1; slice < 8; ++slice) {
      const std::uint32_t previous = table.entry[slice - 1][byte];
      table.entry[slice][byte] = (previous >> 8) ^ table.entry[0][previous & 0xFF];
    }
  }
  return table;
}

constexpr Crc32cTable kCrc32cTable = make_crc32c_table();

std::uint32_t crc32c(std::uint32_t crc, const void* data, std::size_t size_bytes) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  const auto& entry = kCrc32cTable.entry;
  crc = ~crc;
  for (; size_bytes >= 8; size_bytes -= 8, bytes += 8) {
    const std::uint32_t low =
        crc ^
        (static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
         static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24);
    crc = entry[7][low & 0xFF] ^ entry[6][(low >> 8) & 0xFF] ^ entry[5][(low >> 16) & 0xFF] ^
          entry[4][low >> 24] ^ entry[3][bytes[4]] ^ entry[2][bytes[5]] ^ entry[1][bytes[6]] ^
          entry[0][bytes[7]];
  }
  for (; size_bytes > 0; --size_bytes, ++bytes) {
    crc = (crc >> 8) ^ entry[0][(crc ^ *bytes) & 0xFF];
  }
  return ~crc;
}

void merge_order(const float* sorted, std::size_t sorted_count, const float* fresh,
                 std::size_t count, std::uint32_t* places, std::uint32_t* order) {
  merge_order_loops(sorted, sorted_count, fresh, count, places, order);
}

}  // namespace

const Kernels kScalarKernels = {
    .name = "scalar",
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
    .quantize_row = quantize_row,
    .encode_signs = encode_signs,
    .encode_row = encode_row,
    .expand_code = expand_code,
    .estimate_1bit = estimate_1bit,
    .estimate_2bit = estimate_wide<2>,
    .estimate_4bit = estimate_wide<4>,
    .estimate_8bit = estimate_wide<8>,
    .estimate_float = estimate_float,
    .estimate_l1 = estimate_l1,
    .estimate_hamming = estimate_hamming,
    .estimate_jaccard = estimate_jaccard,
    .merge_order = merge_order,
    .crc32c = crc32c,
};

}  // namespace omen::engine
