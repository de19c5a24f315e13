#pragma once

#include <string>
#include <string_view>

#include "sql/binder/scope.h"

namespace omen::sql {

/// The HINT of 42703: which column of the query's tables the writer may have meant, or empty.
std::string similar_column_hint(const Scope& scope, std::string_view alias,
                                std::string_view column);

}  // namespace omen::sql
