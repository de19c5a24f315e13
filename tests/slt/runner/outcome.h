#pragma once

#include <map>
#include <string>

#include "tests/slt/runner/slt_file.h"
#include "tests/support/pg_connection.h"

namespace omen::tests {

/// Type names of result columns; looks unknown oids up in pg_type, once each.
class TypeNames {
 public:
  /// Throws std::runtime_error if the server does not know `oid`.
  const std::string& name(PgConnection& connection, unsigned oid);

 private:
  std::map<unsigned, std::string> by_oid_;
};

/// What a server answered, in the terms of a block: the same fields, filled from the result.
/// `asked` gives the sort mode, and whether positions are wanted.
Block describe_outcome(const PGresult* result, const std::vector<Diagnostic>& notices,
                       const Block& asked, PgConnection& connection, TypeNames& types,
                       bool with_positions);

/// Empty if `actual` is what `expected` asks for; else both, readable. Lines of DETAIL, HINT and so
/// on are compared as a whole.
std::string difference(const Block& expected, const Block& actual);

}  // namespace omen::tests
