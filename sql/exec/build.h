#pragma once

#include <memory>

#include "sql/exec/operator.h"

namespace omen::sql {

struct PlanNode;

/// The operator tree of a plan node and everything below it.
std::unique_ptr<Operator> make_operator(const PlanNode& node, ExecutionState& state);

}  // namespace omen::sql
