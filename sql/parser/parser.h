#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "sql/parser/ast.h"

namespace omen::sql {

/// The statements of one text, with the memory they live in. Empty for an empty query.
struct ParsedText {
  std::shared_ptr<engine::Arena> arena;
  std::vector<const ast::Statement*> statements;
};

/// Parses with PostgreSQL 15's grammar. Throws 42601 with PostgreSQL's text and position, 54001 for
/// input nested deeper than kParseDepthMax (checked before the grammar's stack is at risk), 0A000
/// for what OmenDB does not provide. Thread-safe; deep statements are parsed on a thread of their
/// own
/// because of its stack, so that the caller needs 2 MB at most.
ParsedText parse(std::string_view text);

constexpr std::size_t kParseDepthMax = 1000;

}  // namespace omen::sql
