#include "bench/vector/report.h"

#include <fmt/format.h>

#include "bench/common/json.h"

namespace omen::bench {
namespace {

double mebibytes(std::int64_t bytes) {
  return static_cast<double>(bytes) / (1024 * 1024);
}

std::string search_json(const SearchReport& search) {
  return fmt::format(R"({{"how": {}, "recall_at_10": {:.4f}, "queries_per_second": {:.1f}, )"
                     R"("p50_ms": {:.3f}, "p95_ms": {:.3f}, "p99_ms": {:.3f}, "query_count": {}}})",
                     json_string(search.how), search.recall, search.queries_per_second,
                     search.p50_ms, search.p95_ms, search.p99_ms, search.query_count);
}

std::string restart_json(const RestartReport& restart) {
  return fmt::format(R"({{"how": {}, "stop_seconds": {:.3f}, "connected_seconds": {:.3f}, )"
                     R"("answered_seconds": {:.3f}, "recall_at_10": {:.4f}, "count": {}}})",
                     json_string(restart.how), restart.stop_seconds, restart.connected_seconds,
                     restart.answered_seconds, restart.recall, restart.count);
}

/// Times from exec, in milliseconds; how many times sooner than the index build.
std::string restart_table(const TargetReport& target) {
  if (target.restarts.empty()) {
    return {};
  }
  std::string out = fmt::format("\n{:16} {:>8} {:>12} {:>10} {:>12} {:>9}\n", "restart", "stop ms",
                                "connected ms", "answer ms", "build/answer", "recall@10");
  for (const RestartReport& restart : target.restarts) {
    out += fmt::format("{:16} {:>8.0f} {:>12.0f} {:>10.0f} {:>12.1f} {:>9.4f}\n", restart.how,
                       restart.stop_seconds * 1000, restart.connected_seconds * 1000,
                       restart.answered_seconds * 1000,
                       target.load.build_seconds / restart.answered_seconds, restart.recall);
  }
  return out;
}

}  // namespace

std::string to_table(const Report& report) {
  std::string out = fmt::format("{}: {} rows x {} dimensions, {}, {} client(s)\n", report.set_name,
                                report.row_count, report.dim, report.metric, report.client_count);
  out += fmt::format("\n{:10} {:>10} {:>9} {:>10} {:>10} {:>10}\n", "server", "load row/s",
                     "build s", "table MiB", "index MiB", "memory MiB");
  for (const TargetReport& target : report.targets) {
    const LoadReport& load = target.load;
    out += fmt::format(
        "{:10} {:>10.0f} {:>9.2f} {:>10.1f} {:>10.1f} {:>10}\n", target.name,
        static_cast<double>(report.row_count) / load.load_seconds, load.build_seconds,
        mebibytes(load.table_bytes), mebibytes(load.index_bytes),
        load.memory_bytes == 0 ? "unknown" : fmt::format("{:.1f}", mebibytes(load.memory_bytes)));
  }
  out += fmt::format("\n{:10} {:8} {:>9} {:>10} {:>9} {:>9} {:>9}\n", "server", "search",
                     "recall@10", "QPS", "p50 ms", "p95 ms", "p99 ms");
  const std::size_t search_count = report.targets.empty() ? 0 : report.targets[0].searches.size();
  for (std::size_t i = 0; i < search_count; ++i) {
    for (const TargetReport& target : report.targets) {
      const SearchReport& search = target.searches[i];
      out += fmt::format("{:10} {:8} {:>9.4f} {:>10.1f} {:>9.3f} {:>9.3f} {:>9.3f}\n", target.name,
                         search.how, search.recall, search.queries_per_second, search.p50_ms,
                         search.p95_ms, search.p99_ms);
    }
  }
  for (const TargetReport& target : report.targets) {
    out += restart_table(target);
  }
  for (const std::string& skipped : report.skipped) {
    out += "skipped: " + skipped + "\n";
  }
  return out;
}

std::string to_json(const Report& report) {
  std::string out = fmt::format(
      "{{\n  \"set\": {}, \"metric\": {}, \"commit\": {}, \"machine\": {},\n"
      "  \"rows\": {}, \"dimensions\": {}, \"clients\": {},\n  \"targets\": [",
      json_string(report.set_name), json_string(report.metric), json_string(report.commit),
      json_string(report.machine), report.row_count, report.dim, report.client_count);
  for (std::size_t i = 0; i < report.targets.size(); ++i) {
    const TargetReport& target = report.targets[i];
    out += fmt::format(
        "{}\n    {{\"name\": {}, \"version\": {},\n     \"load_seconds\": {:.3f}, "
        "\"build_seconds\": {:.3f}, "
        "\"table_bytes\": {}, \"index_bytes\": {}, \"memory_bytes\": {},\n     \"searches\": [",
        i == 0 ? "" : ",", json_string(target.name), json_string(target.version),
        target.load.load_seconds, target.load.build_seconds, target.load.table_bytes,
        target.load.index_bytes, target.load.memory_bytes);
    for (std::size_t j = 0; j < target.searches.size(); ++j) {
      out += fmt::format("{}\n      {}", j == 0 ? "" : ",", search_json(target.searches[j]));
    }
    out += "],\n     \"restarts\": [";
    for (std::size_t j = 0; j < target.restarts.size(); ++j) {
      out += fmt::format("{}\n      {}", j == 0 ? "" : ",", restart_json(target.restarts[j]));
    }
    out += "]}";
  }
  return out + "]\n}\n";
}

}  // namespace omen::bench
