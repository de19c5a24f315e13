#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "engine/api/vector_distance.h"
#include "engine/kernels/kernel_choice.h"
#include "engine/kernels/kernels.h"

/// Halves, bits and sparse lists: tables against each other, answers against pgvector 0.8.6.
namespace omen::engine {
namespace {

const Kernels& scalar() {
  return *find_kernels("scalar");
}

std::vector<const Kernels*> all_tables() {
  std::vector<const Kernels*> tables;
  for (const char* name : {"scalar", "avx2", "avx512base", "avx512", "neon"}) {
    if (const Kernels* table = find_kernels(name); table != nullptr) {
      tables.push_back(table);
    }
  }
  return tables;
}

std::vector<Half> random_halves(std::size_t count, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.1F, 1.0F);
  std::vector<Half> values(count);
  for (Half& value : values) {
    value = to_half(normal(generator));
  }
  return values;
}

void check_close(double value, double expected, double magnitude) {
  CHECK(std::abs(value - expected) <= 1e-6 * magnitude);
}

std::vector<Half> halves(const std::vector<float>& values) {
  std::vector<Half> result;
  for (const float value : values) {
    result.push_back(to_half(value));
  }
  return result;
}

struct Sparse {
  std::vector<std::int32_t> indices;
  std::vector<float> values;
  [[nodiscard]] SparseView view() const { return {indices, values}; }
};

}  // namespace

TEST_CASE("every half is widened alike by every table and narrowed back to itself") {
  std::vector<Half> all(65536);
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    all[bits].bits = static_cast<std::uint16_t>(bits);
  }
  for (const Kernels* table : all_tables()) {
    INFO(table->name);
    std::vector<float> wide(all.size());
    std::vector<Half> narrow(all.size());
    table->widen(all.data(), all.size(), wide.data());
    table->narrow(wide.data(), wide.size(), narrow.data());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::uint32_t exponent = (i >> 10) & 31;
      const double fraction = static_cast<double>(i & 1023) / 1024;
      const double sign = i >> 15 != 0 ? -1 : 1;
      if (exponent == 31) {
        wrong += (i & 1023) == 0 ? (std::isinf(wide[i]) && narrow[i] == all[i] ? 0U : 1U)
                                 : (std::isnan(wide[i]) ? 0U : 1U);
        continue;
      }
      const double expected =
          exponent == 0 ? sign * std::ldexp(fraction, -14)
                        : sign * std::ldexp(1 + fraction, static_cast<int>(exponent) - 15);
      wrong += static_cast<double>(wide[i]) == expected && narrow[i] == all[i] ? 0U : 1U;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("floats are narrowed to the nearest half, ties to even") {
  const std::vector<std::pair<float, std::uint16_t>> cases = {
      {65519.0F, 0x7BFF}, {65520.0F, 0x7C00},   {-65520.0F, 0xFC00},    {0.1F, 0x2E66},
      {2049.0F, 0x6800},  {2051.0F, 0x6802},    {0x1p-25F, 0x0000},     {0x1.8p-25F, 0x0001},
      {0x1p-24F, 0x0001}, {0x1.8p-24F, 0x0002}, {-0.0F, 0x8000},        {6e-8F, 0x0001},
      {3.14159F, 0x4248}, {12345.0F, 0x7207},   {0x1.ffep-15F, 0x0400}, {1e30F, 0x7C00}};
  for (const Kernels* table : all_tables()) {
    for (const auto& [value, expected] : cases) {
      INFO(table->name << " " << value);
      // Long enough for wide units, and as a rest.
      std::vector<float> values(17, value);
      std::vector<Half> out(17);
      table->narrow(values.data(), values.size(), out.data());
      CHECK(out[0].bits == expected);
      CHECK(out[16].bits == expected);
    }
  }
}

TEST_CASE("every kernel table agrees with the scalar one on halves") {
  for (const Kernels* table : all_tables()) {
    for (std::size_t count = 1; count < 300; count = count < 70 ? count + 1 : count + 17) {
      INFO(table->name << " count " << count);
      const std::vector<Half> storage_a = random_halves(count + 1, 1);
      const std::vector<Half> storage_b = random_halves(count + 3, 2);
      const Half* a = storage_a.data() + 1;
      const Half* b = storage_b.data() + 3;
      CosineParts parts;
      CosineParts expected;
      table->half_cosine(a, b, count, &parts);
      scalar().half_cosine(a, b, count, &expected);
      const double magnitude = expected.norm_a + expected.norm_b;
      check_close(parts.product, expected.product, magnitude);
      check_close(parts.norm_a, expected.norm_a, magnitude);
      check_close(parts.norm_b, expected.norm_b, magnitude);
      check_close(table->half_l2_squared(a, b, count), scalar().half_l2_squared(a, b, count),
                  magnitude);
      check_close(table->half_inner_product(a, b, count), scalar().half_inner_product(a, b, count),
                  magnitude);
      check_close(table->half_l1(a, b, count), scalar().half_l1(a, b, count), magnitude);
    }
  }
}

TEST_CASE("bits are counted alike by every table") {
  std::mt19937 generator(3);
  std::vector<unsigned char> storage(600);
  for (unsigned char& byte : storage) {
    byte = static_cast<unsigned char>(generator());
  }
  for (const Kernels* table : all_tables()) {
    for (std::size_t size_bytes = 0; size_bytes < 290; ++size_bytes) {
      INFO(table->name << " bytes " << size_bytes);
      const unsigned char* a = storage.data() + 1;
      const unsigned char* b = storage.data() + 300;
      CHECK(table->hamming(a, b, size_bytes) == scalar().hamming(a, b, size_bytes));
      BitCounts counts;
      BitCounts expected;
      table->count_bits(a, b, size_bytes, &counts);
      scalar().count_bits(a, b, size_bytes, &expected);
      CHECK(counts.both == expected.both);
      CHECK(counts.a == expected.a);
      CHECK(counts.b == expected.b);
    }
  }
}

TEST_CASE("distances of halves are pgvector's") {
  const auto a = halves({1, 2, 3});
  const auto b = halves({4, 6, 8});
  CHECK(l2_distance(std::span<const Half>(a), b) == 7.0710678118654755);
  CHECK(l2_squared_distance(std::span<const Half>(a), b) == 50);
  CHECK(inner_product(std::span<const Half>(a), b) == 40);
  CHECK(cosine_distance(std::span<const Half>(a), b) == 0.007416666029069763);
  CHECK(l1_distance(std::span<const Half>(a), b) == 12);
  const auto zero = halves({0, 0, 0});
  CHECK(std::isnan(cosine_distance(std::span<const Half>(a), zero)));
  const auto large = halves({65504, 0});
  const auto small = halves({-65504, 0});
  CHECK(l2_distance(std::span<const Half>(large), small) == 131008);
}

TEST_CASE("distances of sparse vectors are pgvector's") {
  const Sparse a{{0, 2, 4}, {1, 2, 3}};
  const Sparse b{{2, 3}, {5, 1.5F}};
  CHECK(l2_distance(a.view(), b.view()) == Approx(4.6097722286464435).epsilon(1e-12));
  CHECK(l2_squared_distance(a.view(), b.view()) == 21.25);
  CHECK(inner_product(a.view(), b.view()) == 10);
  CHECK(cosine_distance(a.view(), b.view()) == Approx(0.48802031495086207).epsilon(1e-12));
  CHECK(l1_distance(a.view(), b.view()) == 8.5);
  const Sparse none;
  CHECK(l2_squared_distance(a.view(), none.view()) == 14);
  CHECK(inner_product(none.view(), b.view()) == 0);
  CHECK(l1_distance(none.view(), none.view()) == 0);
  CHECK(std::isnan(cosine_distance(a.view(), none.view())));
  const Sparse huge{{1}, {3e38F}};
  const Sparse opposite{{1}, {-3e38F}};
  CHECK(std::isinf(l2_distance(huge.view(), opposite.view())));
}

TEST_CASE("distances of bits are pgvector's") {
  const std::vector<unsigned char> a = {0b10110000};
  const std::vector<unsigned char> b = {0b11010000};
  const std::vector<unsigned char> zero = {0};
  CHECK(hamming_distance(a, b) == 2);
  CHECK(jaccard_distance(a, b) == 0.5);
  CHECK(jaccard_distance(a, zero) == 1);
  CHECK(jaccard_distance(zero, zero) == 1);
  CHECK(hamming_distance({}, {}) == 0);
}

TEST_CASE("an unknown name in OMEN_SIMD is an error that names the tables there are") {
  const char* before = std::getenv("OMEN_SIMD");
  const std::string saved = before == nullptr ? "" : before;
  ::setenv("OMEN_SIMD", "sse9", 1);
  const Status status = check_kernel_choice();
  ::setenv("OMEN_SIMD", "scalar", 1);
  const Status known = check_kernel_choice();
  if (before == nullptr) {
    ::unsetenv("OMEN_SIMD");
  } else {
    ::setenv("OMEN_SIMD", saved.c_str(), 1);
  }
  CHECK(known.ok());
  CHECK(status.code() == StatusCode::InvalidArgument);
  CHECK(status.message().starts_with("unknown value \"sse9\" of OMEN_SIMD; this machine knows "));
  CHECK(status.message().ends_with("scalar"));
}

}  // namespace omen::engine
