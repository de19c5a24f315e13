#include "tests/slt/runner/outcome.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

namespace omen::tests {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string cell(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) {
    return "NULL";
  }
  const std::string text = escape(PQgetvalue(result, row, column));
  return text.empty() ? "(empty)" : text;
}

void describe_rows(const PGresult* result, Block& out, PgConnection& connection, TypeNames& types) {
  out.expectation = Expectation::Query;
  std::vector<std::string> names;
  std::vector<std::string> type_names;
  for (int column = 0; column < PQnfields(result); ++column) {
    names.emplace_back(PQfname(result, column));
    type_names.push_back(types.name(connection, PQftype(result, column)));
  }
  out.names = fmt::format("{}", fmt::join(names, "|"));
  out.types = type_names.empty() ? "none" : fmt::format("{}", fmt::join(type_names, ","));
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<std::string> cells;
    for (int column = 0; column < PQnfields(result); ++column) {
      cells.push_back(cell(result, row, column));
    }
    out.lines.push_back(cells.empty() ? "(no columns)"
                                      : fmt::format("{}", fmt::join(cells, " | ")));
  }
  if (out.sort == SortMode::Rows) {
    std::sort(out.lines.begin(), out.lines.end());
  }
}

void add_line(Block& block, std::string_view label, const std::string& text) {
  if (!text.empty()) {
    block.lines.push_back(fmt::format("{}: {}", label, escape(text)));
  }
}

std::string describe(const Block& block) {
  std::string out;
  switch (block.expectation) {
    case Expectation::Auto:
      out = "auto";
      break;
    case Expectation::Ok:
      out = "ok " + block.tag;
      break;
    case Expectation::Error:
      out = fmt::format("error {} {}", block.sqlstate, block.message);
      break;
    case Expectation::Query:
      out = fmt::format("query {} ({})", block.types, block.names);
      break;
  }
  for (const std::string& line : block.lines) {
    out += "\n      " + line;
  }
  return out;
}

}  // namespace

const std::string& TypeNames::name(PgConnection& connection, unsigned oid) {
  const auto found = by_oid_.find(oid);
  if (found != by_oid_.end()) {
    return found->second;
  }
  // A connection of its own, because the statement's may be in a failed transaction.
  const std::string known =
      connection.value(fmt::format("SELECT typname FROM pg_catalog.pg_type WHERE oid = {}", oid));
  if (known.empty()) {
    throw std::runtime_error(fmt::format("pg_type does not know oid {}", oid));
  }
  return by_oid_.emplace(oid, known).first->second;
}

Block describe_outcome(const PGresult* result, const std::vector<Diagnostic>& notices,
                       const Block& asked, PgConnection& connection, TypeNames& types,
                       bool with_positions) {
  Block out;
  out.sort = asked.sort;
  if (is_error(result)) {
    const Diagnostic error = diagnostic_of(result);
    out.expectation = Expectation::Error;
    out.sqlstate = error.sqlstate;
    out.message = escape(error.message);
    add_line(out, "DETAIL", error.detail);
    add_line(out, "HINT", error.hint);
    add_line(out, "CONSTRAINT", error.constraint);
    add_line(out, "POSITION", with_positions ? error.position : "");
  } else if (PQresultStatus(result) == PGRES_TUPLES_OK) {
    describe_rows(result, out, connection, types);
    out.has_results = true;
  } else {
    out.expectation = Expectation::Ok;
    out.tag = PQcmdStatus(const_cast<PGresult*>(result));
    if (PQresultStatus(result) == PGRES_EMPTY_QUERY) {
      out.tag = "(empty query)";
    }
  }
  if (out.expectation != Expectation::Query) {
    for (const Diagnostic& notice : notices) {
      add_line(out, notice.severity + " " + notice.sqlstate, notice.message);
      add_line(out, "DETAIL", notice.detail);
    }
    out.has_results = !out.lines.empty();
  }
  return out;
}

std::string difference(const Block& expected, const Block& actual) {
  bool same = expected.expectation == actual.expectation && expected.lines == actual.lines;
  switch (expected.expectation) {
    case Expectation::Auto:
      return "";
    case Expectation::Ok:
      same = same && (expected.tag.empty() || expected.tag == actual.tag);
      break;
    case Expectation::Error:
      same = same && expected.sqlstate == actual.sqlstate && expected.message == actual.message;
      break;
    case Expectation::Query:
      same = same && expected.types == actual.types && expected.names == actual.names;
      break;
  }
  return same ? ""
              : fmt::format("    expected {}\n    got      {}", describe(expected),
                            describe(actual));
}

}  // namespace omen::tests
