#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "bench/common/json.h"
#include "bench/common/machine.h"
#include "bench/vector/filter.h"
#include "bench/vector/report.h"
#include "bench/vector/search.h"

namespace omen::bench {
namespace {

constexpr const char* kUsage =
    "usage: bench_vector --data DIR --set NAME --metric cosine|l2 [--url URL] [--peer URL]\n"
    "         [--ef LIST] [--clients N] [--seconds S] [--rounds N] [--rows N] [--queries N]\n"
    "         [--json FILE] [--commit ID] [--filter] [--server PROGRAM [--restart N]]\n"
    "Loads a data set into the server at --url and into the --peer, builds an HNSW index in each "
    "and\n"
    "measures recall@10, throughput and latency, servers taking turns. With --server the program "
    "is\n"
    "started on a data folder of its own, and restarted N times in each of three ways at the "
    "end.\n"
    "With --filter searches are measured under conditions instead.\n";

struct Options {
  std::string data, set, url, peer, json, commit, server;
  Metric metric = Metric::L2;
  bool has_metric = false;
  bool filters = false;
  std::vector<int> efs = {10, 20, 40, 80, 160, 320};
  std::size_t client_count = 1, row_count_max = 0, query_count_max = 0;
  int round_count = 3, restart_count = 0;
  double seconds = 1;
};

std::size_t to_number(const std::string& text) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::runtime_error("not a number: " + text);
  }
  return out;
}

Options parse(std::vector<std::string> arguments) {
  Options out;
  out.filters = std::erase(arguments, "--filter") != 0;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    const std::string& value = arguments[i + 1];
    if (name == "--data") {
      out.data = value;
    } else if (name == "--set") {
      out.set = value;
    } else if (name == "--url") {
      out.url = value;
    } else if (name == "--peer") {
      out.peer = value;
    } else if (name == "--json") {
      out.json = value;
    } else if (name == "--commit") {
      out.commit = value;
    } else if (name == "--metric" && (value == "l2" || value == "cosine")) {
      out.metric = metric_of(value);
      out.has_metric = true;
    } else if (name == "--ef") {
      out.efs.clear();
      std::istringstream list(value);
      for (std::string part; std::getline(list, part, ',');) {
        out.efs.push_back(static_cast<int>(to_number(part)));
      }
    } else if (name == "--clients") {
      out.client_count = std::max<std::size_t>(1, to_number(value));
    } else if (name == "--rows") {
      out.row_count_max = to_number(value);
    } else if (name == "--queries") {
      out.query_count_max = to_number(value);
    } else if (name == "--server") {
      out.server = value;
    } else if (name == "--restart") {
      out.restart_count = static_cast<int>(to_number(value));
    } else if (name == "--rounds") {
      out.round_count = static_cast<int>(to_number(value));
    } else if (name == "--seconds") {
      out.seconds = std::stod(value);
    } else {
      throw std::runtime_error("unknown option: " + name + " " + value);
    }
  }
  if (arguments.size() % 2 != 0 || out.data.empty() || out.set.empty() || !out.has_metric) {
    throw std::runtime_error("--data, --set and --metric are needed");
  }
  if (out.restart_count != 0 && out.server.empty()) {
    throw std::runtime_error("--restart needs a --server to start");
  }
  return out;
}

std::vector<std::unique_ptr<Target>> connect(const Options& options, Report& report) {
  std::vector<std::unique_ptr<Target>> targets;
  const std::pair<const char*, const std::string&> candidates[] = {{"omendb", options.url},
                                                                   {"peer", options.peer}};
  for (const auto& [name, url] : candidates) {
    if (url.empty()) {
      report.skipped.push_back(fmt::format("{} (no {} given)", name,
                                           name == std::string_view{"peer"} ? "--peer" : "--url"));
      continue;
    }
    try {
      targets.push_back(std::make_unique<Target>(name, url, options.metric));
    } catch (const std::exception& error) {
      if (targets.empty()) {
        throw;
      }
      report.skipped.push_back(fmt::format("{}: {}", name, error.what()));
    }
  }
  if (targets.empty()) {
    throw std::runtime_error("--url or --peer is needed");
  }
  return targets;
}

/// Measures one way of searching on every target, taking turns round by round.
void measure(const Options& options, const Dataset& set,
             const std::vector<std::unique_ptr<Target>>& targets, const Search::Options& how,
             Report& report) {
  const bool exact = how.how == "exact";
  std::vector<std::unique_ptr<Search>> searches;
  for (const auto& target : targets) {
    target->check_plan(set, how.settings, exact);
    searches.push_back(std::make_unique<Search>(*target, set, how));
    searches.back()->check_answers();
  }
  for (int round = 0; round < options.round_count; ++round) {
    for (const auto& search : searches) {
      search->run_round();
    }
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    report.targets[i].searches.push_back(searches[i]->report());
    report.targets[i].load.memory_bytes =
        std::max(report.targets[i].load.memory_bytes, targets[i]->memory_bytes());
  }
}

void write_json(const std::string& path, const std::string& text) {
  if (path.empty()) {
    return;
  }
  std::ofstream out(path);
  out << text;
  if (!out.flush()) {
    throw std::runtime_error("cannot write " + path);
  }
}

int run_filters(const Options& options, const Dataset& set) {
  std::vector<std::pair<std::string, std::string>> urls;
  if (!options.url.empty()) {
    urls.emplace_back("omendb", options.url);
  }
  if (!options.peer.empty()) {
    urls.emplace_back("peer", options.peer);
  }
  const double load_before = load_average();
  const std::vector<FilterReport> reports = measure_filters(set, urls);
  fmt::print("{}: {} rows x {} dimensions, {}, load average {:.1f} before\n{}", set.name,
             set.base.row_count(), set.base.dim(), name_of(options.metric), load_before,
             to_table(reports));
  write_json(options.json, Json().add("set", set.name)
                                   .add("metric", name_of(options.metric))
                                   .add("rows", set.base.row_count())
                                   .add("dimensions", set.base.dim())
                                   .add("commit", options.commit)
                                   .add("machine", machine_name())
                                   .add("load_average_before", load_before)
                                   .add("load_average_after", load_average())
                                   .put("filters", to_json(reports))
                                   .text() +
                               "\n");
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  Options options = parse(arguments);
  const Dataset set = load_dataset(std::filesystem::path(options.data) / options.set,
                                   options.metric, options.row_count_max, options.query_count_max);
  Report report{.set_name = set.name,
                .metric = name_of(options.metric),
                .commit = options.commit,
                .machine = machine_name(),
                .row_count = set.base.row_count(),
                .dim = set.base.dim(),
                .client_count = options.client_count,
                .targets = {},
                .skipped = {}};
  std::unique_ptr<ServerProcess> server;
  if (!options.server.empty()) {
    server = std::make_unique<ServerProcess>(options.server);
    server->start();
    wait_for_server(*server);
    options.url = server->url();
  }
  if (options.filters) {
    return run_filters(options, set);
  }
  const std::vector<std::unique_ptr<Target>> targets = connect(options, report);
  for (const auto& target : targets) {
    fmt::print(stderr, "loading {}\n", target->name());
    report.targets.push_back({target->name(), target->version(), target->load(set), {}, {}});
  }
  Search::Options how{.how = "exact",
                      .settings = {"enable_indexscan = off"},
                      .client_count = options.client_count,
                      .seconds = options.seconds,
                      .query_count_max = 50};
  measure(options, set, targets, how, report);
  for (const int ef : options.efs) {
    fmt::print(stderr, "ef_search {}\n", ef);
    how.how = fmt::format("ef {}", ef);
    how.settings = {fmt::format("hnsw.ef_search = {}", ef)};
    how.query_count_max = 0;
    measure(options, set, targets, how, report);
  }
  if (options.restart_count != 0) {
    fmt::print(stderr, "restarting\n");
    report.targets.front().restarts =
        measure_restarts(*server, set, options.metric, options.restart_count);
  }
  fmt::print("{}", to_table(report));
  write_json(options.json, to_json(report));
  return 0;
}

}  // namespace
}  // namespace omen::bench

int main(int argc, char** argv) {
  try {
    return omen::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_vector: {}\n{}", error.what(), omen::bench::kUsage);
    return 1;
  }
}
