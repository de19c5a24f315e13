#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/common/dataset.h"

namespace omen::bench {

/// What an index holds on to.
struct EngineMemory {
  double required_bytes = 0;   ///< must be in memory while it is searched
  double vector_bytes = 0;     ///< of these: its own copy of the vectors
  double evictable_bytes = 0;  ///< beyond these: mapped from files, the page cache's to give up
};

/// An index in this process over the rows of one data set, which outlives it.
///
/// **Threads:** search() from any number at once; everything else from one, and not meanwhile.
class Engine {
 public:
  virtual ~Engine() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Release and parameters.
  [[nodiscard]] virtual std::string version() const = 0;
  /// Indexes all rows anew. Throws std::runtime_error.
  virtual void build(unsigned threads) = 0;
  /// Keeps the index in a file; false if the engine is never kept, because it is what is developed.
  virtual bool save(const std::filesystem::path& path) const = 0;
  /// Takes a kept index over instead of building it.
  virtual void load(const std::filesystem::path& path) = 0;
  /// How wide to search from now on; 0: as the engine does untouched, if has_default().
  virtual void set_ef(std::size_t ef) = 0;
  [[nodiscard]] virtual bool has_default() const = 0;
  /// Answers queries `first` to `first + count`: `k` row ids each into `ids`, nearest first, -1 for
  /// want of more.
  virtual void search(std::size_t first, std::size_t count, std::size_t k,
                      std::int32_t* ids) const = 0;
  [[nodiscard]] virtual EngineMemory memory() const = 0;
};

/// Both peers with 16 links and a beam of 200 while building.
constexpr std::size_t kPeerLinks = 16;
constexpr std::size_t kPeerEfConstruction = 200;

/// Engines by name: "omen", or "omen-sq8", "omen-none", "omen-pq32" by the codes it holds;
/// "hnswlib", "faiss". Null, with the reason in `why`, if this program was built without the
/// engine's library or the engine has no such metric; throws std::runtime_error for an unknown
/// name. `directory` is where files may go while the engine lives.
std::unique_ptr<Engine> make_engine(const std::string& name, const Dataset& set,
                                    const std::filesystem::path& directory, std::string& why);

std::unique_ptr<Engine> make_omen_engine(const std::string& name, const Dataset& set,
                                         std::filesystem::path directory);
/// For L2, cosine (normalised rows, by inner product) and inner product.
std::unique_ptr<Engine> make_hnswlib_engine(const Dataset& set);
std::unique_ptr<Engine> make_faiss_engine(const Dataset& set);

/// Bytes this process has allocated and not freed.
double allocated_bytes();

}  // namespace omen::bench
