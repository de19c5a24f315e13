#include "tests/slt/runner/slt_file.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace omen::tests {
namespace {

/// Followed by the reason, which is not optional.
constexpr std::string_view kSkipBlock = "skipif omendb ";
constexpr std::string_view kSkipFile = "skipfile omendb ";

/// Reads a file line by line and knows where it is.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& path) : path_(path), in_(path) {
    if (!in_) {
      throw std::runtime_error("cannot read " + path.string());
    }
  }
  std::optional<std::string> next() {
    std::string line;
    if (!std::getline(in_, line)) {
      return std::nullopt;
    }
    ++line_number_;
    return line;
  }
  [[nodiscard]] int line_number() const { return line_number_; }
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(fmt::format("{}:{}: {}", path_.string(), line_number_, why));
  }

 private:
  std::filesystem::path path_;
  std::ifstream in_;
  int line_number_ = 0;
};

void parse_directive(const std::string& line, const LineReader& reader, Block& block) {
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  block.line_number = reader.line_number();
  if (kind == "auto") {
    std::string sort;
    words >> sort;
    block.sort = sort == "rowsort" ? SortMode::Rows : SortMode::None;
  } else if (kind == "query") {
    block.expectation = Expectation::Query;
    std::string sort;
    words >> block.types >> sort;
    block.sort = sort == "rowsort" ? SortMode::Rows : SortMode::None;
  } else if (kind == "statement") {
    std::string outcome;
    words >> outcome;
    if (outcome == "ok") {
      block.expectation = Expectation::Ok;
    } else if (outcome == "error") {
      block.expectation = Expectation::Error;
      words >> block.sqlstate;
    } else {
      reader.fail("statement must be ok or error");
    }
    std::string rest;
    std::getline(words >> std::ws, rest);
    (outcome == "ok" ? block.tag : block.message) = rest;
  } else {
    reader.fail("unknown directive: " + line);
  }
}

void read_body(LineReader& reader, Block& block) {
  bool in_results = false;
  while (const std::optional<std::string> line = reader.next()) {
    if (line->empty()) {
      break;
    }
    if (in_results) {
      block.lines.push_back(*line);
    } else if (line->starts_with("----")) {
      in_results = block.has_results = true;
      block.names = line->size() > 5 ? line->substr(5) : "";
    } else {
      block.sql += (block.sql.empty() ? "" : "\n") + *line;
    }
  }
  if (block.sql.empty()) {
    reader.fail("a directive without a statement");
  }
}

void write_block(std::ostream& out, const Block& block) {
  for (const std::string& comment : block.comments) {
    out << comment << "\n";
  }
  switch (block.expectation) {
    case Expectation::Auto:
      out << "auto";
      break;
    case Expectation::Ok:
      out << "statement ok" << (block.tag.empty() ? "" : " ") << block.tag;
      break;
    case Expectation::Error:
      out << "statement error " << block.sqlstate << " " << block.message;
      break;
    case Expectation::Query:
      out << "query " << block.types << (block.sort == SortMode::Rows ? " rowsort" : "");
      break;
  }
  out << "\n" << block.sql << "\n";
  if (block.has_results) {
    out << "----" << (block.names.empty() ? "" : " ") << block.names << "\n";
    for (const std::string& line : block.lines) {
      out << line << "\n";
    }
  }
}

}  // namespace

SltFile read_slt(const std::filesystem::path& path) {
  SltFile file{.path = path, .blocks = {}, .trailing_comments = {}};
  LineReader reader(path);
  std::vector<std::string> comments;
  Block block;
  std::string connection;
  bool skips_file = false;
  while (const std::optional<std::string> line = reader.next()) {
    if (line->empty() || line->starts_with("#")) {
      comments.push_back(*line);
    } else if (*line == "onlyif simple") {
      comments.push_back(*line);
      block.simple_only = true;
    } else if (line->starts_with(kSkipBlock)) {
      comments.push_back(*line);
      block.not_on_omendb = true;
    } else if (line->starts_with(kSkipFile)) {
      comments.push_back(*line);
      skips_file = true;
    } else if (line->starts_with("connection ")) {
      comments.push_back(*line);
      connection = line->substr(11);
      connection = connection == "main" ? "" : connection;
    } else {
      parse_directive(*line, reader, block);
      block.not_on_omendb = block.not_on_omendb || skips_file;
      block.comments = std::move(comments);
      comments.clear();
      block.connection = connection;
      read_body(reader, block);
      file.blocks.push_back(std::move(block));
      block = {};
      comments.push_back("");
    }
  }
  if (!comments.empty() && comments.back().empty()) {
    comments.pop_back();
  }
  file.trailing_comments = std::move(comments);
  return file;
}

void write_slt(const SltFile& file) {
  std::ofstream out(file.path);
  for (const Block& block : file.blocks) {
    write_block(out, block);
  }
  for (const std::string& comment : file.trailing_comments) {
    out << comment << "\n";
  }
  if (!out.flush()) {
    throw std::runtime_error("cannot write " + file.path.string());
  }
}

}  // namespace omen::tests
