#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace omen::bench {

/// Rows of floats, in memory or in a mapped file; copies share them.
class Vectors {
 public:
  Vectors() = default;
  /// `values`: row-major rows of `dim`.
  Vectors(std::vector<float> values, std::size_t dim);
  /// Maps an uncompressed .fvecs file. Throws std::runtime_error.
  static Vectors map(const std::filesystem::path& path);

  [[nodiscard]] std::size_t dim() const { return dim_; }
  [[nodiscard]] std::size_t row_count() const { return row_count_; }
  [[nodiscard]] std::span<const float> row(std::size_t index) const {
    return {first_ + index * stride_, dim_};
  }
  /// The first `row_count` rows (at most all).
  [[nodiscard]] Vectors first(std::size_t row_count) const;
  /// A copy with every row over its norm; zero rows stay.
  [[nodiscard]] Vectors normalized() const;

 private:
  std::shared_ptr<const void> owner_;
  const float* first_ = nullptr;
  std::size_t stride_ = 0;  ///< floats from row to row: an .fvecs row is led by its count
  std::size_t row_count_ = 0;
  std::size_t dim_ = 0;
};

/// Of every query: ids of its nearest rows, nearest first.
using Nearest = std::vector<std::vector<std::int32_t>>;

/// Reads `folder`/`stem`.{fvecs,bvecs,hvecs}[.gz], little-endian, each row led by an int32 count;
/// the first `rows_max` rows (0: all). Throws std::runtime_error.
Vectors read_vectors(const std::filesystem::path& folder, const std::string& stem,
                     std::size_t rows_max);
Nearest read_nearest(const std::filesystem::path& path);
/// The whole file or none of it. Throws std::runtime_error.
void write_nearest(const std::filesystem::path& path, const Nearest& nearest);

}  // namespace omen::bench
