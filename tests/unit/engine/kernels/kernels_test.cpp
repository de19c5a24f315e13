#include "engine/kernels/kernels.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <tuple>
#include <vector>

using omen::engine::CodeArray;
using omen::engine::CodeQuery;
using omen::engine::CosineParts;
using omen::engine::find_kernels;
using omen::engine::Kernels;
using omen::engine::kQueryPlanes;
using omen::engine::ValueRange;

namespace {

const Kernels& scalar() {
  return *find_kernels("scalar");
}

/// Every table this CPU has but the scalar one.
std::vector<const Kernels*> other_tables() {
  std::vector<const Kernels*> tables;
  for (const char* name : {"avx2", "avx512base", "avx512", "neon"}) {
    if (const Kernels* table = find_kernels(name); table != nullptr) {
      tables.push_back(table);
    }
  }
  return tables;
}

std::vector<float> random_values(std::size_t count, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.1F, 1.0F);
  std::vector<float> values(count);
  for (float& value : values) {
    value = normal(generator);
  }
  return values;
}

/// Relative to the size of the summed terms, since sums of mixed sign cancel.
void check_close(double value, double expected, double magnitude) {
  CHECK(std::abs(value - expected) <= 1e-6 * std::max(magnitude, 1e-6));
}

struct Nodes {
  std::vector<unsigned char> bytes;
  std::size_t stride_bytes = 0;
  std::size_t code_bytes = 0;
};

Nodes random_nodes(std::size_t code_bytes, std::size_t count, std::uint32_t seed) {
  Nodes nodes{{}, (code_bytes + 10 + 63) / 64 * 64, code_bytes};
  std::mt19937 generator(seed);
  nodes.bytes.resize(nodes.stride_bytes * count + 1);
  for (unsigned char& byte : nodes.bytes) {
    byte = static_cast<unsigned char>(generator());
  }
  for (std::size_t n = 0; n < count; ++n) {
    const float factors[2] = {static_cast<float>(n), 1.0F};
    std::memcpy(nodes.bytes.data() + 1 + n * nodes.stride_bytes + code_bytes, factors, 8);
  }
  return nodes;
}

}  // namespace

TEST_CASE("every kernel table agrees with the scalar one on float distances") {
  for (const Kernels* table : other_tables()) {
    for (std::size_t count = 1; count < 300; count = count < 70 ? count + 1 : count + 17) {
      INFO(table->name << " count " << count);
      const std::vector<float> storage_a = random_values(count + 1, 1);
      const std::vector<float> storage_b = random_values(count + 3, 2);
      const float* a = storage_a.data() + 1;
      const float* b = storage_b.data() + 3;
      const double magnitude =
          scalar().l2_squared(a, b, count) + scalar().inner_product(a, a, count);
      check_close(table->l2_squared(a, b, count), scalar().l2_squared(a, b, count), magnitude);
      check_close(table->inner_product(a, b, count), scalar().inner_product(a, b, count),
                  magnitude);
      check_close(table->l1(a, b, count), scalar().l1(a, b, count), magnitude);
      CosineParts parts;
      CosineParts expected;
      table->cosine(a, b, count, &parts);
      scalar().cosine(a, b, count, &expected);
      check_close(parts.product, expected.product, magnitude);
      check_close(parts.norm_a, expected.norm_a, expected.norm_a);
      check_close(parts.norm_b, expected.norm_b, expected.norm_b);
      const ValueRange range = table->value_range(a, count);
      const ValueRange expected_range = scalar().value_range(a, count);
      CHECK(range.low == expected_range.low);
      CHECK(range.high == expected_range.high);
      check_close(range.norm, expected_range.norm, expected_range.norm);
    }
  }
}

TEST_CASE("float kernels pass on infinities and NaN") {
  for (const Kernels* table : other_tables()) {
    const std::vector<float> huge(37, 3e38F);
    const std::vector<float> zero(37, 0.0F);
    CHECK(std::isinf(table->l2_squared(huge.data(), zero.data(), 37)));
    CHECK(std::isinf(table->inner_product(huge.data(), huge.data(), 37)));
    std::vector<float> odd = zero;
    odd[36] = std::nanf("");
    CHECK(std::isnan(table->l2_squared(odd.data(), zero.data(), 37)));
  }
}

TEST_CASE("the Hadamard transform is its own inverse and equal in every table") {
  for (const Kernels* table : other_tables()) {
    for (std::size_t count = 1; count <= 8192; count *= 2) {
      INFO(table->name << " count " << count);
      const std::vector<float> original = random_values(count + 1, 3);
      std::vector<float> values = original;
      std::vector<float> expected = original;
      const float scale = 1 / std::sqrt(static_cast<float>(count));
      std::vector<float> factors(count + 3, scale);
      for (std::size_t i = 0; i < count; i += 3) {
        factors[i] = -scale;
      }
      table->hadamard(values.data() + 1, factors.data(), count);
      scalar().hadamard(expected.data() + 1, factors.data(), count);
      for (std::size_t i = 1; i <= count; ++i) {
        check_close(values[i], expected[i], 4);
      }
      const std::vector<float> plain(count, scale);
      table->hadamard(values.data() + 1, plain.data(), count);
      for (std::size_t i = 1; i <= count; ++i) {
        const float sign = (i - 1) % 3 == 0 ? -1.0F : 1.0F;
        CHECK(values[i] * sign == Approx(original[i]).margin(1e-5));
      }
    }
  }
}

TEST_CASE("vectors are scaled and centred alike by every table") {
  for (const Kernels* table : other_tables()) {
    for (std::size_t count = 1; count < 70; ++count) {
      const std::vector<float> values = random_values(count + 1, 5);
      const std::vector<float> mean = random_values(count + 2, 6);
      for (const float* down : {static_cast<const float*>(nullptr), mean.data() + 2}) {
        std::vector<float> out(count + 1, -7);
        std::vector<float> expected(count + 1, -7);
        table->centre(values.data() + 1, 0.7F, down, count, out.data());
        scalar().centre(values.data() + 1, 0.7F, down, count, expected.data());
        CHECK(out == expected);
      }
    }
  }
}

TEST_CASE("codes are equal bit for bit in every table") {
  for (const Kernels* table : other_tables()) {
    const std::vector<float> values = random_values(65, 8);
    for (std::size_t count = 8; count <= 64; count += 8) {
      INFO(table->name << " count " << count);
      std::vector<unsigned char> digits(65, 0xAA);
      std::vector<unsigned char> expected(65, 0xAA);
      CHECK(table->quantize_row(values.data() + 1, count, 30.0F, digits.data()) ==
            scalar().quantize_row(values.data() + 1, count, 30.0F, expected.data()));
      CHECK(digits == expected);
      for (const auto& [bits, shift, inverse] :
           {std::tuple(2U, 0U, 1.0F), {2U, 6U, 1.0F}, {4U, 4U, 3.0F}, {8U, 0U, 32.0F}}) {
        std::vector<unsigned char> code(65, 1);
        std::vector<unsigned char> expected_code(65, 1);
        const float sum =
            table->encode_row(values.data() + 1, count, inverse, bits, shift, code.data());
        const float expected_sum = scalar().encode_row(values.data() + 1, count, inverse, bits,
                                                       shift, expected_code.data());
        check_close(sum, expected_sum, std::abs(expected_sum) + 10);
        CHECK(code == expected_code);
      }
    }
    for (std::size_t count = 64; count <= 1600; count += 64) {
      std::vector<float> many = random_values(count + 1, 9);
      many[5] = -0.0F;
      std::vector<unsigned char> code(count / 8);
      std::vector<unsigned char> expected(count / 8);
      std::uint32_t ones = 0;
      std::uint32_t expected_ones = 0;
      const float sum = table->encode_signs(many.data() + 1, count, code.data(), &ones);
      const float expected_sum =
          scalar().encode_signs(many.data() + 1, count, expected.data(), &expected_ones);
      check_close(sum, expected_sum, expected_sum);
      CHECK(code == expected);
      CHECK(ones == expected_ones);
    }
  }
}

TEST_CASE("query digits are equal bit for bit in every table") {
  for (const Kernels* table : other_tables()) {
    for (std::size_t count = 64; count <= 1600; count += 64) {
      const std::vector<float> storage = random_values(count + 1, 4);
      const float* values = storage.data() + 1;
      const ValueRange range = scalar().value_range(values, count);
      const float inverse = 15 / (range.high - range.low);
      const std::size_t plane_words = (count / 64 + 7) / 8 * 8;
      std::vector<std::uint64_t> planes(kQueryPlanes * plane_words);
      std::vector<std::uint64_t> expected(kQueryPlanes * plane_words);
      const std::uint32_t sum =
          table->quantize_planes(values, count, range.low, inverse, planes.data(), plane_words);
      CHECK(sum == scalar().quantize_planes(values, count, range.low, inverse, expected.data(),
                                            plane_words));
      CHECK(planes == expected);
    }
  }
}

TEST_CASE("code products are equal bit for bit in every table") {
  constexpr std::size_t kNodeCount = 11;
  const std::uint32_t ids[] = {0, 10, 3, 3, 7, 1, 9, 2, 4, 5, 6, 8};
  const std::size_t id_count = std::size(ids);
  for (const Kernels* table : other_tables()) {
    for (std::size_t words = 1; words <= 45; ++words) {
      const std::size_t code_bytes = words * 8;
      const Nodes nodes = random_nodes(code_bytes, kNodeCount, 5);
      const CodeArray codes{nodes.bytes.data() + 1, nodes.stride_bytes, code_bytes};
      const std::size_t rows = (code_bytes + 63) / 64;
      for (const int bits : {1, 2, 4, 8}) {
        INFO(table->name << " bits " << bits << " code bytes " << code_bytes);
        const std::size_t copies = bits == 1 ? kQueryPlanes : 8 / static_cast<std::size_t>(bits);
        std::vector<unsigned char> storage(rows * copies * 64 + 64);
        auto* digits = reinterpret_cast<unsigned char*>(
            (reinterpret_cast<std::uintptr_t>(storage.data()) + 63) / 64 * 64);
        std::mt19937 generator(6);
        for (std::size_t row = 0; row < rows * copies; ++row) {
          const std::size_t code_row = bits == 1 ? row % rows : row / copies;
          for (std::size_t byte = 0; byte < 64 && code_row * 64 + byte < code_bytes; ++byte) {
            const auto value = static_cast<unsigned char>(generator());
            // -128 never occurs: digits are symmetric.
            digits[row * 64 + byte] = bits != 1 && value == 128 ? 129 : value;
          }
        }
        const CodeQuery query{digits, rows, 1, 0, 0, 0};
        const auto of = [&](const Kernels& kernels) {
          std::vector<float> out(id_count);
          const auto estimate = bits == 1   ? kernels.estimate_1bit
                                : bits == 2 ? kernels.estimate_2bit
                                : bits == 4 ? kernels.estimate_4bit
                                            : kernels.estimate_8bit;
          estimate(query, codes, ids, id_count, out.data());
          return out;
        };
        CHECK(of(*table) == of(scalar()));
      }
    }
  }
}

TEST_CASE("crc32c gives the published check value in every table") {
  const char* text = "123456789";
  CHECK(scalar().crc32c(0, text, 9) == 0xE3069283U);
  const std::vector<float> data = random_values(1000, 7);
  for (const Kernels* table : other_tables()) {
    CHECK(table->crc32c(0, text, 9) == 0xE3069283U);
    CHECK(table->crc32c(1, data.data(), 3999) == scalar().crc32c(1, data.data(), 3999));
  }
}

TEST_CASE("codes are expanded to equal digits in every table") {
  for (const Kernels* table : other_tables()) {
    for (const unsigned bits : {2U, 4U, 8U}) {
      for (std::size_t code_bytes = 8; code_bytes <= 400; code_bytes += 8) {
        INFO(table->name << " bits " << bits << " bytes " << code_bytes);
        const Nodes nodes = random_nodes(code_bytes, 1, 9);
        const std::size_t size_bytes = (code_bytes + 63) / 64 * 64 * (8 / bits);
        std::vector<unsigned char> digits(size_bytes, 0xAA);
        std::vector<unsigned char> expected(size_bytes, 0x55);
        const unsigned char* code = nodes.bytes.data() + 1;
        CHECK(table->expand_code(code, code_bytes, bits, digits.data()) ==
              scalar().expand_code(code, code_bytes, bits, expected.data()));
        CHECK(digits == expected);
      }
    }
  }
}

TEST_CASE("estimates of bytes, bits and floats agree in every table") {
  constexpr std::size_t kNodeCount = 11;
  const std::uint32_t ids[] = {0, 10, 3, 3, 7, 1, 9, 2, 4, 5, 6, 8};
  for (const Kernels* table : other_tables()) {
    for (std::size_t words = 1; words <= 45; ++words) {
      const std::size_t code_bytes = words * 8;
      INFO(table->name << " code bytes " << code_bytes);
      Nodes nodes = random_nodes(code_bytes, kNodeCount, 5);
      const CodeArray codes{nodes.bytes.data() + 1, nodes.stride_bytes, code_bytes};
      const std::size_t rows = (code_bytes + 63) / 64;
      std::vector<unsigned char> storage(rows * 64 + 64);
      auto* digits = reinterpret_cast<unsigned char*>(
          (reinterpret_cast<std::uintptr_t>(storage.data()) + 63) / 64 * 64);
      std::memcpy(digits, nodes.bytes.data() + 2, code_bytes);
      const CodeQuery query{digits, rows, 1, 0, 100, 0};
      const auto of = [&](const omen::engine::EstimateFunction estimate,
                          const CodeArray& of_codes) {
        std::vector<float> out(std::size(ids));
        estimate(query, of_codes, ids, std::size(ids), out.data());
        return out;
      };
      CHECK(of(table->estimate_l1, codes) == of(scalar().estimate_l1, codes));
      CHECK(of(table->estimate_hamming, codes) == of(scalar().estimate_hamming, codes));
      CHECK(of(table->estimate_jaccard, codes) == of(scalar().estimate_jaccard, codes));
      // Floats are aligned, as the blocks of an index are.
      const std::vector<float> values = random_values(code_bytes / 4, 7);
      std::memcpy(digits, values.data(), code_bytes);
      std::vector<float> rows_of_floats;
      for (unsigned n = 0; n < kNodeCount; ++n) {
        const std::vector<float> row = random_values(code_bytes / 4, 20 + n);
        rows_of_floats.insert(rows_of_floats.end(), row.begin(), row.end());
      }
      const CodeArray floats{reinterpret_cast<unsigned char*>(rows_of_floats.data()), code_bytes,
                             code_bytes};
      const std::vector<float> distances = of(table->estimate_float, floats);
      const std::vector<float> expected = of(scalar().estimate_float, floats);
      for (std::size_t i = 0; i < distances.size(); ++i) {
        check_close(distances[i], expected[i], expected[i]);
      }
    }
  }
}

TEST_CASE("merge orders are those of a stable sort, in every table") {
  using omen::engine::kMergeUnit;
  std::mt19937 generator(7);
  std::vector<const Kernels*> tables = other_tables();
  tables.push_back(&scalar());
  for (const std::size_t sorted_count : {0U, 1U, 15U, 16U, 17U, 127U, 128U, 129U, 500U, 3000U}) {
    for (const std::size_t count : {1U, 3U, 16U, 17U, 100U}) {
      // Few different values: ties among and between the two.
      std::vector<float> sorted(sorted_count);
      std::vector<float> fresh(count);
      for (float& value : sorted) {
        value = static_cast<float>(generator() % (sorted_count * 2)) - 5;
      }
      for (float& value : fresh) {
        value = static_cast<float>(generator() % (sorted_count * 2 + 1)) - 5;
      }
      std::sort(sorted.begin(), sorted.end());
      std::vector<float> by_rank = fresh;
      std::sort(by_rank.begin(), by_rank.end());
      std::vector<float> padded_sorted = sorted;
      std::vector<float> padded_fresh = fresh;
      padded_sorted.resize(sorted_count + kMergeUnit, HUGE_VALF);
      padded_fresh.resize(count + kMergeUnit, HUGE_VALF);
      for (const Kernels* table : tables) {
        std::vector<std::uint32_t> places(count);
        std::vector<std::uint32_t> order(count);
        table->merge_order(padded_sorted.data(), sorted_count, padded_fresh.data(), count,
                           places.data(), order.data());
        std::vector<std::uint8_t> seen(count);
        for (std::size_t rank = 0; rank < count; ++rank) {
          REQUIRE(order[rank] < count);
          seen[order[rank]] = 1;
          REQUIRE(fresh[order[rank]] == by_rank[rank]);
          REQUIRE(places[rank] ==
                  std::upper_bound(sorted.begin(), sorted.end(), by_rank[rank]) - sorted.begin());
        }
        REQUIRE(std::count(seen.begin(), seen.end(), 1) == static_cast<std::ptrdiff_t>(count));
      }
    }
  }
}
