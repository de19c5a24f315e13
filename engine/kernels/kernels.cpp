#include "engine/kernels/kernels.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/base/assert.h"
#include "engine/kernels/kernel_choice.h"

namespace omen::engine {
namespace {

constexpr const char* kVariable = "OMEN_SIMD";

/// `table` with the members it leaves out taken from `base`.
Kernels over(const Kernels& base, const Kernels& table) {
  Kernels whole = base;
  const auto take = [](auto& member, auto other) {
    if (other != nullptr) {
      member = other;
    }
  };
  take(whole.name, table.name);
  take(whole.l2_squared, table.l2_squared);
  take(whole.inner_product, table.inner_product);
  take(whole.l1, table.l1);
  take(whole.cosine, table.cosine);
  take(whole.half_l2_squared, table.half_l2_squared);
  take(whole.half_inner_product, table.half_inner_product);
  take(whole.half_l1, table.half_l1);
  take(whole.half_cosine, table.half_cosine);
  take(whole.widen, table.widen);
  take(whole.narrow, table.narrow);
  take(whole.hamming, table.hamming);
  take(whole.count_bits, table.count_bits);
  take(whole.sparse_l2_squared, table.sparse_l2_squared);
  take(whole.sparse_inner_product, table.sparse_inner_product);
  take(whole.sparse_l1, table.sparse_l1);
  take(whole.centre, table.centre);
  take(whole.hadamard, table.hadamard);
  take(whole.value_range, table.value_range);
  take(whole.quantize_planes, table.quantize_planes);
  take(whole.quantize_row, table.quantize_row);
  take(whole.encode_signs, table.encode_signs);
  take(whole.encode_row, table.encode_row);
  take(whole.expand_code, table.expand_code);
  take(whole.estimate_1bit, table.estimate_1bit);
  take(whole.estimate_2bit, table.estimate_2bit);
  take(whole.estimate_4bit, table.estimate_4bit);
  take(whole.estimate_8bit, table.estimate_8bit);
  take(whole.estimate_float, table.estimate_float);
  take(whole.estimate_l1, table.estimate_l1);
  take(whole.estimate_hamming, table.estimate_hamming);
  take(whole.estimate_jaccard, table.estimate_jaccard);
  take(whole.crc32c, table.crc32c);
  return whole;
}

#if defined(__x86_64__)
/// F16C has no name for this builtin; every CPU with AVX2 has it.
bool cpu_has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
}

bool cpu_has_avx512_base() {
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

bool cpu_has_avx512() {
  return cpu_has_avx512_base() && __builtin_cpu_supports("avx512vpopcntdq") &&
         __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bitalg");
}
#endif

struct Implementation {
  bool supported = false;
  Kernels table;
};

/// In order of preference.
const auto& implementations() {
  static const Kernels scalar = over(kScalarKernels, kSparseKernels);
#if defined(__x86_64__)
  static const Kernels avx2 = over(over(scalar, kAvx2Kernels), kAvx2CodeKernels);
  static const Kernels avx512_base = over(avx2, kAvx512BaseKernels);
  static const std::array<Implementation, 4> list = {
      Implementation{cpu_has_avx512(), over(avx512_base, kAvx512Kernels)},
      Implementation{cpu_has_avx512_base(), avx512_base}, Implementation{cpu_has_avx2(), avx2},
      Implementation{true, scalar}};
#elif defined(__aarch64__)
  static const std::array<Implementation, 2> list = {
      Implementation{true, over(scalar, kNeonKernels)}, Implementation{true, scalar}};
#else
  static const std::array<Implementation, 1> list = {Implementation{true, scalar}};
#endif
  return list;
}

const char* forced_name() {
  return std::getenv(kVariable);  // NOLINT(concurrency-mt-unsafe): read once, see the header
}

const Kernels& choose() {
  if (const char* forced = forced_name(); forced != nullptr) {
    const Kernels* table = find_kernels(forced);
    OMEN_ASSERT(table != nullptr, "OMEN_SIMD names no table of this CPU");
    return *table;
  }
  for (const Implementation& implementation : implementations()) {
    if (implementation.supported) {
      return implementation.table;
    }
  }
  return implementations().back().table;
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

const Kernels* find_kernels(const char* name) {
  for (const Implementation& implementation : implementations()) {
    if (implementation.supported && std::strcmp(implementation.table.name, name) == 0) {
      return &implementation.table;
    }
  }
  return nullptr;
}

Status check_kernel_choice() {
  const char* forced = forced_name();
  if (forced == nullptr || find_kernels(forced) != nullptr) {
    return {};
  }
  std::string names;
  for (const Implementation& implementation : implementations()) {
    if (implementation.supported) {
      names += (names.empty() ? "" : ", ") + std::string(implementation.table.name);
    }
  }
  return {StatusCode::InvalidArgument, std::string("unknown value \"") + forced + "\" of " +
                                           kVariable + "; this machine knows " + names};
}

}  // namespace omen::engine
