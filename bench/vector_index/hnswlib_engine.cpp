// The one unit that sees hnswlib, built with the flags its authors build it with.
#include <fmt/format.h>
#include <hnswlib/hnswlib.h>

#include <cmath>

#include "bench/vector_index/engine.h"
#include "engine/vector/parallel.h"

namespace omen::bench {
namespace {

constexpr std::uint32_t kRowsAtOnce = 64;

class HnswlibEngine final : public Engine {
 public:
  explicit HnswlibEngine(const Dataset& set)
      : set_(set), normalizes_(set.metric == Metric::Cosine) {
    queries_ = normalizes_ ? set.query.normalized() : set.query;
    if (set.metric == Metric::L2) {
      space_ = std::make_unique<hnswlib::L2Space>(set.base.dim());
    } else {
      space_ = std::make_unique<hnswlib::InnerProductSpace>(set.base.dim());
    }
  }

  [[nodiscard]] std::string name() const override { return "hnswlib"; }
  [[nodiscard]] std::string version() const override {
    return fmt::format("0.6.2 M {} efConstruction {}", kPeerLinks, kPeerEfConstruction);
  }

  void build(unsigned threads) override {
    index_.reset();
    const double before = allocated_bytes();
    const auto row_count = static_cast<std::uint32_t>(set_.base.row_count());
    index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), row_count, kPeerLinks,
                                                               kPeerEfConstruction);
    std::vector<float> scratch;
    add(0, scratch);
    engine::for_ranges(1, row_count, kRowsAtOnce, threads,
                       [&](std::uint32_t begin, std::uint32_t end, unsigned) {
                         std::vector<float> values;
                         for (std::uint32_t row = begin; row < end; ++row) {
                           add(row, values);
                         }
                         return true;
                       });
    allocated_ = allocated_bytes() - before;
  }

  bool save(const std::filesystem::path& path) const override {
    index_->saveIndex(path.string());
    return true;
  }
  void load(const std::filesystem::path& path) override {
    index_.reset();
    const double before = allocated_bytes();
    index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), path.string());
    allocated_ = allocated_bytes() - before;
  }

  void set_ef(std::size_t ef) override { index_->setEf(ef); }
  [[nodiscard]] bool has_default() const override { return false; }

  void search(std::size_t first, std::size_t count, std::size_t k,
              std::int32_t* ids) const override {
    for (std::size_t i = 0; i < count; ++i) {
      auto found = index_->searchKnn(queries_.row(first + i).data(), k);
      std::int32_t* out = ids + i * k;
      std::fill(out, out + k, -1);
      for (; !found.empty(); found.pop()) {
        out[found.size() - 1] = static_cast<std::int32_t>(found.top().second);
      }
    }
  }

  [[nodiscard]] EngineMemory memory() const override {
    return {.required_bytes = allocated_,
            .vector_bytes = static_cast<double>(set_.base.row_count() * set_.base.dim() * 4),
            .evictable_bytes = 0};
  }

 private:
  void add(std::uint32_t row, std::vector<float>& scratch) {
    const std::span<const float> values = set_.base.row(row);
    scratch.assign(values.begin(), values.end());
    if (normalizes_) {
      double squares = 0;
      for (const float value : scratch) {
        squares += static_cast<double>(value) * value;
      }
      const auto scale = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 1);
      for (float& value : scratch) {
        value *= scale;
      }
    }
    index_->addPoint(scratch.data(), row);
  }

  const Dataset& set_;
  bool normalizes_;
  Vectors queries_;
  std::unique_ptr<hnswlib::SpaceInterface<float>> space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index_;
  double allocated_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_hnswlib_engine(const Dataset& set) {
  return std::make_unique<HnswlibEngine>(set);
}

}  // namespace omen::bench
