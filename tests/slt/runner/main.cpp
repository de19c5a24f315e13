#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

#include "tests/slt/runner/runner.h"

namespace omen::tests {
namespace {

constexpr const char* kUsage =
    "usage: slt_runner --url postgresql://USER@HOST:PORT/DATABASE [--protocol simple|extended]\n"
    "         [--in-place] [--record] FILE|FOLDER ...\n"
    "Runs .slt files, in both protocols unless one is named, each in a new database unless "
    "--in-place\n"
    "says that the one of the URL is empty. --record writes what the server answers into the "
    "files;\n"
    "the server must then be PostgreSQL 15 with pgvector.\n";

std::vector<std::filesystem::path> find_files(const std::vector<std::string>& arguments) {
  std::vector<std::filesystem::path> files;
  for (const std::string& argument : arguments) {
    if (!std::filesystem::is_directory(argument)) {
      files.emplace_back(argument);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
      if (entry.path().extension() == ".slt") {
        files.push_back(entry.path());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

void add(Totals& sum, const Totals& part) {
  sum.passed += part.passed;
  sum.failed += part.failed;
  sum.skipped += part.skipped;
}

Totals run_or_record(const std::filesystem::path& path, const RunnerOptions& options,
                     const std::vector<Protocol>& protocols) {
  Totals totals;
  SltFile file = read_slt(path);
  if (options.record) {
    add(totals, run_file(file, Protocol::Simple, options));
    write_slt(file);
    return totals;
  }
  for (const Protocol protocol : protocols) {
    add(totals, run_file(file, protocol, options));
  }
  return totals;
}

int run(const std::vector<std::string>& arguments) {
  RunnerOptions options;
  std::vector<Protocol> protocols = {Protocol::Simple, Protocol::Extended};
  std::vector<std::string> inputs;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--record") {
      options.record = true;
    } else if (arguments[i] == "--url" && i + 1 < arguments.size()) {
      options.url = arguments[++i];
    } else if (arguments[i] == "--in-place") {
      options.in_place = true;
    } else if (arguments[i] == "--protocol" && i + 1 < arguments.size()) {
      protocols = {arguments[++i] == "simple" ? Protocol::Simple : Protocol::Extended};
    } else if (arguments[i].starts_with("--")) {
      fmt::print(stderr, "{}", kUsage);
      return 2;
    } else {
      inputs.push_back(arguments[i]);
    }
  }
  if (options.url.empty() || inputs.empty()) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  Totals sum;
  for (const std::filesystem::path& path : find_files(inputs)) {
    try {
      const Totals totals = run_or_record(path, options, protocols);
      add(sum, totals);
      fmt::print("{}: {} passed, {} failed\n", path.string(), totals.passed, totals.failed);
    } catch (const std::exception& error) {
      ++sum.failed;
      fmt::print("FAIL {}: {}\n", path.string(), error.what());
    }
    std::fflush(stdout);
  }
  fmt::print("slt: {} passed, {} failed, {} skipped\n", sum.passed, sum.failed, sum.skipped);
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace omen::tests

int main(int argc, char** argv) {
  return omen::tests::run({argv + 1, argv + argc});
}
