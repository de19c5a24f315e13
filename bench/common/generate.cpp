#include "bench/common/generate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "engine/vector/parallel.h"

namespace omen::bench {
namespace {

constexpr std::size_t kNearestCount = 100;
constexpr std::uint32_t kRowsAtOnce = 256;

/// Variances fall as (1 + i) to the minus this, of the centres and of what is around them.
constexpr double kCentreDecay = 0.8;
constexpr double kNoiseDecay = 1.0;
/// Clusters for each root of the rows, and how fast their sizes fall with their rank.
constexpr double kClustersPerRoot = 2;
constexpr double kSizeDecay = 0.7;
/// Length of what is around a centre against the centre's, from the narrowest to the widest.
constexpr double kWidthMin = 0.5;
constexpr double kWidthMax = 1.0;
/// Length of the mean common to all against a centre's.
constexpr double kMeanLength = 0.5;

/// SplitMix64 (Steele, Lea, Flood 2014), one stream for each row.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream) : state_(seed * 0xD1342543DE82EF95U + stream) {
    state_ = bits() ^ stream << 32U;
  }
  std::uint64_t bits() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }
  /// In [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11U) * 0x1p-53; }
  /// Nearly normal, variance 1: the sum of four uniform numbers.
  float normal() {
    const std::uint64_t four = bits();
    const std::uint64_t sum =
        (four & 0xFFFFU) + (four >> 16U & 0xFFFFU) + (four >> 32U & 0xFFFFU) + (four >> 48U);
    return (static_cast<float>(sum) - 2 * 65535.0F) * (1 / 37837.2F);
  }

 private:
  std::uint64_t state_;
};

/// A random orthogonal map of its own, so that sets do not change with the engine: twice signs,
/// then Hadamard transforms of the first and of the last 2^k elements.
class Turn {
 public:
  Turn(std::size_t dim, std::uint64_t seed) : signs_(2 * dim) {
    while (length_ * 2 <= dim) {
      length_ *= 2;
    }
    Random random(seed, 0);
    for (float& sign : signs_) {
      sign = random.uniform() < 0.5 ? -1.0F : 1.0F;
    }
  }
  void apply(float* values) const {
    const std::size_t dim = signs_.size() / 2;
    const float scale = 1 / std::sqrt(static_cast<float>(length_));
    for (std::size_t round = 0; round < 2; ++round) {
      for (std::size_t i = 0; i < dim; ++i) {
        values[i] *= signs_[round * dim + i];
      }
      transform(values, scale);
      if (length_ != dim) {
        transform(values + dim - length_, scale);
      }
    }
  }

 private:
  /// The fast Walsh-Hadamard transform.
  void transform(float* values, float scale) const {
    for (std::size_t half = 1; half < length_; half *= 2) {
      for (std::size_t begin = 0; begin < length_; begin += 2 * half) {
        for (std::size_t i = begin; i < begin + half; ++i) {
          const float sum = values[i] + values[i + half];
          values[i + half] = values[i] - values[i + half];
          values[i] = sum;
        }
      }
    }
    for (std::size_t i = 0; i < length_; ++i) {
      values[i] *= scale;
    }
  }

  std::vector<float> signs_;
  std::size_t length_ = 1;
};

/// Standard deviations of the elements, lengths of the whole one in the mean.
std::vector<float> spectrum(std::size_t dim, double decay) {
  std::vector<float> out(dim);
  double sum = 0;
  for (std::size_t i = 0; i < dim; ++i) {
    sum += std::pow(1.0 + static_cast<double>(i), -decay);
  }
  for (std::size_t i = 0; i < dim; ++i) {
    out[i] = static_cast<float>(std::sqrt(std::pow(1.0 + static_cast<double>(i), -decay) / sum));
  }
  return out;
}

/// The distribution that rows and queries are drawn from.
class Mixture {
 public:
  explicit Mixture(const GeneratedShape& shape)
      : shape_(shape),
        noise_(spectrum(shape.dim, kNoiseDecay)),
        centre_turn_(shape.dim, shape.seed),
        noise_turn_(shape.dim, shape.seed + 1) {
    const auto cluster_count = static_cast<std::size_t>(
        std::max(8.0, kClustersPerRoot * std::sqrt(static_cast<double>(shape.row_count))));
    const std::vector<float> deviations = spectrum(shape.dim, kCentreDecay);
    Random common(shape.seed, 1);
    std::vector<float> mean(shape.dim);
    for (float& value : mean) {
      value = common.normal() *
              static_cast<float>(kMeanLength / std::sqrt(static_cast<double>(shape.dim)));
    }
    centres_.resize(cluster_count * shape.dim);
    double total = 0;
    for (std::size_t cluster = 0; cluster < cluster_count; ++cluster) {
      Random random(shape.seed, 2 + cluster);
      widths_.push_back(static_cast<float>(kWidthMin + (kWidthMax - kWidthMin) * random.uniform()));
      float* centre = centres_.data() + cluster * shape.dim;
      for (std::size_t i = 0; i < shape.dim; ++i) {
        centre[i] = random.normal() * deviations[i] + mean[i];
      }
      centre_turn_.apply(centre);
      total += std::pow(1.0 + static_cast<double>(cluster), -kSizeDecay);
      shares_.push_back(total);
    }
  }

  /// Row number `stream` of all that can be drawn, `dim` floats.
  void draw(std::uint64_t stream, float* out) const {
    Random random(shape_.seed, 1'000'000'000 + stream);
    const auto share =
        std::lower_bound(shares_.begin(), shares_.end(), random.uniform() * shares_.back());
    const auto cluster = static_cast<std::size_t>(share - shares_.begin());
    for (std::size_t i = 0; i < shape_.dim; ++i) {
      out[i] = random.normal() * noise_[i] * widths_[cluster];
    }
    noise_turn_.apply(out);
    const float* centre = centres_.data() + cluster * shape_.dim;
    double squares = 0;
    for (std::size_t i = 0; i < shape_.dim; ++i) {
      out[i] += centre[i];
      squares += static_cast<double>(out[i]) * out[i];
    }
    if (shape_.normalize) {
      const auto scale = static_cast<float>(1 / std::sqrt(squares));
      for (std::size_t i = 0; i < shape_.dim; ++i) {
        out[i] *= scale;
      }
    }
  }

 private:
  GeneratedShape shape_;
  std::vector<float> noise_;
  Turn centre_turn_;
  Turn noise_turn_;
  std::vector<float> centres_;  ///< turned, dim floats each
  std::vector<float> widths_;
  std::vector<double> shares_;  ///< sums of the clusters' sizes so far
};

/// Writes rows of the mixture from `first` on as an .fvecs file, whole or not at all.
void write_rows(const std::filesystem::path& path, const Mixture& mixture, std::size_t dim,
                std::uint64_t first, std::size_t row_count) {
  const std::filesystem::path whole = path.string() + ".new";
  const std::size_t row_bytes = sizeof(std::int32_t) + dim * sizeof(float);
  const std::size_t size_bytes = row_count * row_bytes;
  const int file = ::open(whole.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0 || ::posix_fallocate(file, 0, static_cast<off_t>(size_bytes)) != 0) {
    throw std::runtime_error("cannot write " + whole.string());
  }
  void* address = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (address == MAP_FAILED) {
    throw std::runtime_error("cannot map " + whole.string());
  }
  auto* bytes = static_cast<char*>(address);
  engine::for_ranges(0, static_cast<std::uint32_t>(row_count), kRowsAtOnce,
                     std::max(1U, std::thread::hardware_concurrency()),
                     [&](std::uint32_t begin, std::uint32_t end, unsigned) {
                       const auto count = static_cast<std::int32_t>(dim);
                       for (std::uint32_t row = begin; row < end; ++row) {
                         char* target = bytes + row * row_bytes;
                         std::memcpy(target, &count, sizeof count);
                         mixture.draw(first + row, reinterpret_cast<float*>(target + sizeof count));
                       }
                       return true;
                     });
  ::munmap(address, size_bytes);
  std::filesystem::rename(whole, path);
}

std::size_t number_of(const std::string& text, std::size_t& at) {
  std::size_t value = 0;
  const std::size_t start = at;
  for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at) {
    value = value * 10 + static_cast<std::size_t>(text[at] - '0');
  }
  if (start == at || value > 1'000'000'000) {
    throw std::runtime_error("not a size like 200000x1536: " + text);
  }
  if (at < text.size() && (text[at] == 'k' || text[at] == 'm')) {
    value *= text[at++] == 'k' ? 1000 : 1'000'000;
  }
  return value;
}

}  // namespace

GeneratedShape shape_of(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c != ' ') {
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  GeneratedShape shape;
  std::size_t at = 0;
  shape.row_count = number_of(plain, at);
  if (at >= plain.size() || plain[at] != 'x') {
    throw std::runtime_error("not a size like 200000x1536: " + text);
  }
  ++at;
  shape.dim = number_of(plain, at);
  if (at != plain.size() || shape.row_count == 0 || shape.dim == 0 || shape.dim > 16000) {
    throw std::runtime_error("not a size like 200000x1536: " + text);
  }
  return shape;
}

std::string name_of(const GeneratedShape& shape) {
  return fmt::format("generated-{}x{}{}{}", shape.row_count, shape.dim,
                     shape.normalize ? "" : "-raw",
                     shape.seed == 1 ? "" : fmt::format("-seed{}", shape.seed));
}

Dataset generated_dataset(const std::filesystem::path& cache, const GeneratedShape& shape,
                          Metric metric) {
  const std::filesystem::path folder = cache / name_of(shape);
  std::filesystem::create_directories(folder);
  const std::filesystem::path base = folder / "base.fvecs";
  const std::filesystem::path query = folder / fmt::format("query-{}.fvecs", shape.query_count);
  if (!std::filesystem::exists(base) || !std::filesystem::exists(query)) {
    const Mixture mixture(shape);
    write_rows(query, mixture, shape.dim, shape.row_count, shape.query_count);
    write_rows(base, mixture, shape.dim, 0, shape.row_count);
  }
  Dataset set{.name = name_of(shape),
              .metric = metric,
              .base = Vectors::map(base),
              .query = Vectors::map(query),
              .nearest = {}};
  const std::filesystem::path truth =
      folder / fmt::format("groundtruth-{}-{}.ivecs", name_of(metric), shape.query_count);
  if (!std::filesystem::exists(truth)) {
    write_nearest(truth, compute_nearest(metric, set.base, set.query, kNearestCount));
  }
  set.nearest = read_nearest(truth);
  return set;
}

}  // namespace omen::bench
