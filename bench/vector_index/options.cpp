#include "bench/vector_index/options.h"

#include <charconv>
#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>

namespace omen::bench {

const char* const kVectorIndexUsage =
    "usage: bench_vector_index --data DIR --set NAME --metric cosine|l2|ip|l1 [--rows N] "
    "[--queries N]\n"
    "       bench_vector_index --generate NxD [--raw] [--seed N] [--metric ...] [--queries N]\n"
    "  --engines omen,hnswlib,faiss   which to compare; omen-sq8, omen-none, omen-pq32 too\n"
    "  --ef LIST                      widths of the search; 0: as omen does untouched\n"
    "  --build-threads 1,2            builds to time; the last one is searched\n"
    "  --rounds N                     engines take turns; the best round counts\n"
    "  --cache DIR                    where generated sets are kept\n"
    "  --keep-peers                   keep the peers' indexes there, to build them once\n"
    "  --work DIR                     for files that are deleted at the end\n"
    "  --json FILE\n"
    "  --dirt                         duplicates and zero vectors among the rows of --churn\n"
    "  --churn ROUNDS | --filter | --ingest | --restart   instead of comparing: omen's index "
    "alone\n";

namespace {

std::size_t to_number(const std::string& text) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error("not a number: " + text);
  }
  return out;
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> out;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) {
    out.push_back(part);
  }
  return out;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options out;
  out.efs = {0, 10, 15, 20, 26, 34, 40, 50, 60, 80, 100, 120, 160, 240, 320, 480, 640, 960};
  out.cache = std::filesystem::temp_directory_path() / "omendb_bench";
  out.work = std::filesystem::temp_directory_path();
  using Value = const std::string&;
  const std::map<std::string, std::function<void()>> flags = {
      {"--raw", [&] { out.normalize = false; }},  {"--keep-peers", [&] { out.keeps_peers = true; }},
      {"--dirt", [&] { out.dirt = true; }},       {"--filter", [&] { out.mode = "filter"; }},
      {"--ingest", [&] { out.mode = "ingest"; }}, {"--restart", [&] { out.mode = "restart"; }},
  };
  const std::map<std::string, std::function<void(Value)>> settings = {
      {"--data", [&](Value value) { out.data = value; }},
      {"--set", [&](Value value) { out.set = value; }},
      {"--generate", [&](Value value) { out.generate = value; }},
      {"--seed", [&](Value value) { out.seed = to_number(value); }},
      {"--metric", [&](Value value) { out.metric = metric_of(value); }},
      {"--rows", [&](Value value) { out.row_count_max = to_number(value); }},
      {"--queries", [&](Value value) { out.query_count_max = to_number(value); }},
      {"--engines", [&](Value value) { out.engines = parts_of(value); }},
      {"--rounds", [&](Value value) { out.round_count = static_cast<int>(to_number(value)); }},
      {"--cache", [&](Value value) { out.cache = value; }},
      {"--work", [&](Value value) { out.work = value; }},
      {"--json", [&](Value value) { out.json = value; }},
      {"--commit", [&](Value value) { out.commit = value; }},
      {"--churn",
       [&](Value value) {
         out.mode = "churn";
         out.churn_rounds = to_number(value);
       }},
      {"--ef",
       [&](Value value) {
         out.efs.clear();
         for (const std::string& part : parts_of(value)) {
           out.efs.push_back(to_number(part));
         }
       }},
      {"--build-threads",
       [&](Value value) {
         out.build_threads.clear();
         for (const std::string& part : parts_of(value)) {
           out.build_threads.push_back(static_cast<unsigned>(to_number(part)));
         }
       }},
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (const auto flag = flags.find(arguments[i]); flag != flags.end()) {
      flag->second();
    } else if (const auto setting = settings.find(arguments[i]);
               setting != settings.end() && i + 1 < arguments.size()) {
      setting->second(arguments[++i]);
    } else {
      throw std::runtime_error("unknown option, or without a value: " + arguments[i]);
    }
  }
  if (out.generate.empty() == (out.data.empty() || out.set.empty())) {
    throw std::runtime_error("either --data and --set or --generate is needed");
  }
  if (out.build_threads.empty() || out.engines.empty() || out.round_count < 1) {
    throw std::runtime_error("an engine, a build and a round are needed");
  }
  return out;
}

Dataset dataset_of(const Options& options) {
  if (options.generate.empty()) {
    return load_dataset(options.data / options.set, options.metric, options.row_count_max,
                        options.query_count_max);
  }
  GeneratedShape shape = shape_of(options.generate);
  shape.normalize = options.normalize;
  shape.seed = options.seed;
  if (options.query_count_max != 0) {
    shape.query_count = options.query_count_max;
  }
  return generated_dataset(options.cache, shape, options.metric);
}

}  // namespace omen::bench
