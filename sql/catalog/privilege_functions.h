#pragma once

#include "sql/functions/adapter.h"

namespace omen::sql {

/// has_table_privilege and its like.
extern const FunctionTable kPrivilegeFunctions;

}  // namespace omen::sql
