#include "sql/planner/explain_tree_builder.h"

namespace omen::sql {

ExplainNode make_explain_tree(const Plan& plan, const ExplainOptions& options,
                              ExecutionState* analyzed) {
  return TreeBuilder(plan, options, analyzed).query(*plan.root->node);
}

}  // namespace omen::sql
