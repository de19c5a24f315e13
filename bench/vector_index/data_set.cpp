#include "bench/vector_index/data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/vector/exact_distance.h"

namespace omen::bench {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fail(fmt::format("could not read {}", path.string()));
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

float from_half(std::uint16_t half) {
  const auto sign = static_cast<std::uint32_t>(half >> 15) << 31;
  const std::uint32_t exponent = (half >> 10) & 31;
  const std::uint32_t fraction = half & 1023;
  if (exponent == 0) {
    const float value = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

Matrix read_matrix(const std::string& directory, const std::string& name, std::size_t limit) {
  for (const char kind : {'f', 'b', 'h'}) {
    const std::filesystem::path path = fmt::format("{}/{}.{}vecs", directory, name, kind);
    if (!std::filesystem::exists(path)) {
      continue;
    }
    const std::string bytes = read_file(path);
    std::int32_t dimensions = 0;
    std::memcpy(&dimensions, bytes.data(), 4);
    const std::size_t width = kind == 'f' ? 4 : kind == 'h' ? 2 : 1;
    Matrix matrix;
    matrix.dimensions = static_cast<std::size_t>(dimensions);
    const std::size_t row_bytes = 4 + matrix.dimensions * width;
    matrix.count = bytes.size() / row_bytes;
    if (limit != 0) {
      matrix.count = std::min(matrix.count, limit);
    }
    matrix.values.resize(matrix.count * matrix.dimensions);
    for (std::size_t row = 0; row < matrix.count; ++row) {
      const char* source = bytes.data() + row * row_bytes + 4;
      float* target = matrix.values.data() + row * matrix.dimensions;
      for (std::size_t i = 0; i < matrix.dimensions; ++i) {
        if (kind == 'f') {
          std::memcpy(target + i, source + 4 * i, 4);
        } else if (kind == 'b') {
          target[i] = static_cast<unsigned char>(source[i]);
        } else {
          std::uint16_t half = 0;
          std::memcpy(&half, source + 2 * i, 2);
          target[i] = from_half(half);
        }
      }
    }
    return matrix;
  }
  fail(fmt::format("no {}.fvecs, .bvecs or .hvecs in {}", name, directory));
}

}  // namespace

void fail(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread
}

DataSet load(const std::string& directory, engine::Metric metric, std::size_t limit,
             std::size_t k) {
  DataSet data;
  data.base = read_matrix(directory, "base", limit);
  data.queries = read_matrix(directory, "query", 0);
  const bool known =
      limit == 0 && (metric == engine::Metric::L2 || metric == engine::Metric::Cosine);
  const std::string truth = known ? read_file(directory + "/groundtruth.ivecs") : "";
  data.radius.resize(data.queries.count);
  std::vector<double> distances(data.base.count);
  for (std::size_t i = 0; i < data.queries.count; ++i) {
    const auto query = data.queries.row(i);
    if (known) {
      std::int32_t width = 0;
      std::memcpy(&width, truth.data(), 4);
      const std::size_t offset = i * 4 * (static_cast<std::size_t>(width) + 1) + 4 * k;
      std::int32_t row = 0;
      std::memcpy(&row, truth.data() + offset, 4);
      data.radius[i] =
          engine::exact_distance(metric, query, data.base.row(static_cast<std::size_t>(row)));
      continue;
    }
    for (std::size_t row = 0; row < data.base.count; ++row) {
      distances[row] = engine::exact_distance(metric, query, data.base.row(row));
    }
    const auto kth = distances.begin() + static_cast<std::ptrdiff_t>(k - 1);
    std::nth_element(distances.begin(), kth, distances.end());
    data.radius[i] = *kth;
  }
  return data;
}

}  // namespace omen::bench
