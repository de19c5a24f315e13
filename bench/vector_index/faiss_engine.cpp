// The one unit that sees faiss.
#include <faiss/AutoTune.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <fmt/format.h>

#include "bench/vector_index/engine.h"

/// Of the OpenMP runtime that faiss is built with; for the calling thread. (Its header, which
/// faiss/IndexHNSW.h wants, is GCC's own and not for Clang.)
extern "C" void omp_set_num_threads(int count);

namespace omen::bench {
namespace {

constexpr std::size_t kRowsAtOnce = 50'000;

class FaissEngine final : public Engine {
 public:
  explicit FaissEngine(const Dataset& set) : set_(set), normalizes_(set.metric == Metric::Cosine) {
    const Vectors queries = normalizes_ ? set.query.normalized() : set.query;
    for (std::size_t i = 0; i < queries.row_count(); ++i) {
      queries_.insert(queries_.end(), queries.row(i).begin(), queries.row(i).end());
    }
  }

  [[nodiscard]] std::string name() const override { return "faiss"; }
  [[nodiscard]] std::string version() const override {
    return fmt::format("{}.{}.{} HNSWFlat M {} efConstruction {}", FAISS_VERSION_MAJOR,
                       FAISS_VERSION_MINOR, FAISS_VERSION_PATCH, kPeerLinks, kPeerEfConstruction);
  }

  void build(unsigned threads) override {
    index_.reset();
    const double before = allocated_bytes();
    std::unique_ptr<faiss::Index> index(faiss::index_factory(
        static_cast<int>(set_.base.dim()), fmt::format("HNSW{},Flat", kPeerLinks).c_str(),
        set_.metric == Metric::L2 ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT));
    faiss::ParameterSpace().set_index_parameter(index.get(), "efConstruction", kPeerEfConstruction);
    ::omp_set_num_threads(static_cast<int>(threads));
    add_all(*index);
    index_ = std::move(index);
    allocated_ = allocated_bytes() - before;
  }

  bool save(const std::filesystem::path& path) const override {
    faiss::write_index(index_.get(), path.c_str());
    return true;
  }
  void load(const std::filesystem::path& path) override {
    index_.reset();
    const double before = allocated_bytes();
    index_.reset(faiss::read_index(path.c_str()));
    allocated_ = allocated_bytes() - before;
  }

  void set_ef(std::size_t ef) override {
    faiss::ParameterSpace().set_index_parameter(index_.get(), "efSearch", static_cast<double>(ef));
  }
  [[nodiscard]] bool has_default() const override { return false; }

  /// All at once: faiss clears a mark for every row once a call, not once a query.
  void search(std::size_t first, std::size_t count, std::size_t k,
              std::int32_t* ids) const override {
    thread_local std::vector<float> distances;
    thread_local std::vector<faiss::Index::idx_t> labels;
    ::omp_set_num_threads(1);
    distances.resize(count * k);
    labels.resize(count * k);
    index_->search(static_cast<faiss::Index::idx_t>(count),
                   queries_.data() + first * set_.query.dim(), static_cast<faiss::Index::idx_t>(k),
                   distances.data(), labels.data());
    for (std::size_t i = 0; i < count * k; ++i) {
      ids[i] = static_cast<std::int32_t>(labels[i]);
    }
  }

  [[nodiscard]] EngineMemory memory() const override {
    return {.required_bytes = allocated_,
            .vector_bytes = static_cast<double>(set_.base.row_count() * set_.base.dim() * 4),
            .evictable_bytes = 0};
  }

 private:
  void add_all(faiss::Index& index) const {
    std::vector<float> rows;
    for (std::size_t begin = 0; begin < set_.base.row_count(); begin += kRowsAtOnce) {
      const std::size_t end = std::min(begin + kRowsAtOnce, set_.base.row_count());
      rows.clear();
      for (std::size_t row = begin; row < end; ++row) {
        const Vectors one({set_.base.row(row).begin(), set_.base.row(row).end()}, set_.base.dim());
        const Vectors added = normalizes_ ? one.normalized() : one;
        rows.insert(rows.end(), added.row(0).begin(), added.row(0).end());
      }
      index.add(static_cast<faiss::Index::idx_t>(end - begin), rows.data());
    }
  }

  const Dataset& set_;
  bool normalizes_;
  std::vector<float> queries_;
  std::unique_ptr<faiss::Index> index_;
  double allocated_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_faiss_engine(const Dataset& set) {
  return std::make_unique<FaissEngine>(set);
}

}  // namespace omen::bench
