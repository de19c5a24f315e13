#include "bench/common/vectors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace omen::bench {
namespace {

constexpr std::int32_t kDimMax = 16000;

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

/// A file mapped for reading.
class Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (file < 0 || ::fstat(file, &status) != 0) {
      throw std::runtime_error("cannot read " + path.string());
    }
    size_bytes_ = static_cast<std::size_t>(status.st_size);
    address_ = ::mmap(nullptr, size_bytes_, PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    if (address_ == MAP_FAILED) {
      throw std::runtime_error("cannot map " + path.string());
    }
  }
  ~Mapping() { ::munmap(address_, size_bytes_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  [[nodiscard]] const char* data() const { return static_cast<const char*>(address_); }
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }

 private:
  void* address_ = nullptr;
  std::size_t size_bytes_ = 0;
};

Vectors read_file(const std::filesystem::path& path, std::string_view kind, std::size_t rows_max) {
  const std::size_t width = kind == ".bvecs" ? 1 : kind == ".hvecs" ? 2 : 4;
  std::vector<float> values;
  Input input(path);
  std::size_t row_count = 0;
  std::size_t dim = 0;
  std::int32_t count = 0;
  std::vector<unsigned char> bytes;
  while ((rows_max == 0 || row_count < rows_max) && input.read(&count, sizeof count)) {
    if (count < 1 || count > kDimMax || (dim != 0 && dim != static_cast<std::size_t>(count))) {
      throw std::runtime_error(fmt::format("{}: a row of {} dimensions", path.string(), count));
    }
    dim = static_cast<std::size_t>(count);
    bytes.resize(dim * width);
    if (!input.read(bytes.data(), bytes.size())) {
      throw std::runtime_error(path.string() + " ends in the middle of a row");
    }
    append_row(bytes, kind, dim, values);
    ++row_count;
  }
  return {std::move(values), dim};
}

}  // namespace

Vectors::Vectors(std::vector<float> values, std::size_t dim)
    : stride_(dim), row_count_(dim == 0 ? 0 : values.size() / dim), dim_(dim) {
  const auto owner = std::make_shared<const std::vector<float>>(std::move(values));
  first_ = owner->data();
  owner_ = owner;
}

Vectors Vectors::map(const std::filesystem::path& path) {
  const auto mapping = std::make_shared<const Mapping>(path);
  std::int32_t count = 0;
  if (mapping->size_bytes() >= sizeof count) {
    std::memcpy(&count, mapping->data(), sizeof count);
  }
  const std::size_t row_bytes = sizeof count + static_cast<std::size_t>(count) * sizeof(float);
  if (count < 1 || count > kDimMax || mapping->size_bytes() % row_bytes != 0) {
    throw std::runtime_error(path.string() + " has not rows of one length");
  }
  Vectors out;
  out.dim_ = static_cast<std::size_t>(count);
  out.stride_ = out.dim_ + 1;
  out.row_count_ = mapping->size_bytes() / row_bytes;
  out.first_ = reinterpret_cast<const float*>(mapping->data()) + 1;
  out.owner_ = mapping;
  return out;
}

Vectors Vectors::first(std::size_t row_count) const {
  Vectors out = *this;
  out.row_count_ = std::min(row_count, row_count_);
  return out;
}

Vectors Vectors::normalized() const {
  std::vector<float> values;
  values.reserve(row_count_ * dim_);
  for (std::size_t i = 0; i < row_count_; ++i) {
    double squares = 0;
    for (const float value : row(i)) {
      squares += static_cast<double>(value) * value;
    }
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 1;
    for (const float value : row(i)) {
      values.push_back(static_cast<float>(value * scale));
    }
  }
  return {std::move(values), dim_};
}

Vectors read_vectors(const std::filesystem::path& folder, const std::string& stem,
                     std::size_t rows_max) {
  for (const char* kind : {".fvecs", ".bvecs", ".hvecs"}) {
    for (const char* suffix : {"", ".gz"}) {
      const std::filesystem::path path = folder / (stem + kind + suffix);
      if (!std::filesystem::exists(path)) {
        continue;
      }
      if (path.extension() != ".fvecs") {
        return read_file(path, kind, rows_max);
      }
      const Vectors all = Vectors::map(path);
      return rows_max == 0 ? all : all.first(rows_max);
    }
  }
  throw std::runtime_error(
      fmt::format("no {}.fvecs, .bvecs or .hvecs in {}", stem, folder.string()));
}

Nearest read_nearest(const std::filesystem::path& path) {
  Nearest out;
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

void write_nearest(const std::filesystem::path& path, const Nearest& nearest) {
  const std::filesystem::path whole = path.string() + ".new";
  std::ofstream out(whole, std::ios::binary);
  for (const std::vector<std::int32_t>& ids : nearest) {
    const auto count = static_cast<std::int32_t>(ids.size());
    out.write(reinterpret_cast<const char*>(&count), sizeof count);
    out.write(reinterpret_cast<const char*>(ids.data()),
              static_cast<std::streamsize>(ids.size() * sizeof(std::int32_t)));
  }
  out.close();
  if (!out) {
    throw std::runtime_error("cannot write " + path.string());
  }
  std::filesystem::rename(whole, path);
}

}  // namespace omen::bench
