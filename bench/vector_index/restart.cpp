#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "bench/common/machine.h"
#include "bench/vector_index/live_index.h"
#include "bench/vector_index/modes.h"

namespace omen::bench {
namespace {

struct Opening {
  double open_ms = 0;
  double answer_ms = 0;   ///< from the start of opening to the first answer
  double hundred_ms = 0;  ///< to the hundredth
  bool correct = false;
};

/// Tells the kernel to forget the files, so that they come from the disk.
void forget(const std::filesystem::path& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const int file = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
      ::fdatasync(file);
      ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
      ::close(file);
    }
  }
}

Opening open_and_ask(LiveIndex& index, const std::vector<std::int32_t>& expected,
                     std::size_t query_count) {
  Opening opening;
  std::vector<std::int32_t> rows;
  const double start = wall_seconds();
  index.open();
  opening.open_ms = (wall_seconds() - start) * 1e3;
  index.search(0, 0, rows);
  opening.answer_ms = (wall_seconds() - start) * 1e3;
  opening.correct = rows == expected;
  for (std::size_t query = 1; query < std::min<std::size_t>(100, query_count); ++query) {
    index.search(query, 0, rows);
  }
  opening.hundred_ms = (wall_seconds() - start) * 1e3;
  return opening;
}

}  // namespace

Report restart(const Options& options, const Dataset& set) {
  LiveIndex index(set, options.work / "restart");
  const std::vector<std::int32_t> rows = shuffled_rows(set.base.row_count());
  double start = wall_seconds();
  index.build(rows, options.build_threads.back());
  const double build_seconds = wall_seconds() - start;
  std::vector<std::int32_t> expected;
  index.search(0, 0, expected);
  start = wall_seconds();
  index.checkpoint();
  const double checkpoint_seconds = wall_seconds() - start;

  Report report;
  report.table = fmt::format(
      "\nbuild {:.2f} s, checkpoint {:.3f} s\n\n{:12} {:>9} {:>16} {:>16} "
      "{:>8} {:>14}\n",
      build_seconds, checkpoint_seconds, "files", "open ms", "first answer ms", "100 answers ms",
      "correct", "build / answer");
  std::vector<std::string> openings;
  for (const bool cached : {true, false}) {
    for (int round = 0; round < options.round_count; ++round) {
      index.close();
      if (!cached) {
        forget(index.directory());
      }
      const Opening opening = open_and_ask(index, expected, set.query.row_count());
      report.table +=
          fmt::format("{:12} {:>9.2f} {:>16.2f} {:>16.2f} {:>8} {:>14.0f}\n",
                      cached ? "in memory" : "from disk", opening.open_ms, opening.answer_ms,
                      opening.hundred_ms, opening.correct ? "yes" : "no",
                      build_seconds * 1e3 / opening.answer_ms);
      openings.push_back(Json()
                             .add("cached", cached)
                             .add("open_ms", opening.open_ms)
                             .add("first_answer_ms", opening.answer_ms)
                             .add("hundred_answers_ms", opening.hundred_ms)
                             .add("correct", opening.correct)
                             .text());
    }
  }
  report.json.add("build_seconds", build_seconds)
      .add("checkpoint_seconds", checkpoint_seconds)
      .put("openings", array_of(openings, true));
  return report;
}

}  // namespace omen::bench
