#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "bench/vector_index/engine.h"
#include "engine/vector/vector_index.h"

namespace omen::bench {
namespace {

using engine::VectorHit;
using engine::VectorIndex;

void check(const engine::Status& status) {
  if (!status.ok()) {
    throw std::runtime_error("omen: " + status.message());
  }
}

engine::Quantization quantization_of(const std::string& name) {
  constexpr std::pair<std::string_view, engine::Quantization> kNames[] = {
      {"omen", engine::Quantization::Binary},
      {"omen-sq8", engine::Quantization::Scalar8},
      {"omen-none", engine::Quantization::None},
      {"omen-pq32", engine::Quantization::Product}};
  for (const auto& [known, quantization] : kNames) {
    if (name == known) {
      return quantization;
    }
  }
  throw std::runtime_error("no such engine: " + name);
}

class OmenEngine final : public Engine {
 public:
  OmenEngine(std::string name, const Dataset& set, std::filesystem::path directory)
      : name_(std::move(name)), set_(set), directory_(std::move(directory)) {
    options_.quantization = quantization_of(name_);
    options_.dimensions = static_cast<std::uint32_t>(set.base.dim());
    options_.metric = set.metric;
  }
  ~OmenEngine() override { clear(); }
  OmenEngine(const OmenEngine&) = delete;
  OmenEngine& operator=(const OmenEngine&) = delete;

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::string version() const override {
    return fmt::format("m {} ef_construction {}", options_.m, options_.ef_construction);
  }

  void build(unsigned threads) override {
    clear();
    auto created = VectorIndex::create(directory_, options_);
    check(created.status());
    index_ = std::move(created.value());
    engine::CancelToken cancel;
    std::size_t row = 0;
    check(index_->build(
        [&](engine::VectorEntry& entry) -> engine::Result<bool> {
          if (row == set_.base.row_count()) {
            return false;
          }
          entry = {{row + 1, 1}, set_.base.row(row)};
          ++row;
          return true;
        },
        threads, cancel));
  }

  bool save(const std::filesystem::path& /*path*/) const override { return false; }
  void load(const std::filesystem::path& /*path*/) override {
    throw std::runtime_error("omen is always built");
  }

  void set_ef(std::size_t ef) override { ef_ = ef; }
  [[nodiscard]] bool has_default() const override { return true; }

  void search(std::size_t first, std::size_t count, std::size_t k,
              std::int32_t* ids) const override {
    const engine::VectorVisibility see_all = [](auto, std::span<std::uint8_t> visible) {
      std::fill(visible.begin(), visible.end(), std::uint8_t{1});
      return engine::Status();
    };
    thread_local std::vector<VectorHit> hits;
    for (std::size_t i = 0; i < count; ++i) {
      hits.clear();
      const auto search = index_->search(set_.query.row(first + i),
                                         {.ef_search = ef_, .row_count_hint = k}, see_all);
      check(search->next(k, hits).status());
      for (std::size_t j = 0; j < k; ++j) {
        ids[i * k + j] = j < hits.size() ? static_cast<std::int32_t>(hits[j].key.row_id) - 1 : -1;
      }
    }
  }

  [[nodiscard]] EngineMemory memory() const override {
    const engine::VectorIndexStatistics statistics = index_->statistics();
    return {.required_bytes = static_cast<double>(statistics.memory_bytes),
            .vector_bytes = 0,
            .evictable_bytes = static_cast<double>(statistics.file_bytes)};
  }

 private:
  void clear() {
    index_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string name_;
  const Dataset& set_;
  std::filesystem::path directory_;
  engine::VectorIndexOptions options_;
  std::unique_ptr<VectorIndex> index_;
  std::size_t ef_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_omen_engine(const std::string& name, const Dataset& set,
                                         std::filesystem::path directory) {
  return std::make_unique<OmenEngine>(name, set, std::move(directory));
}

}  // namespace omen::bench
