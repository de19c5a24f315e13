#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace omen::tests {

/// What a block expects of its statement.
enum class Expectation { Auto, Ok, Error, Query };
enum class SortMode { None, Rows };

/// One statement of a file with what must come back. The format is described in tests/README.md.
struct Block {
  std::vector<std::string> comments;  ///< lines before the block, verbatim (with #), and directives
  Expectation expectation = Expectation::Auto;
  SortMode sort = SortMode::None;
  std::string tag;       ///< of `statement ok`: the command tag; empty: any
  std::string sqlstate;  ///< of `statement error`
  std::string message;   ///< of `statement error`: the whole primary message
  std::string types;     ///< of `query`: comma-separated type names
  std::string sql;
  bool has_results = false;
  std::string names;               ///< of `query`: column names, separated by |
  std::vector<std::string> lines;  ///< rows, or DETAIL:/HINT:/CONSTRAINT:/POSITION:/NOTICE: lines
  bool simple_only = false;        ///< `onlyif simple`: several statements in one text
  bool not_on_omendb = false;      ///< `skipif omendb REASON`, or the file says `skipfile`
  std::string connection;          ///< session it runs in; empty: the first
  int line_number = 0;
};

struct SltFile {
  std::filesystem::path path;
  std::vector<Block> blocks;
  std::vector<std::string> trailing_comments;
};

/// Throws std::runtime_error naming file and line.
SltFile read_slt(const std::filesystem::path& path);
void write_slt(const SltFile& file);

}  // namespace omen::tests
