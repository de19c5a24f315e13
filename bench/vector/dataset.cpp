#include "bench/vector/dataset.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <stdexcept>

namespace omen::bench {
namespace {

constexpr std::int32_t kDimMax = 16000;
constexpr std::size_t kNearestCount = 100;

/// A file that may be compressed: zlib reads both kinds.
class Input {
 public:
  explicit Input(const std::filesystem::path& path)
      : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (file_ == nullptr) {
      throw std::runtime_error("cannot read " + path.string());
    }
    gzbuffer(file_, 1U << 20U);
  }
  ~Input() { gzclose(file_); }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  /// False at the end of the file; throws if it ends inside the item.
  bool read(void* target, std::size_t size_bytes) {
    const int got = gzread(file_, target, static_cast<unsigned>(size_bytes));
    if (got == 0) {
      return false;
    }
    if (got < 0 || static_cast<std::size_t>(got) != size_bytes) {
      throw std::runtime_error(path_.string() + " ends in the middle of a row");
    }
    return true;
  }

 private:
  std::filesystem::path path_;
  gzFile file_;
};

float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 0) {
    const float value = std::ldexp(static_cast<float>(mantissa), -24);
    return sign == 0 ? value : -value;
  }
  const std::uint32_t bits = exponent == 31 ? sign | 0x7F800000U | (mantissa << 13U)
                                            : sign | ((exponent + 112) << 23U) | (mantissa << 13U);
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void append_row(const std::vector<unsigned char>& bytes, std::string_view kind, std::size_t dim,
                std::vector<float>& out) {
  for (std::size_t i = 0; i < dim; ++i) {
    if (kind == ".bvecs") {
      out.push_back(static_cast<float>(bytes[i]));
    } else if (kind == ".hvecs") {
      std::uint16_t half = 0;
      std::memcpy(&half, &bytes[i * 2], sizeof half);
      out.push_back(from_half(half));
    } else {
      float value = 0;
      std::memcpy(&value, &bytes[i * 4], sizeof value);
      out.push_back(value);
    }
  }
}

Vectors read_vectors(const std::filesystem::path& folder, const std::string& stem,
                     std::size_t rows_max) {
  for (const char* kind : {".fvecs", ".bvecs", ".hvecs"}) {
    for (const char* suffix : {"", ".gz"}) {
      const std::filesystem::path path = folder / (stem + kind + suffix);
      if (!std::filesystem::exists(path)) {
        continue;
      }
      const std::size_t width = kind == std::string_view{".bvecs"}   ? 1
                                : kind == std::string_view{".hvecs"} ? 2
                                                                     : 4;
      Vectors out;
      Input input(path);
      std::int32_t dim = 0;
      std::vector<unsigned char> bytes;
      while ((rows_max == 0 || out.row_count() < rows_max) && input.read(&dim, sizeof dim)) {
        if (dim < 1 || dim > kDimMax ||
            (out.dim != 0 && out.dim != static_cast<std::size_t>(dim))) {
          throw std::runtime_error(fmt::format("{}: a row of {} dimensions", path.string(), dim));
        }
        out.dim = static_cast<std::size_t>(dim);
        bytes.resize(out.dim * width);
        if (!input.read(bytes.data(), bytes.size())) {
          throw std::runtime_error(path.string() + " ends in the middle of a row");
        }
        append_row(bytes, kind, out.dim, out.values);
      }
      return out;
    }
  }
  throw std::runtime_error(
      fmt::format("no {}.fvecs, .bvecs or .hvecs in {}", stem, folder.string()));
}

std::vector<std::vector<std::int32_t>> read_nearest(const std::filesystem::path& path) {
  std::vector<std::vector<std::int32_t>> out;
  Input input(path);
  std::int32_t count = 0;
  while (input.read(&count, sizeof count)) {
    if (count < 1 || count > 1'000'000) {
      throw std::runtime_error(path.string() + ": bad row");
    }
    std::vector<std::int32_t> row(static_cast<std::size_t>(count));
    input.read(row.data(), row.size() * sizeof(std::int32_t));
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<std::vector<std::int32_t>> compute_nearest(const Dataset& set, Metric metric) {
  std::vector<std::vector<std::int32_t>> out;
  const std::size_t count = std::min(kNearestCount, set.base.row_count());
  std::vector<double> distances(set.base.row_count());
  for (std::size_t q = 0; q < set.query.row_count(); ++q) {
    for (std::size_t i = 0; i < distances.size(); ++i) {
      distances[i] = exact_distance(set.query.row(q), set.base.row(i), metric);
    }
    std::vector<std::int32_t> ids(distances.size());
    std::iota(ids.begin(), ids.end(), 0);
    const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(ids.begin(), middle, ids.end(), [&](std::int32_t a, std::int32_t b) {
      return distances[static_cast<std::size_t>(a)] < distances[static_cast<std::size_t>(b)];
    });
    ids.resize(count);
    out.push_back(std::move(ids));
  }
  return out;
}

}  // namespace

double exact_distance(std::span<const float> a, std::span<const float> b, Metric metric) {
  double squares = 0;
  double product = 0;
  double norm_a = 0;
  double norm_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b[i];
    squares += (x - y) * (x - y);
    product += x * y;
    norm_a += x * x;
    norm_b += y * y;
  }
  return metric == Metric::L2 ? std::sqrt(squares) : 1 - product / std::sqrt(norm_a * norm_b);
}

Dataset load_dataset(const std::filesystem::path& folder, Metric metric, std::size_t base_rows_max,
                     std::size_t query_rows_max) {
  Dataset set;
  set.name = folder.filename().string();
  set.base = read_vectors(folder, "base", base_rows_max);
  set.query = read_vectors(folder, "query", query_rows_max);
  if (set.base.row_count() == 0 || set.query.row_count() == 0 || set.base.dim != set.query.dim) {
    throw std::runtime_error(folder.string() + ": base and query do not fit together");
  }
  const std::filesystem::path truth = folder / "groundtruth.ivecs";
  const bool whole = base_rows_max == 0 || set.base.row_count() < base_rows_max;
  set.nearest =
      whole && std::filesystem::exists(truth) ? read_nearest(truth) : compute_nearest(set, metric);
  if (set.nearest.size() < set.query.row_count()) {
    throw std::runtime_error(truth.string() + " has fewer rows than there are queries");
  }
  return set;
}

}  // namespace omen::bench
