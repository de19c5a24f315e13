#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "bench/vector_index/data_set.h"
#include "engine/vector/vector_index.h"

/// Measures the vector index in process: build rate, recall@10 and queries a second of CPU time.
///
///     bench_vector_index --data DIR [--metric l2|cosine|ip|l1] [--threads N] [--limit N]
///                        [--ef "20 40 ..."] [--index DIR]
///
/// DIR holds base.*, query.* (fvecs, bvecs or hvecs) and groundtruth.ivecs. With --limit, and for
/// --metric other than the data's own, the truth is computed. ef 0 is the calibrated default.
namespace omen::bench {
namespace {

using engine::CancelToken;
using engine::Metric;
using engine::VectorHit;
using engine::VectorIndex;

constexpr std::size_t kRows = 10;
constexpr int kPasses = 3;

struct Arguments {
  std::string data;
  std::string index = "/tmp/bench_vector_index";
  std::string metric = "cosine";
  std::vector<std::size_t> efs = {0, 10, 20, 30, 40, 60, 80, 120, 200, 400};
  unsigned threads = 2;
  std::size_t limit = 0;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = values[i];
    const std::string value = values[i + 1];
    if (name == "--data") {
      arguments.data = value;
    } else if (name == "--index") {
      arguments.index = value;
    } else if (name == "--metric") {
      arguments.metric = value;
    } else if (name == "--threads") {
      arguments.threads = static_cast<unsigned>(std::stoul(value));
    } else if (name == "--limit") {
      arguments.limit = std::stoul(value);
    } else if (name == "--ef") {
      arguments.efs.clear();
      for (std::size_t at = 0; at < value.size();) {
        std::size_t used = 0;
        arguments.efs.push_back(std::stoul(value.substr(at), &used));
        at += used;
        while (at < value.size() && value[at] == ' ') {
          ++at;
        }
      }
    } else {
      fail(fmt::format("unknown option {}", name));
    }
  }
  return arguments;
}

Metric metric_of(const std::string& name) {
  if (name == "l2") {
    return Metric::L2;
  }
  if (name == "cosine") {
    return Metric::Cosine;
  }
  return name == "ip" ? Metric::InnerProduct : Metric::L1;
}

double cpu_seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void check(const engine::Status& status) {
  if (!status.ok()) {
    fail(status.message());
  }
}

void search_all(const VectorIndex& index, const DataSet& data, std::size_t ef,
                std::vector<std::vector<VectorHit>>& answers, std::vector<double>& seconds) {
  const engine::VectorVisibility see_all = [](auto, std::span<std::uint8_t> visible) {
    std::fill(visible.begin(), visible.end(), std::uint8_t{1});
    return engine::Status();
  };
  double last = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
  for (std::size_t i = 0; i < data.queries.count; ++i) {
    answers[i].clear();
    const auto search =
        index.search(data.queries.row(i), {.ef_search = ef, .row_count_hint = kRows}, see_all);
    check(search->next(kRows, answers[i]).status());
    const double now = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    seconds[i] = now - last;
    last = now;
  }
}

void measure(const VectorIndex& index, const DataSet& data, std::size_t ef) {
  std::vector<std::vector<VectorHit>> answers(data.queries.count);
  std::vector<double> seconds(data.queries.count);
  search_all(index, data, ef, answers, seconds);
  double best = 1e9;
  double p95 = 0;
  for (int pass = 0; pass < kPasses; ++pass) {
    const double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    search_all(index, data, ef, answers, seconds);
    const double taken = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    if (taken < best) {
      best = taken;
      std::sort(seconds.begin(), seconds.end());
      p95 = seconds[seconds.size() * 95 / 100];
    }
  }
  std::size_t found = 0;
  double checksum = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    for (const VectorHit& hit : answers[i]) {
      checksum += hit.distance;
      found += hit.distance <= data.radius[i] + 1e-6 * std::abs(data.radius[i]) ? 1 : 0;
    }
  }
  fmt::print("ef {:4}  recall@10 {:.4f}  {:8.0f} queries/s/core  p95 {:6.1f} us  checksum {:.6g}\n",
             ef, static_cast<double>(found) / static_cast<double>(kRows * answers.size()),
             static_cast<double>(answers.size()) / best, p95 * 1e6, checksum);
}

void run(const Arguments& arguments) {
  const Metric metric = metric_of(arguments.metric);
  const DataSet data = load(arguments.data, metric, arguments.limit, kRows);
  std::filesystem::remove_all(arguments.index);
  auto created = VectorIndex::create(
      arguments.index,
      {.dimensions = static_cast<std::uint32_t>(data.base.dimensions), .metric = metric});
  check(created.status());
  VectorIndex& index = *created.value();
  CancelToken cancel;
  const double cpu_start = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
  const auto start = std::chrono::steady_clock::now();
  check(index.build(
      [&, row = std::size_t{0}](engine::VectorEntry& entry) mutable -> engine::Result<bool> {
        if (row == data.base.count) {
          return false;
        }
        entry = {{row + 1, 1}, data.base.row(row)};
        ++row;
        return true;
      },
      arguments.threads, cancel));
  const double cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto statistics = index.statistics();
  const auto count = static_cast<double>(data.base.count);
  fmt::print("{} {}: {} x {}, {} queries\n", arguments.data, arguments.metric, data.base.count,
             data.base.dimensions, data.queries.count);
  fmt::print(
      "build {:.0f} rows/s/core ({:.1f} s CPU, {:.1f} s), {:.0f} bytes a row in memory, "
      "{} unreachable\n",
      count / cpu, cpu, wall, static_cast<double>(statistics.memory_bytes) / count,
      statistics.unreachable);
  for (const std::size_t ef : arguments.efs) {
    measure(index, data, ef);
  }
  const auto before_checkpoint = std::chrono::steady_clock::now();
  check(index.checkpoint(1));
  const auto after = std::chrono::steady_clock::now();
  created.value().reset();
  const auto before_open = std::chrono::steady_clock::now();
  auto opened = VectorIndex::open(
      arguments.index,
      {.dimensions = static_cast<std::uint32_t>(data.base.dimensions), .metric = metric});
  check(opened.status());
  const auto milliseconds = [](auto from, auto to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
  };
  const auto after_open = std::chrono::steady_clock::now();
  std::vector<VectorHit> hits;
  const auto search =
      opened.value()->search(data.queries.row(0), {.ef_search = 40}, [](auto, auto visible) {
        std::fill(visible.begin(), visible.end(), std::uint8_t{1});
        return engine::Status();
      });
  check(search->next(kRows, hits).status());
  fmt::print("checkpoint {:.1f} ms, open {:.2f} ms, first query {:.2f} ms\n",
             milliseconds(before_checkpoint, after), milliseconds(before_open, after_open),
             milliseconds(after_open, std::chrono::steady_clock::now()));
  measure(*opened.value(), data, 40);
  opened.value().reset();
  std::filesystem::remove_all(arguments.index);
}

}  // namespace
}  // namespace omen::bench

int main(int count, char** values) {
  omen::bench::run(omen::bench::parse(count, values));
  return 0;
}
