#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <fstream>
#include <stdexcept>

#include "bench/common/machine.h"
#include "bench/vector_index/compare.h"
#include "bench/vector_index/modes.h"
#include "bench/vector_index/options.h"

namespace omen::bench {
namespace {

Report measure(const Options& options, const Dataset& set) {
  if (options.mode == "churn") {
    return churn(options, set);
  }
  if (options.mode == "filter") {
    return filter(options, set);
  }
  if (options.mode == "ingest") {
    return ingest(options, set);
  }
  if (options.mode == "restart") {
    return restart(options, set);
  }
  return compare(options, set);
}

int run(const std::vector<std::string>& arguments) {
  Options options = parse_options(arguments);
  const Dataset set = dataset_of(options);
  options.work /= fmt::format("omendb_bench_{}", ::getpid());
  std::filesystem::create_directories(options.work);
  const double load_before = load_average();
  const double dimension = local_dimension(set);
  fmt::print("{}: {} rows x {} dimensions, {}, {} queries, local dimension {:.1f}\n", set.name,
             set.base.row_count(), set.base.dim(), name_of(set.metric), set.query.row_count(),
             dimension);
  const Report report = measure(options, set);
  std::filesystem::remove_all(options.work);
  const double load_after = load_average();
  fmt::print("{}\nload average {:.1f} before, {:.1f} after\n", report.table, load_before,
             load_after);
  if (!options.json.empty()) {
    Json json;
    json.add("set", set.name)
        .add("rows", set.base.row_count())
        .add("dimensions", set.base.dim())
        .add("metric", name_of(set.metric))
        .add("queries", set.query.row_count())
        .add("local_dimension", dimension)
        .add("commit", options.commit)
        .add("machine", machine_name())
        .add("load_before", load_before)
        .add("load_after", load_after)
        .add("mode", options.mode)
        .add("result", report.json);
    std::ofstream out(options.json);
    out << json.text() << "\n";
    out.close();
    if (!out) {
      throw std::runtime_error("cannot write " + options.json.string());
    }
  }
  return 0;
}

}  // namespace
}  // namespace omen::bench

int main(int argc, char** argv) {
  try {
    return omen::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_vector_index: {}\n{}", error.what(), omen::bench::kVectorIndexUsage);
    return 1;
  }
}
