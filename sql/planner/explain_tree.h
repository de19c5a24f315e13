#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/planner/plan_node.h"
#include "sql/planner/planner.h"

namespace omen::sql {

/// What EXPLAIN says of one node, before it is printed in one of the formats. Filters, projections
/// and the like belong to the node below them, as PostgreSQL shows them.
struct ExplainNode {
  struct Property {
    std::string name;
    std::vector<std::string> values;
    bool is_list = false;
    bool is_number = false;
  };
  std::string type;            ///< JSON "Node Type": "Index Scan"
  std::string title;           ///< text: "Index Scan using i on t"
  std::vector<Property> head;  ///< JSON fields the title already says in text
  std::vector<Property> properties;
  const PlanNode* node = nullptr;     ///< the outermost: its estimates count
  std::string relationship;           ///< "Outer", "Inner", "InitPlan", "SubPlan", "Member"
  std::string subplan_name;           ///< "InitPlan 1 (returns $0)", "CTE w"
  std::vector<ExplainNode> children;  ///< sub-plans first
};

/// Builds the tree that EXPLAIN prints. `analyzed` is null without ANALYZE.
ExplainNode make_explain_tree(const Plan& plan, const ExplainOptions& options,
                              ExecutionState* analyzed);

}  // namespace omen::sql
