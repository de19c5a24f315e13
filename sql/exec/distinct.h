#pragma once

#include <memory>

#include "sql/exec/operator.h"
#include "sql/planner/plan_node.h"

namespace omen::sql {

/// DISTINCT by hash, or DISTINCT ON over sorted rows.
std::unique_ptr<Operator> make_distinct(const DistinctNode& node, std::unique_ptr<Operator> child,
                                        ExecutionState& state);

}  // namespace omen::sql
