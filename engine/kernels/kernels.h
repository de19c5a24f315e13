#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/half.h"

/// Arithmetic in one table per instruction set, chosen once (engine/kernels/kernels.cpp). The
/// scalar table is the specification: integer results of all tables are equal bit for bit, floats
/// within 1e-6 relative. Pointers need no alignment unless a field says so. All are thread-safe,
/// allocate nothing and cannot fail.
namespace omen::engine {

constexpr std::size_t kQueryPlanes = 4;  ///< bits of a query measured against 1-bit codes
constexpr std::size_t kMergeUnit = 16;   ///< see Kernels::merge_order
constexpr std::size_t kDigitRow = 64;  ///< bytes a code is cut into; query digits come in such rows

/// What a node carries right behind its code: an estimate is
/// `node.add + query.add + node.factor * (query.scale * T + query.ones_scale * node.ones +
/// query.offset)` with T the integer product of query digits and code digits. Part of the file
/// format.
struct CodeFactors {
  float add = 0;
  float factor = 0;
  std::uint16_t ones = 0;  ///< bits set in a 1-bit code; 0 for wider codes
};

/// A query made ready for codes of one width. `digits` is 64-byte aligned and borrowed.
/// 1 bit:      kQueryPlanes planes of `row_count` rows of 64 bytes; bit i of plane p is bit p of
///             digit i; zero beyond the code.
/// 2, 4, 8:    rows of 64 int8, 8 / bits of them for each 64 bytes of code, in the order of the
///             fields within the code's bytes from the low bits up; zero beyond the code.
struct CodeQuery {
  const unsigned char* digits = nullptr;
  std::size_t row_count = 0;  ///< ceil(code_bytes / 64)
  float scale = 0;
  float ones_scale = 0;
  float offset = 0;
  float add = 0;
};

/// Nodes in memory: the code first, its CodeFactors behind it (10 bytes, packed at `code_bytes`).
struct CodeArray {
  const unsigned char* nodes = nullptr;
  std::size_t stride_bytes = 0;
  std::size_t code_bytes = 0;  ///< a multiple of 8
};

/// Estimates the distances of `count` nodes named by id into `out`; prefetches ahead.
using EstimateFunction = void (*)(const CodeQuery& query, const CodeArray& codes,
                                  const std::uint32_t* ids, std::size_t count, float* out);

struct CosineParts {
  float product = 0;
  float norm_a = 0;  ///< squared
  float norm_b = 0;  ///< squared
};

/// Range of a vector's elements and its squared norm.
struct ValueRange {
  float low = 0;
  float high = 0;
  float norm = 0;
};

/// Bits set in two bit strings of one length: in both, in the first, in the second.
struct BitCounts {
  std::uint64_t both = 0;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

/// The non-zero elements of a sparse vector, indices ascending.
struct SparseList {
  const std::int32_t* indices = nullptr;
  const float* values = nullptr;
  std::size_t count = 0;
};

/// A null member means that the scalar one serves; kernels() fills it in.
struct Kernels {
  const char* name = nullptr;

  /// Exact distances, float32 accumulation.
  float (*l2_squared)(const float* a, const float* b, std::size_t count) = nullptr;
  float (*inner_product)(const float* a, const float* b, std::size_t count) = nullptr;
  float (*l1)(const float* a, const float* b, std::size_t count) = nullptr;
  void (*cosine)(const float* a, const float* b, std::size_t count, CosineParts* out) = nullptr;

  /// The same of binary16 elements, which are widened exactly.
  float (*half_l2_squared)(const Half* a, const Half* b, std::size_t count) = nullptr;
  float (*half_inner_product)(const Half* a, const Half* b, std::size_t count) = nullptr;
  float (*half_l1)(const Half* a, const Half* b, std::size_t count) = nullptr;
  void (*half_cosine)(const Half* a, const Half* b, std::size_t count, CosineParts* out) = nullptr;
  void (*widen)(const Half* values, std::size_t count, float* out) = nullptr;
  /// To nearest, ties to even; what is too large becomes an infinity.
  void (*narrow)(const float* values, std::size_t count, Half* out) = nullptr;

  /// Bit strings, whole bytes.
  std::uint64_t (*hamming)(const unsigned char* a, const unsigned char* b,
                           std::size_t size_bytes) = nullptr;
  void (*count_bits)(const unsigned char* a, const unsigned char* b, std::size_t size_bytes,
                     BitCounts* out) = nullptr;

  /// Sparse vectors, summed in the order of the indices.
  float (*sparse_l2_squared)(const SparseList& a, const SparseList& b) = nullptr;
  float (*sparse_inner_product)(const SparseList& a, const SparseList& b) = nullptr;
  float (*sparse_l1)(const SparseList& a, const SparseList& b) = nullptr;

  /// out = values * factor - mean; no mean if that is null.
  void (*centre)(const float* values, float factor, const float* mean, std::size_t count,
                 float* out) = nullptr;
  /// In-place fast Walsh-Hadamard transform of `count` = 2^k values, each times its factor first.
  void (*hadamard)(float* values, const float* factors, std::size_t count) = nullptr;
  ValueRange (*value_range)(const float* values, std::size_t count) = nullptr;

  /// Quantises `count` (a multiple of 64) values to digits int((v - low) * inverse + 0.5) in 0..15,
  /// as bit planes `plane_words` words apart (see CodeQuery). Returns the sum of the digits.
  std::uint32_t (*quantize_planes)(const float* values, std::size_t count, float low, float inverse,
                                   std::uint64_t* planes, std::size_t plane_words) = nullptr;
  /// Quantises up to kDigitRow values to digits v * inverse, rounded half away from zero, that fit
  /// into int8. Returns their sum.
  std::int32_t (*quantize_row)(const float* values, std::size_t count, float inverse,
                               unsigned char* digits) = nullptr;

  /// Writes the signs of `count` (a multiple of 64) values as bits (1: not negative) and their
  /// number; returns the sum of the magnitudes.
  float (*encode_signs)(const float* values, std::size_t count, unsigned char* code,
                        std::uint32_t* ones) = nullptr;
  /// Quantises up to kDigitRow values to u = int(v * inverse + 2^(bits - 1)), clamped to `bits`
  /// bits, and puts each into the next byte of `code` from bit `shift` up (zero until then).
  /// Returns the sum of v * (u - (2^bits - 1) / 2).
  float (*encode_row)(const float* values, std::size_t count, float inverse, unsigned bits,
                      unsigned shift, unsigned char* code) = nullptr;

  /// Query digits (see CodeQuery; those beyond the code zero) that stand for a code of 2, 4 or 8
  /// bits itself: 2 u - (2^bits - 1), or u - 128 for 8 bits. Returns their sum.
  std::int32_t (*expand_code)(const unsigned char* code, std::size_t code_bytes, unsigned bits,
                              unsigned char* digits) = nullptr;

  EstimateFunction estimate_1bit = nullptr;
  EstimateFunction estimate_2bit = nullptr;
  EstimateFunction estimate_4bit = nullptr;
  EstimateFunction estimate_8bit = nullptr;
  /// Codes that are float32 elements, as are the query's digits: the squared L2 distance. Factors
  /// and the query's other members are not used.
  EstimateFunction estimate_float = nullptr;
  /// Codes of one byte an element, query digits likewise (unsigned); T is the sum of the absolute
  /// differences.
  EstimateFunction estimate_l1 = nullptr;
  /// Codes that are bit strings, query digits likewise; T is the number of bits that differ.
  EstimateFunction estimate_hamming = nullptr;
  /// The same; the Jaccard distance. `ones` of a node and `offset` of the query are bits set.
  EstimateFunction estimate_jaccard = nullptr;

  /// How `count` values are merged into ascending ones: `order` is their own ascending order, as
  /// indices, and for each in that order `places` says how many of `sorted` are not greater. Both
  /// inputs are readable, and infinite, up to a multiple of kMergeUnit; all values are finite.
  void (*merge_order)(const float* sorted, std::size_t sorted_count, const float* fresh,
                      std::size_t count, std::uint32_t* places, std::uint32_t* order) = nullptr;

  /// CRC-32C (Castagnoli) of `size_bytes` bytes, continued from `crc` (0 to begin).
  std::uint32_t (*crc32c)(std::uint32_t crc, const void* data, std::size_t size_bytes) = nullptr;
};

extern const Kernels kScalarKernels;  ///< all but the sparse ones
extern const Kernels kSparseKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx2CodeKernels;
extern const Kernels kAvx512BaseKernels;  ///< what needs F, BW, DQ and VL alone
extern const Kernels kAvx512Kernels;      ///< the rest: VPOPCNTDQ, VNNI and BITALG
#elif defined(__aarch64__)
extern const Kernels kNeonKernels;
#endif

/// The best table of this CPU; OMEN_SIMD=scalar|avx2|avx512base|avx512|neon in the environment
/// forces one. Chosen at the first call, which aborts if the CPU lacks the table asked for; a
/// program that can do better asks check_kernel_choice() first (kernel_choice.h).
const Kernels& kernels();

/// The table of that name with no null members, or nullptr if this CPU or build lacks it.
const Kernels* find_kernels(const char* name);

}  // namespace omen::engine
