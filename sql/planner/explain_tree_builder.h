#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sql/binder/deparse.h"
#include "sql/error/sql_error.h"
#include "sql/exec/runtime.h"
#include "sql/planner/explain_tree.h"

/// Turns a plan into the tree that EXPLAIN prints. For explain_tree.cpp and explain_nodes.cpp
/// alone.
namespace omen::sql {

template <typename T>
const T& as(const PlanNode& node) {
  return static_cast<const T&>(node);
}

constexpr int kSubPlanMark = -1'000'000;  ///< relation number of a stand-in for a sub-select

class TreeBuilder {
 public:
  TreeBuilder(const Plan& plan, const ExplainOptions& options, ExecutionState* analyzed)
      : root_(*plan.root), options_(options), analyzed_(analyzed) {
    if (analyzed != nullptr) {
      eval_ = analyzed->eval;
    }
    std::map<std::string, int> seen;
    for (const PlanRoot::LeafName& leaf : root_.leaves) {
      const int count = seen[leaf.alias]++;
      aliases_.push_back(count == 0 ? leaf.alias : fmt::format("{}_{}", leaf.alias, count));
    }
  }

  ExplainNode query(const PlanNode& node) {
    std::vector<const SubPlan*> init_plans;
    std::vector<const SubPlan*>* const before = std::exchange(init_plans_, &init_plans);
    std::vector<const CommonTablePlan*> tables;
    std::vector<const CommonTablePlan*>* const tables_before =
        std::exchange(common_tables_, &tables);
    ExplainNode made = build(node);
    init_plans_ = before;
    common_tables_ = tables_before;
    std::vector<ExplainNode> first;
    for (const CommonTablePlan* table : tables) {
      if (shown_tables_.insert(table->number).second) {
        first.push_back(query(*table->root));
        first.back().relationship = "InitPlan";
        first.back().subplan_name = "CTE " + table->name;
      }
    }
    for (const SubPlan* plan : init_plans) {
      if (shown_plans_.insert(plan->number).second) {
        first.push_back(query(*plan->root));
        first.back().relationship = "InitPlan";
        first.back().subplan_name =
            fmt::format("InitPlan {} (returns ${})", plan->number, plan->number - 1);
      }
    }
    made.children.insert(made.children.begin(), std::make_move_iterator(first.begin()),
                         std::make_move_iterator(first.end()));
    return made;
  }

 private:
  /// Where expressions are shown: a scan's own columns need no prefix.
  struct Place {
    int own_leaf = -1;
    bool qualifies = false;
  };

  std::string column_name(const ColumnExpression& column, const Place& place) {
    if (column.relation <= kSubPlanMark) {
      return sub_plan_texts_[static_cast<std::size_t>(kSubPlanMark - column.relation)];
    }
    const auto& planned = static_cast<const PlannedColumn&>(column);
    if (planned.origin != nullptr && planned.origin->kind != ExpressionKind::Column) {
      return text(*planned.origin, place);
    }
    if (column.relation < 0 || static_cast<std::size_t>(column.relation) >= root_.leaves.size()) {
      return fmt::format("column{}", column.column + 1);
    }
    const auto leaf = static_cast<std::size_t>(column.relation);
    std::string name;
    if (column.column == engine::kRowIdColumn) {
      name = "ctid";
    } else if (column.column == engine::kXidColumn) {
      name = "xmin";
    } else if (column.column < 0 || static_cast<std::size_t>(column.column) >=
                                        root_.leaves[leaf].relation->columns.size()) {
      name = "tableoid";
    } else {
      name = quote_identifier(
          root_.leaves[leaf].relation->columns[static_cast<std::size_t>(column.column)].name);
    }
    const bool own = column.relation == place.own_leaf;
    const bool qualifies = options_.verbose || (own ? false : place.qualifies);
    return qualifies ? quote_identifier(aliases_[leaf]) + "." + name : name;
  }

  std::string text(const Expression& expression, const Place& place) {
    Expression* shown = transform(arena_, expression, [&](const Expression& e) -> Expression* {
      if (e.kind != ExpressionKind::Subquery) {
        return nullptr;
      }
      auto* mark = arena_.make<ColumnExpression>(e.type);
      mark->relation = kSubPlanMark - static_cast<int>(sub_plan_texts_.size());
      sub_plan_texts_.push_back(sub_plan_text(static_cast<const PlannedSubquery&>(e), place));
      return mark;
    });
    return deparse(*shown, eval_,
                   [&](const ColumnExpression& column) { return column_name(column, place); });
  }

  std::string sub_plan_text(const PlannedSubquery& subquery, const Place& place) {
    const SubPlan& plan = *subquery.plan;
    const bool any = subquery.subquery_kind == ast::Subquery::Kind::Any ||
                     subquery.subquery_kind == ast::Subquery::Kind::All;
    static_cast<void>(place);
    if (plan.used_slots.empty() && !any) {
      note(*init_plans_, plan);
      return fmt::format("${}", plan.number - 1);
    }
    note(sub_plans_, plan);
    return fmt::format("({}SubPlan {})", any && plan.used_slots.empty() ? "hashed " : "",
                       plan.number);
  }
  static void note(std::vector<const SubPlan*>& list, const SubPlan& plan) {
    if (std::find(list.begin(), list.end(), &plan) == list.end()) {
      list.push_back(&plan);
    }
  }

  std::string joined(const ExpressionList& conditions, const Place& place) {
    std::string out;
    for (const Expression* condition : conditions) {
      out += out.empty() ? "" : " AND ";
      out += text(*condition, place);
    }
    return conditions.size() > 1 ? "(" + out + ")" : out;
  }

  std::vector<std::string> texts(const ExpressionList& expressions, const Place& place) {
    std::vector<std::string> out;
    for (const Expression* expression : expressions) {
      out.push_back(text(*expression, place));
    }
    return out;
  }

  void add(ExplainNode& made, std::string name, std::string value) {
    if (!value.empty()) {
      made.properties.push_back({std::move(name), {std::move(value)}});
    }
  }
  void add_list(ExplainNode& made, std::string name, std::vector<std::string> values) {
    if (!values.empty()) {
      made.properties.push_back({std::move(name), std::move(values), true});
    }
  }
  void add_removed(ExplainNode& made, std::string name, const PlanNode& node) {
    if (analyzed_ == nullptr || analyzed_->runtime == nullptr) {
      return;
    }
    const NodeCounters& counters = analyzed_->runtime->counters(node.id);
    const std::uint64_t loops = std::max<std::uint64_t>(counters.loops, 1);
    std::uint64_t removed =
        counters.rows_in > counters.rows ? (counters.rows_in - counters.rows) / loops : 0;
    if (node.kind == PlanKind::Filter && node.children[0]->kind == PlanKind::VectorScan) {
      removed += analyzed_->runtime->counters(node.children[0]->id).rows_in / loops;
    }
    if (removed != 0 || options_.format == ExplainOptions::Format::Json) {
      made.properties.push_back({std::move(name), {std::to_string(removed)}, false, true});
    }
  }

  static int own_leaf(const PlanNode& node) {
    for (const Expression* column : node.output) {
      if (column->kind == ExpressionKind::Column) {
        return static_cast<const PlannedColumn*>(column)->relation;
      }
    }
    return -1;
  }
  [[nodiscard]] Place scan_place(const PlanNode& node) const {
    return {.own_leaf = own_leaf(node), .qualifies = true};
  }
  [[nodiscard]] Place upper_place() const { return {.qualifies = root_.leaves.size() > 1}; }

  /// "Seq Scan on t x": title and JSON fields of a scan.
  void scan_title(ExplainNode& made, const std::string& type, std::string on,
                  const std::string& relation, const std::string& alias, int leaf) {
    const std::string shown_alias = leaf >= 0 && static_cast<std::size_t>(leaf) < aliases_.size()
                                        ? aliases_[static_cast<std::size_t>(leaf)]
                                        : alias;
    made.type = type;
    made.title = std::move(on) + " on " + quote_identifier(relation);
    if (!shown_alias.empty() && shown_alias != relation) {
      made.title += " " + quote_identifier(shown_alias);
    }
    made.head.push_back({"Relation Name", {relation}});
    made.head.push_back({"Alias", {shown_alias}});
  }

  std::string sort_key_text(const Expression& e, bool descending, bool nulls_first) {
    const Place place = upper_place();
    std::string out = text(e, place);
    if (e.kind != ExpressionKind::Column) {
      out = "(" + out + ")";
    }
    if (descending) {
      out += nulls_first ? " DESC" : " DESC NULLS LAST";
    } else if (nulls_first) {
      out += " NULLS FIRST";
    }
    return out;
  }

  ExplainNode build(const PlanNode& node) {
    std::vector<const SubPlan*> outer_plans = std::exchange(sub_plans_, {});
    ExplainNode made = build_node(node);
    made.node = &node;
    std::vector<ExplainNode> first;
    for (const SubPlan* plan : std::exchange(sub_plans_, std::move(outer_plans))) {
      if (!shown_plans_.insert(plan->number).second) {
        continue;
      }
      first.push_back(query(*plan->root));
      first.back().relationship = "SubPlan";
      first.back().subplan_name = fmt::format("SubPlan {}", plan->number);
    }
    made.children.insert(made.children.begin(), std::make_move_iterator(first.begin()),
                         std::make_move_iterator(first.end()));
    return made;
  }

  ExplainNode build_node(const PlanNode& node) {
    ExplainNode made;
    made.node = &node;
    switch (node.kind) {
      case PlanKind::Filter:
        return filter(as<FilterNode>(node));
      case PlanKind::Project: {
        made = build(*node.children[0]);
        const auto& project = as<ProjectNode>(node);
        const Place place = upper_place();
        if (options_.verbose) {
          set_output(made, texts(project.expressions, place));
        } else {
          for (const Expression* expression : project.expressions) {
            text(*expression, place);  // finds the sub-selects
          }
        }
        return made;
      }
      case PlanKind::SubqueryScan:
        return build(*node.children[0]);
      default:
        break;
    }
    describe(node, made);
    if (options_.verbose && !node.output.empty() && node.kind != PlanKind::Insert) {
      made.properties.insert(made.properties.begin(),
                             {"Output", texts(node.output, scan_place(node)), true});
    }
    // A vector scan's second way to the rows is shown to who wants to know more.
    const bool is_shown =
        node.kind != PlanKind::VectorScan || options_.verbose || analyzed_ != nullptr;
    for (std::size_t i = 0; is_shown && i < node.children.size(); ++i) {
      ExplainNode child = build(*node.children[i]);
      child.relationship = node.kind == PlanKind::Append ? "Member" : i == 0 ? "Outer" : "Inner";
      if (node.kind == PlanKind::HashJoin && i == 1) {
        ExplainNode hash;
        hash.type = "Hash";
        hash.title = "Hash";
        hash.node = child.node;
        hash.relationship = "Inner";
        child.relationship = "Outer";
        hash.children.push_back(std::move(child));
        child = std::move(hash);
      }
      made.children.push_back(std::move(child));
    }
    return made;
  }

  static void set_output(ExplainNode& made, std::vector<std::string> values) {
    std::erase_if(made.properties, [](const auto& property) { return property.name == "Output"; });
    made.properties.insert(made.properties.begin(), {"Output", std::move(values), true});
  }

  ExplainNode filter(const FilterNode& node) {
    const PlanNode& below = *node.children[0];
    ExplainNode made = build(below);
    const bool is_scan = below.kind == PlanKind::TableScan || below.kind == PlanKind::IndexScan ||
                         below.kind == PlanKind::VectorScan || below.kind == PlanKind::SystemScan ||
                         below.kind == PlanKind::FunctionScan || below.kind == PlanKind::Values ||
                         below.kind == PlanKind::CommonTableScan;
    if (below.kind == PlanKind::SubqueryScan) {
      ExplainNode scan;
      scan_title(scan, "Subquery Scan", "Subquery Scan", as<SubqueryScanNode>(below).alias,
                 as<SubqueryScanNode>(below).alias, -1);
      scan.node = &below;
      made.relationship = "Subquery";
      scan.children.push_back(std::move(made));
      made = std::move(scan);
    }
    add(made, "Filter", joined(node.conditions, is_scan ? scan_place(below) : upper_place()));
    add_removed(made, "Rows Removed by Filter", node);
    return made;
  }

  void describe(const PlanNode& node, ExplainNode& made);
  void describe_scan(const PlanNode& node, ExplainNode& made);
  void describe_join(const PlanNode& node, ExplainNode& made);
  void describe_modify(const PlanNode& node, ExplainNode& made);

  const PlanRoot& root_;
  const ExplainOptions& options_;
  ExecutionState* analyzed_;
  EvalContext eval_;
  engine::Arena arena_;
  std::vector<std::string> aliases_;
  std::vector<std::string> sub_plan_texts_;
  std::vector<const SubPlan*> sub_plans_;
  std::vector<const SubPlan*>* init_plans_ = nullptr;
  std::vector<const CommonTablePlan*>* common_tables_ = nullptr;
  std::set<int> shown_plans_, shown_tables_;
};

}  // namespace omen::sql
