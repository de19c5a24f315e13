#include "engine/kernels/kernels.h"

#include <array>
#include <cstdlib>
#include <cstring>

namespace omen::engine {
namespace {

/// Members a table leaves out are the scalar ones.
Kernels complete(const Kernels& table) {
  Kernels whole = kScalarKernels;
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
  take(whole.hadamard, table.hadamard);
  take(whole.value_range, table.value_range);
  take(whole.quantize_planes, table.quantize_planes);
  take(whole.expand_code, table.expand_code);
  take(whole.estimate_1bit, table.estimate_1bit);
  take(whole.estimate_2bit, table.estimate_2bit);
  take(whole.estimate_4bit, table.estimate_4bit);
  take(whole.estimate_8bit, table.estimate_8bit);
  take(whole.crc32c, table.crc32c);
  return whole;
}

#if defined(__x86_64__)
/// F16C has no name for this builtin; every CPU with AVX2 has it.
bool cpu_has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
}

bool cpu_has_avx512() {
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq") &&
         __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bitalg");
}
#endif

struct Implementation {
  bool supported = false;
  Kernels table;
};

/// In order of preference.
const auto& implementations() {
#if defined(__x86_64__)
  static const std::array<Implementation, 3> list = {
      Implementation{cpu_has_avx512(), complete(kAvx512Kernels)},
      Implementation{cpu_has_avx2(), complete(kAvx2Kernels)}, Implementation{true, kScalarKernels}};
#elif defined(__aarch64__)
  static const std::array<Implementation, 2> list = {Implementation{true, complete(kNeonKernels)},
                                                     Implementation{true, kScalarKernels}};
#else
  static const std::array<Implementation, 1> list = {Implementation{true, kScalarKernels}};
#endif
  return list;
}

const Kernels& choose() {
  // Read once, before other threads could change the environment.
  if (const char* forced = std::getenv("OMEN_SIMD");
      forced != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    if (const Kernels* table = find_kernels(forced); table != nullptr) {
      return *table;
    }
  }
  for (const Implementation& implementation : implementations()) {
    if (implementation.supported) {
      return implementation.table;
    }
  }
  return kScalarKernels;
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

}  // namespace omen::engine
