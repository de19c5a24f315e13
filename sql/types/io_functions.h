#pragma once

#include <array>
#include <span>
#include <string_view>

#include "sql/types/type.h"

namespace omen::sql {

/// A type's input, output, receive, send or modifier function as pg_proc lists it. Nobody calls
/// them: the work is done by the type's TypeCodec.
struct IoFunction {
  Oid oid = 0;
  std::string_view name;
  std::array<Oid, 3> argument_types{};  ///< 0: none
  Oid result_type = 0;
  char volatility = 'i';
};

/// Recorded from PostgreSQL 15, by oid; those of the vector types are functions of theirs.
std::span<const IoFunction> io_functions();
const IoFunction* find_io_function(Oid oid);

}  // namespace omen::sql
