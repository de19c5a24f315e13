#include "tests/slt/runner/runner.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "tests/slt/runner/outcome.h"

namespace omen::tests {
namespace {

constexpr const char* kDatabase = "slt_scratch";
constexpr int kAnswerSecondsMax = 30;
constexpr const char* kSettings[] = {"SET client_min_messages = notice",
                                     "SET DateStyle = 'ISO, MDY'", "SET TimeZone = 'UTC'",
                                     "SET extra_float_digits = 1"};

/// The sessions of one file, by name, and one more for the runner's own look-ups.
class Sessions {
 public:
  explicit Sessions(const RunnerOptions& options) : url_(options.url) {
    if (options.in_place) {
      return;
    }
    url_ = with_database(options.url, kDatabase);
    PgConnection admin(options.url);
    admin.must(fmt::format("DROP DATABASE IF EXISTS {}", kDatabase));
    admin.must(fmt::format("CREATE DATABASE {}", kDatabase));
  }
  PgConnection& get(const std::string& name) {
    auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      found = by_name_.emplace(name, PgConnection(url_)).first;
      found->second.set_answer_timeout(kAnswerSecondsMax);
      for (const char* setting : kSettings) {
        found->second.must(setting);
      }
    }
    return found->second;
  }
  void drop(const std::string& name) { by_name_.erase(name); }

 private:
  std::string url_;
  std::map<std::string, PgConnection> by_name_;
};

bool is_omendb(Sessions& sessions) {
  return sessions.get("(runner)").value("SELECT version()").find("OmenDB") != std::string::npos;
}

bool wants_positions(const SltFile& file) {
  for (const Block& block : file.blocks) {
    for (const std::string& comment : block.comments) {
      if (comment == "# positions") {
        return true;
      }
    }
  }
  return false;
}

/// Rows of a query that names no order may come in any order.
void choose_sort(Block& block, const PGresult* result) {
  std::string upper;
  for (const char c : block.sql) {
    upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (PQntuples(result) > 1 && upper.find("ORDER BY") == std::string::npos) {
    block.sort = SortMode::Rows;
  }
}

void record(Block& block, const Block& actual) {
  block.expectation = actual.expectation;
  block.tag = actual.tag;
  block.sqlstate = actual.sqlstate;
  block.message = actual.message;
  block.types = actual.types;
  block.names = actual.names;
  block.lines = actual.lines;
  block.has_results = actual.has_results;
}

}  // namespace

Totals run_file(SltFile& file, Protocol protocol, const RunnerOptions& options) {
  Totals totals;
  Sessions sessions(options);
  TypeNames types;
  const bool with_positions = wants_positions(file);
  const bool omendb = is_omendb(sessions);
  for (Block& block : file.blocks) {
    if ((block.simple_only && protocol == Protocol::Extended) || (block.not_on_omendb && omendb)) {
      ++totals.skipped;
      continue;
    }
    std::string failure;
    try {
      PgConnection& connection = sessions.get(block.connection);
      const ResultPtr result = connection.run(block.sql, protocol);
      if (options.record && block.expectation == Expectation::Auto) {
        choose_sort(block, result.get());
      }
      const std::vector<Diagnostic> notices = connection.notices();
      const Block actual = describe_outcome(result.get(), notices, block, sessions.get("(runner)"),
                                            types, with_positions);
      if (options.record) {
        record(block, actual);
      } else if (block.expectation == Expectation::Auto) {
        failure = "    not recorded: run --record against PostgreSQL";
      } else {
        failure = difference(block, actual);
      }
    } catch (const std::exception& error) {
      failure = fmt::format("    {}", error.what());
      sessions.drop(block.connection);
      sessions.drop("(runner)");
    }
    if (failure.empty()) {
      ++totals.passed;
      continue;
    }
    ++totals.failed;
    fmt::print("FAIL {}:{} ({})\n    {}\n{}\n", file.path.string(), block.line_number,
               protocol == Protocol::Simple ? "simple" : "extended", block.sql, failure);
  }
  return totals;
}

}  // namespace omen::tests
