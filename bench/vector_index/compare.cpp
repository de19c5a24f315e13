#include "bench/vector_index/compare.h"

#include <fmt/format.h>

#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/common/machine.h"
#include "bench/vector_index/curve.h"
#include "bench/vector_index/engine.h"

namespace omen::bench {
namespace {

constexpr double kRecalls[] = {0.90, 0.95, 0.99, 0.999};

struct Build {
  unsigned threads = 0;
  double rate = 0;  ///< rows a second of CPU time
  double wall_seconds = 0;
};

/// One engine's part in the comparison.
struct Contender {
  std::unique_ptr<Engine> engine;
  std::vector<Build> builds;
  EngineMemory memory;
  std::unique_ptr<Curve> curve;
  std::string name, version;
};

double available_bytes() {
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("MemAvailable:")) {
      return std::stod(line.substr(line.find(':') + 1)) * 1024;
    }
  }
  return std::numeric_limits<double>::infinity();
}

/// The peers' own copies of the vectors and their graphs; ours in the page cache.
bool fit_together(const Options& options, const Dataset& set) {
  const auto rows = static_cast<double>(set.base.row_count());
  const double each = rows * (static_cast<double>(set.base.dim()) * 4 + 600);
  return each * static_cast<double>(options.engines.size() + 1) < available_bytes() / 2;
}

std::string builds_text(const std::vector<Build>& builds) {
  std::string out;
  for (const Build& build : builds) {
    out += fmt::format("{} {:.9g} {:.9g}\n", build.threads, build.rate, build.wall_seconds);
  }
  return out;
}

/// The figures of a kept index's builds, if they are those wanted.
std::vector<Build> kept_builds(const std::filesystem::path& path, const Options& options) {
  std::vector<Build> builds;
  std::ifstream in(path);
  for (Build build; in >> build.threads >> build.rate >> build.wall_seconds;) {
    builds.push_back(build);
  }
  bool same = builds.size() == options.build_threads.size();
  for (std::size_t i = 0; same && i < builds.size(); ++i) {
    same = builds[i].threads == options.build_threads[i];
  }
  return same ? builds : std::vector<Build>();
}

void build(const Options& options, const Dataset& set, Contender& contender) {
  Engine& engine = *contender.engine;
  const std::filesystem::path kept =
      options.cache / fmt::format("{}-{}-{}.{}", set.name, set.base.row_count(),
                                  name_of(set.metric), engine.name());
  const std::filesystem::path figures = kept.string() + ".builds";
  if (options.keeps_peers && std::filesystem::exists(kept)) {
    contender.builds = kept_builds(figures, options);
    if (!contender.builds.empty()) {
      engine.load(kept);
      return;
    }
  }
  for (const unsigned threads : options.build_threads) {
    fmt::print(stderr, "{}: building with {} thread(s)\n", engine.name(), threads);
    const double cpu = process_cpu_seconds();
    const double wall = wall_seconds();
    engine.build(threads);
    contender.builds.push_back(
        {threads, static_cast<double>(set.base.row_count()) / (process_cpu_seconds() - cpu),
         wall_seconds() - wall});
  }
  if (options.keeps_peers) {
    std::filesystem::create_directories(options.cache);
    if (engine.save(kept)) {
      std::ofstream(figures) << builds_text(contender.builds);
    }
  }
}

void prepare(const Options& options, const Dataset& set, Contender& contender) {
  build(options, set, contender);
  contender.memory = contender.engine->memory();
  contender.curve = std::make_unique<Curve>(*contender.engine, set);
  fmt::print(stderr, "{}: searching\n", contender.name);
  contender.curve->probe(options.efs);
}

Json json_of(const CurvePoint& point) {
  return Json()
      .add("ef", point.ef)
      .add("recall_at_10", point.recall)
      .add("qps", point.rate)
      .add("qps_two_threads", point.rate_two)
      .add("qps_two_threads_cpu", point.rate_two_cpu)
      .add("p50_us", point.p50_us)
      .add("p95_us", point.p95_us)
      .add("p99_us", point.p99_us);
}

Json json_of(const Contender& contender, const Dataset& set) {
  const auto rows = static_cast<double>(set.base.row_count());
  std::vector<std::string> builds;
  for (const Build& build : contender.builds) {
    builds.push_back(Json()
                         .add("threads", build.threads)
                         .add("rows_per_cpu_second", build.rate)
                         .add("wall_seconds", build.wall_seconds)
                         .text());
  }
  std::vector<std::string> points;
  for (const CurvePoint& point : contender.curve->points()) {
    points.push_back(json_of(point).text());
  }
  Json at;
  for (const double recall : kRecalls) {
    if (const auto found = at_recall(contender.curve->points(), recall)) {
      at.add(fmt::format("{}", recall),
             json_of(found->point).add("narrowest_finds_more", found->at_least));
    }
  }
  const EngineMemory& memory = contender.memory;
  return Json()
      .add("name", contender.name)
      .add("version", contender.version)
      .put("builds", array_of(builds, false))
      .add("required_bytes_per_row", memory.required_bytes / rows)
      .add("index_bytes_per_row", (memory.required_bytes - memory.vector_bytes) / rows)
      .add("evictable_bytes_per_row", memory.evictable_bytes / rows)
      .add("at_recall", at)
      .put("curve", array_of(points, true));
}

std::string build_table(const std::vector<Contender>& contenders, const Dataset& set) {
  const auto rows = static_cast<double>(set.base.row_count());
  std::string out = "\nengine   build: rows/s of CPU (threads)";
  out += fmt::format("{:>18} {:>12} {:>12}\n", "required B/row", "index B/row", "evictable");
  for (const Contender& contender : contenders) {
    std::string builds;
    for (const Build& build : contender.builds) {
      builds += fmt::format("{:>10.0f} ({})", build.rate, build.threads);
    }
    const EngineMemory& memory = contender.memory;
    out += fmt::format("{:8} {:30} {:>17.0f} {:>12.0f} {:>12.0f}   {}\n", contender.name, builds,
                       memory.required_bytes / rows,
                       (memory.required_bytes - memory.vector_bytes) / rows,
                       memory.evictable_bytes / rows, contender.version);
  }
  return out;
}

std::string recall_table(const std::vector<Contender>& contenders) {
  std::string out = fmt::format("\n{:9} {:8} {:>10} {:>10} {:>8} {:>8} {:>8}", "recall@10",
                                "engine", "QPS", "QPS 2 thr", "p50 us", "p95 us", "p99 us");
  for (std::size_t i = 1; i < contenders.size(); ++i) {
    out += fmt::format(" {:>12}", "x " + contenders[i].name);
  }
  out += "\n";
  for (const double recall : kRecalls) {
    for (const Contender& contender : contenders) {
      const auto found = at_recall(contender.curve->points(), recall);
      if (!found.has_value()) {
        out += fmt::format("{:<9} {:8} {:>10}\n", recall, contender.name, "not found");
        continue;
      }
      const CurvePoint& point = found->point;
      out += fmt::format("{:<9} {:8} {:>10} {:>10.0f} {:>8.1f} {:>8.1f} {:>8.1f}", recall,
                         contender.name,
                         fmt::format("{}{:.0f}", found->at_least ? ">" : "", point.rate),
                         point.rate_two, point.p50_us, point.p95_us, point.p99_us);
      for (std::size_t i = 1; i < contenders.size() && &contender == contenders.data(); ++i) {
        const auto other = at_recall(contenders[i].curve->points(), recall);
        out += fmt::format(" {:>12}",
                           other ? fmt::format("{:.2f}", point.rate / other->point.rate) : "-");
      }
      out += "\n";
    }
  }
  return out;
}

std::string curve_table(const std::vector<Contender>& contenders) {
  std::string out =
      fmt::format("\n{:8} {:>6} {:>9} {:>10} {:>10} {:>8} {:>8} {:>8}\n", "engine", "ef",
                  "recall@10", "QPS", "QPS 2 thr", "p50 us", "p95 us", "p99 us");
  for (const Contender& contender : contenders) {
    for (const CurvePoint& point : contender.curve->points()) {
      out +=
          fmt::format("{:8} {:>6} {:>9.4f} {:>10.0f} {:>10.0f} {:>8.1f} {:>8.1f} {:>8.1f}\n",
                      contender.name, point.ef == 0 ? "-" : std::to_string(point.ef), point.recall,
                      point.rate, point.rate_two, point.p50_us, point.p95_us, point.p99_us);
    }
  }
  return out;
}

}  // namespace

Report compare(const Options& options, const Dataset& set) {
  std::vector<Contender> contenders;
  std::vector<std::string> skipped;
  for (const std::string& name : options.engines) {
    std::string why;
    Contender contender;
    contender.engine = make_engine(name, set, options.work, why);
    if (contender.engine == nullptr) {
      skipped.push_back(why);
      continue;
    }
    contender.name = name;
    contender.version = contender.engine->version();
    contenders.push_back(std::move(contender));
  }
  const bool together = fit_together(options, set);
  for (Contender& contender : contenders) {
    prepare(options, set, contender);
    for (int round = 0; !together && round < options.round_count; ++round) {
      contender.curve->run_round();
    }
    if (!together) {
      contender.engine.reset();
    }
  }
  for (int round = 0; together && round < options.round_count; ++round) {
    for (const Contender& contender : contenders) {
      contender.curve->run_round();
    }
  }
  Report report;
  report.table = build_table(contenders, set) + recall_table(contenders) + curve_table(contenders);
  std::vector<std::string> engines;
  for (const Contender& contender : contenders) {
    engines.push_back(json_of(contender, set).text());
  }
  for (std::string& why : skipped) {
    report.table += "skipped: " + why + "\n";
    why = json_string(why);
  }
  report.json.add("took_turns", together)
      .put("engines", array_of(engines, true))
      .put("skipped", array_of(skipped, false));
  return report;
}

}  // namespace omen::bench
