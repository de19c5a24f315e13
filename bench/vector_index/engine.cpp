#include "bench/vector_index/engine.h"

#include <malloc.h>

#include <stdexcept>

namespace omen::bench {

std::unique_ptr<Engine> make_engine(const std::string& name, const Dataset& set,
                                    const std::filesystem::path& directory, std::string& why) {
  if (name.starts_with("omen")) {
    return make_omen_engine(name, set, directory / name);
  }
  if (name != "hnswlib" && name != "faiss") {
    throw std::runtime_error("no such engine: " + name);
  }
  if (set.metric == Metric::L1) {
    why = name + " has no l1";
    return nullptr;
  }
#ifdef OMEN_BENCH_HNSWLIB
  if (name == "hnswlib") {
    return make_hnswlib_engine(set);
  }
#endif
#ifdef OMEN_BENCH_FAISS
  if (name == "faiss") {
    return make_faiss_engine(set);
  }
#endif
  why = name + ": built without the package lib" + name + "-dev";
  return nullptr;
}

double allocated_bytes() {
  const struct mallinfo2 information = ::mallinfo2();
  return static_cast<double>(information.uordblks + information.hblkhd);
}

}  // namespace omen::bench
