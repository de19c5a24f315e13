#include "sql/planner/explain_tree_builder.h"

// What EXPLAIN says of each kind of plan node.
namespace omen::sql {

void TreeBuilder::describe(const PlanNode& node, ExplainNode& made) {
  switch (node.kind) {
    case PlanKind::TableScan:
    case PlanKind::SystemScan:
    case PlanKind::IndexScan:
    case PlanKind::VectorScan:
    case PlanKind::FunctionScan:
    case PlanKind::CommonTableScan:
    case PlanKind::WorkTableScan:
    case PlanKind::Values:
      describe_scan(node, made);
      return;
    case PlanKind::NestedLoop:
    case PlanKind::HashJoin:
      describe_join(node, made);
      return;
    case PlanKind::Insert:
    case PlanKind::Update:
    case PlanKind::Delete:
      describe_modify(node, made);
      return;
    case PlanKind::Result:
      made.type = made.title = "Result";
      add(made, "One-Time Filter", joined(as<ResultNode>(node).conditions, upper_place()));
      return;
    case PlanKind::ProjectSet:
      made.type = made.title = "ProjectSet";
      return;
    case PlanKind::Limit:
      made.type = made.title = "Limit";
      return;
    case PlanKind::LockRows:
      made.type = made.title = "LockRows";
      return;
    case PlanKind::Append:
      made.type = made.title = "Append";
      return;
    case PlanKind::RecursiveUnion:
      made.type = made.title = "Recursive Union";
      return;
    case PlanKind::Sort: {
      const auto& sort = as<SortNode>(node);
      made.type = made.title = "Sort";
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < sort.keys.size(); ++i) {
        keys.push_back(sort_key_text(*sort.key_expressions[i], sort.keys[i].descending,
                                     sort.keys[i].nulls_first));
      }
      add_list(made, "Sort Key", std::move(keys));
      return;
    }
    case PlanKind::Aggregate: {
      const auto& aggregate = as<AggregateNode>(node);
      using Strategy = AggregateNode::Strategy;
      const bool hashed = aggregate.strategy == Strategy::Hash;
      const bool sorted = aggregate.strategy == Strategy::Sorted;
      made.type = "Aggregate";
      made.title = hashed ? "HashAggregate" : sorted ? "GroupAggregate" : "Aggregate";
      made.head.push_back({"Strategy", {hashed ? "Hashed" : sorted ? "Sorted" : "Plain"}});
      add_list(made, "Group Key", texts(aggregate.group_keys, upper_place()));
      return;
    }
    case PlanKind::Distinct: {
      const bool hashed = as<DistinctNode>(node).on_positions.empty();
      made.type = hashed ? "Aggregate" : "Unique";
      made.title = hashed ? "HashAggregate" : "Unique";
      if (hashed) {
        made.head.push_back({"Strategy", {"Hashed"}});
        add_list(made, "Group Key", texts(node.output, upper_place()));
      }
      return;
    }
    case PlanKind::SetOperation: {
      const auto& set = as<SetOperationNode>(node);
      made.type = "SetOp";
      made.title = fmt::format("HashSetOp {}{}", set.intersect ? "Intersect" : "Except",
                               set.all ? " All" : "");
      return;
    }
    case PlanKind::Filter:
    case PlanKind::Project:
    case PlanKind::SubqueryScan:
      break;
  }
  internal_error("plan node without a description");
}

void TreeBuilder::describe_scan(const PlanNode& node, ExplainNode& made) {
  const Place place = scan_place(node);
  const int leaf = place.own_leaf;
  auto table_name = [&](const engine::Table& table) { return table.name; };
  switch (node.kind) {
    case PlanKind::TableScan: {
      const auto& scan = as<TableScanNode>(node);
      scan_title(made, "Seq Scan", "Seq Scan", table_name(*scan.table), scan.alias, leaf);
      return;
    }
    case PlanKind::IndexScan: {
      const auto& scan = as<IndexScanNode>(node);
      scan_title(made, "Index Scan",
                 fmt::format("Index Scan{} using {}", scan.backward ? " Backward" : "",
                             quote_identifier(scan.index->name)),
                 table_name(*scan.table), scan.alias, leaf);
      made.head.insert(made.head.begin(),
                       {{"Scan Direction", {scan.backward ? "Backward" : "Forward"}},
                        {"Index Name", {scan.index->name}}});
      ExpressionList conditions;
      for (const IndexCondition& condition : scan.conditions) {
        conditions.push_back(const_cast<Expression*>(condition.original));
      }
      add(made, "Index Cond", joined(conditions, place));
      return;
    }
    case PlanKind::VectorScan: {
      const auto& scan = as<VectorScanNode>(node);
      scan_title(made, "Index Scan", "Index Scan using " + quote_identifier(scan.index->name),
                 table_name(*scan.table), scan.alias, leaf);
      made.head.insert(made.head.begin(),
                       {{"Scan Direction", {"NoMovement"}}, {"Index Name", {scan.index->name}}});
      auto* order = static_cast<CallExpression*>(shallow_copy(arena_, *scan.order));
      if (scan.query_on_left) {
        std::swap(order->arguments[0], order->arguments[1]);
      }
      add(made, "Order By", text(*order, place));
      if (analyzed_ != nullptr && analyzed_->runtime != nullptr) {
        const std::uint64_t restricted_to = analyzed_->runtime->counters(node.id).restricted_to;
        if (restricted_to != 0) {
          made.properties.push_back(
              {"Rows Searched Among", {std::to_string(restricted_to)}, false, true});
        }
      }
      return;
    }
    case PlanKind::SystemScan: {
      const auto& scan = as<SystemScanNode>(node);
      scan_title(made, "Seq Scan", "Seq Scan", std::string(scan.relation->name), scan.alias, leaf);
      return;
    }
    case PlanKind::FunctionScan: {
      const auto& scan = as<FunctionScanNode>(node);
      std::string name = scan.alias;
      if (!scan.functions.empty() && scan.functions[0].call != nullptr) {
        name = scan.functions[0].call->function->name;
      }
      scan_title(made, "Function Scan", "Function Scan", name, scan.alias, leaf);
      made.head[0].name = "Function Name";
      return;
    }
    case PlanKind::CommonTableScan: {
      const auto& scan = as<CommonTableScanNode>(node);
      if (std::find(common_tables_->begin(), common_tables_->end(), scan.table) ==
          common_tables_->end()) {
        common_tables_->push_back(scan.table);
      }
      scan_title(made, "CTE Scan", "CTE Scan", scan.table->name, scan.alias, -1);
      made.head[0].name = "CTE Name";
      return;
    }
    case PlanKind::WorkTableScan:
      scan_title(made, "WorkTable Scan", "WorkTable Scan", as<WorkTableScanNode>(node).alias,
                 as<WorkTableScanNode>(node).alias, -1);
      made.head[0].name = "CTE Name";
      return;
    default:
      scan_title(made, "Values Scan", "Values Scan", as<ValuesNode>(node).alias,
                 as<ValuesNode>(node).alias, -1);
      return;
  }
}

void TreeBuilder::describe_join(const PlanNode& node, ExplainNode& made) {
  const auto& join = as<JoinNode>(node);
  std::string kind;
  switch (join.join) {
    case PlanJoin::Inner:
      kind = "Inner";
      break;
    case PlanJoin::Left:
      kind = "Left";
      break;
    case PlanJoin::Right:
      kind = "Right";
      break;
    case PlanJoin::Full:
      kind = "Full";
      break;
    case PlanJoin::Semi:
      kind = "Semi";
      break;
    case PlanJoin::Anti:
      kind = "Anti";
      break;
  }
  made.head.push_back({"Join Type", {kind}});
  const bool hashed = node.kind == PlanKind::HashJoin;
  made.type = hashed ? "Hash Join" : "Nested Loop";
  if (join.join == PlanJoin::Inner) {
    made.title = made.type;
  } else {
    made.title = (hashed ? "Hash " : "Nested Loop ") + kind + " Join";
  }
  if (hashed) {
    add(made, "Hash Cond", joined(as<HashJoinNode>(node).hash_conditions, upper_place()));
  }
  add(made, "Join Filter", joined(join.conditions, upper_place()));
}

void TreeBuilder::describe_modify(const PlanNode& node, ExplainNode& made) {
  const auto& modify = as<ModifyNode>(node);
  const char* operation = node.kind == PlanKind::Insert   ? "Insert"
                          : node.kind == PlanKind::Update ? "Update"
                                                          : "Delete";
  made.type = "ModifyTable";
  made.title = fmt::format("{} on {}", operation, quote_identifier(modify.table->name));
  if (!modify.alias.empty() && modify.alias != modify.table->name) {
    made.title += " " + quote_identifier(modify.alias);
  }
  made.head.push_back({"Operation", {operation}});
  made.head.push_back({"Relation Name", {modify.table->name}});
  made.head.push_back({"Alias", {modify.alias}});
  if (node.kind == PlanKind::Insert && as<InsertNode>(node).has_conflict_clause) {
    const auto& insert = as<InsertNode>(node);
    add(made, "Conflict Resolution", insert.do_update ? "UPDATE" : "NOTHING");
    add_list(made, "Conflict Arbiter Indexes", insert.arbiter_names);
  }
}

}  // namespace omen::sql
