#include "sql/session/copy/copy_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"

using omen::sql::CopyFormat;
using omen::sql::CopyHeader;
using omen::sql::CopyOptions;
using omen::sql::CopyRow;
using omen::sql::SqlError;

namespace {

CopyOptions csv_options() {
  CopyOptions options;
  options.format = CopyFormat::Csv;
  options.delimiter = ',';
  options.null_text = "";
  return options;
}

/// Rows as "a|b", NULL as <null>; the input arrives in pieces of `piece` bytes.
std::vector<std::string> read(const CopyOptions& options, std::string_view input,
                              std::size_t piece) {
  std::vector<std::string> rows;
  const auto reader =
      make_copy_reader(options, {.names = {"a", "b"}, .force_not_null = {}, .force_null = {}});
  const auto sink = [&](const CopyRow& row) {
    std::string text;
    for (const auto& field : row.fields) {
      text += text.empty() ? "" : "|";
      text += field ? std::string(*field) : "<null>";
    }
    rows.push_back(text);
  };
  for (std::size_t at = 0; at < input.size(); at += piece) {
    reader->feed(input.substr(at, piece), sink);
  }
  reader->finish(sink);
  return rows;
}

std::string failure(const CopyOptions& options, std::string_view input) {
  try {
    read(options, input, input.size());
  } catch (const SqlError& error) {
    return error.diagnostic().message;
  }
  return "";
}

/// A literal with its zero bytes.
template <std::size_t N>
std::string bytes(const char (&literal)[N]) {
  return {literal, N - 1};
}

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("text rows are cut the same however the bytes arrive") {
  const auto piece = static_cast<std::size_t>(GENERATE(1, 2, 3, 7, 100));
  CHECK(read({}, "1\tx\n2\t\\N\n", piece) == Rows{"1|x", "2|<null>"});
  CHECK(read({}, "a\\tb\tc\\\nd\n", piece) == Rows{"a\tb|c\nd"});
  CHECK(read({}, "1\tx\r\n2\ty\r\n", piece) == Rows{"1|x", "2|y"});
  CHECK(read({}, "1\t\\101\\x42\n", piece) == Rows{"1|AB"});
  CHECK(read({}, "1\tx\n\\.\nignored\n", piece) == Rows{"1|x"});
  CHECK(read({}, "1\tlast", piece) == Rows{"1|last"});
}

TEST_CASE("csv quotes hide delimiters, line ends and the null text") {
  const auto piece = static_cast<std::size_t>(GENERATE(1, 2, 5, 100));
  CHECK(read(csv_options(), "1,\"a,b\"\n", piece) == Rows{"1|a,b"});
  CHECK(read(csv_options(), "1,\"a\nb\"\n2,\"say \"\"hi\"\"\"\n", piece) ==
        Rows{"1|a\nb", "2|say \"hi\""});
  CHECK(read(csv_options(), ",\"\"\n", piece) == Rows{"<null>|"});
}

TEST_CASE("a header line is skipped, or must match") {
  CopyOptions options = csv_options();
  options.header = CopyHeader::Present;
  CHECK(read(options, "x,y\n1,2\n", 100) == Rows{"1|2"});
  options.header = CopyHeader::Match;
  CHECK(read(options, "a,b\n1,2\n", 100) == Rows{"1|2"});
  CHECK(failure(options, "a,c\n") ==
        "column name mismatch in header line field 2: got \"c\", expected \"b\"");
  CHECK(failure(options, "a\n") == "wrong number of fields in header line: got 1, expected 2");
}

TEST_CASE("damaged text and csv are refused") {
  CHECK(failure(csv_options(), "1,\"a\n") == "unterminated CSV quoted field");
  CHECK(failure({}, "1\tx\n2\ty\r\n") == "literal carriage return found in data");
  CHECK(failure({}, "1\t\xff\n") == "invalid byte sequence for encoding \"UTF8\": 0xff");
}

TEST_CASE("binary rows are cut the same however the bytes arrive") {
  CopyOptions options;
  options.format = CopyFormat::Binary;
  const std::string header = bytes("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0");
  const std::string row = bytes("\0\2\0\0\0\1x\377\377\377\377");
  const auto piece = static_cast<std::size_t>(GENERATE(1, 4, 100));
  CHECK(read(options, header + row + row + bytes("\377\377"), piece) ==
        Rows{"x|<null>", "x|<null>"});
  CHECK(failure(options, "not a copy") == "COPY file signature not recognized");
  CHECK(failure(options, header + bytes("\0\1")) == "row field count is 1, expected 2");
  CHECK(failure(options, header + bytes("\0\2\0\0")) == "unexpected EOF in COPY data");
  CHECK(failure(options, header + bytes("\377\377x")) == "received copy data after EOF marker");
}
