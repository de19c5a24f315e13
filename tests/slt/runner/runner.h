#pragma once

#include <filesystem>
#include <string>

#include "tests/slt/runner/slt_file.h"
#include "tests/support/pg_connection.h"

namespace omen::tests {

struct RunnerOptions {
  std::string url;
  bool record = false;
  /// Runs in the database of `url` as it is; else in a new database, dropped and made for each
  /// file.
  bool in_place = false;
};

struct Totals {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

/// Runs every block of a file in one protocol. Prints each failure. With
/// `record`, rewrites the file with what the server answered instead.
Totals run_file(SltFile& file, Protocol protocol, const RunnerOptions& options);

}  // namespace omen::tests
