#include <fmt/format.h>

#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/exec/runtime.h"
#include "sql/planner/explain_tree.h"

namespace omen::sql {
namespace {

/// Averages of one node over its loops.
struct Actual {
  bool executed = false;
  double startup_ms = 0, total_ms = 0;
  double rows = 0;
  std::uint64_t loops = 0;
};

Actual actual_of(const PlanNode& node, const ExecutionState& state) {
  Actual actual;
  const NodeCounters& counters = state.runtime->counters(node.id);
  actual.executed = counters.loops != 0;
  actual.loops = counters.loops;
  if (actual.executed) {
    const auto loops = static_cast<double>(counters.loops);
    actual.startup_ms = counters.startup_ms / loops;
    actual.total_ms = counters.total_ms / loops;
    actual.rows = static_cast<double>(counters.rows) / loops;
  }
  return actual;
}

class TextWriter {
 public:
  TextWriter(const ExplainOptions& options, const ExecutionState* analyzed)
      : options_(options), analyzed_(analyzed) {}

  std::vector<std::string> write(const ExplainNode& root) {
    node(root, 0, true);
    return std::move(lines_);
  }

 private:
  void line(std::size_t indent, const std::string& text) {
    lines_.push_back(std::string(indent, ' ') + text);
  }

  [[nodiscard]] std::string numbers(const PlanNode& node) const {
    std::string out;
    if (options_.costs) {
      out += fmt::format("  (cost={:.2f}..{:.2f} rows={:.0f} width={})", node.startup_cost,
                         node.total_cost, node.rows, node.width);
    }
    if (analyzed_ == nullptr) {
      return out;
    }
    const Actual actual = actual_of(node, *analyzed_);
    if (!actual.executed) {
      return out + (options_.costs ? " (never executed)" : "  (never executed)");
    }
    out += options_.costs ? " " : "  ";
    if (options_.timing) {
      return out + fmt::format("(actual time={:.3f}..{:.3f} rows={:.0f} loops={})",
                               actual.startup_ms, actual.total_ms, actual.rows, actual.loops);
    }
    return out + fmt::format("(actual rows={:.0f} loops={})", actual.rows, actual.loops);
  }

  void node(const ExplainNode& shown, std::size_t indent, bool is_root) {
    std::size_t inner = indent;
    if (!shown.subplan_name.empty()) {
      line(indent, shown.subplan_name);
      indent += 2;
    }
    line(indent, (is_root ? "" : "->  ") + shown.title + numbers(*shown.node));
    inner = indent + (is_root ? 2 : 6);
    for (const ExplainNode::Property& property : shown.properties) {
      std::string values;
      for (const std::string& value : property.values) {
        values += values.empty() ? value : ", " + value;
      }
      line(inner, property.name + ": " + values);
    }
    for (const ExplainNode& child : shown.children) {
      node(child, inner, false);
    }
  }

  const ExplainOptions& options_;
  const ExecutionState* analyzed_;
  std::vector<std::string> lines_;
};

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out.push_back(c);
        }
    }
  }
  return out + "\"";
}

class JsonWriter {
 public:
  JsonWriter(const ExplainOptions& options, const ExecutionState* analyzed)
      : options_(options), analyzed_(analyzed) {}

  std::string write(const ExplainNode& root) {
    out_ = "[\n  {\n    \"Plan\": ";
    node(root, 4);
    if (options_.summary) {
      out_ += fmt::format(",\n    \"Planning Time\": {:.3f}", options_.planning_ms);
    }
    if (analyzed_ != nullptr) {
      out_ += ",\n    \"Triggers\": [\n    ]";
      if (options_.summary) {
        out_ += fmt::format(",\n    \"Execution Time\": {:.3f}", options_.execution_ms);
      }
    }
    out_ += "\n  }\n]";
    return std::move(out_);
  }

 private:
  void field(std::string_view name, std::string_view raw) {
    out_ += first_ ? "\n" : ",\n";
    first_ = false;
    out_ += std::string(indent_, ' ') + json_string(name) + ": ";
    out_ += raw;
  }
  void property(const ExplainNode::Property& shown) {
    if (!shown.is_list) {
      field(shown.name, shown.is_number ? shown.values[0] : json_string(shown.values[0]));
      return;
    }
    std::string list = "[";
    for (const std::string& value : shown.values) {
      list += (list.size() > 1 ? ", " : "") + json_string(value);
    }
    field(shown.name, list + "]");
  }

  void numbers(const PlanNode& node) {
    if (options_.costs) {
      field("Startup Cost", fmt::format("{:.2f}", node.startup_cost));
      field("Total Cost", fmt::format("{:.2f}", node.total_cost));
      field("Plan Rows", fmt::format("{:.0f}", node.rows));
      field("Plan Width", std::to_string(node.width));
    }
    if (analyzed_ == nullptr) {
      return;
    }
    const Actual actual = actual_of(node, *analyzed_);
    if (options_.timing) {
      field("Actual Startup Time", fmt::format("{:.3f}", actual.startup_ms));
      field("Actual Total Time", fmt::format("{:.3f}", actual.total_ms));
    }
    field("Actual Rows", fmt::format("{:.0f}", actual.rows));
    field("Actual Loops", std::to_string(actual.loops));
  }

  void node(const ExplainNode& shown, std::size_t indent) {
    out_ += "{";
    indent_ = indent + 2;
    first_ = true;
    field("Node Type", json_string(shown.type));
    for (const ExplainNode::Property& head : shown.head) {
      if (head.name == "Strategy" || head.name == "Operation") {
        property(head);
      }
    }
    if (!shown.relationship.empty()) {
      field("Parent Relationship", json_string(shown.relationship));
    }
    if (!shown.subplan_name.empty()) {
      field("Subplan Name", json_string(shown.subplan_name));
    }
    field("Parallel Aware", "false");
    field("Async Capable", "false");
    for (const ExplainNode::Property& head : shown.head) {
      if (head.name != "Strategy" && head.name != "Operation") {
        property(head);
      }
    }
    numbers(*shown.node);
    for (const ExplainNode::Property& shown_property : shown.properties) {
      property(shown_property);
    }
    if (!shown.children.empty()) {
      field("Plans", "[");
      for (std::size_t i = 0; i < shown.children.size(); ++i) {
        out_ += (i == 0 ? "\n" : ",\n") + std::string(indent + 4, ' ');
        node(shown.children[i], indent + 4);
      }
      out_ += "\n" + std::string(indent + 2, ' ') + "]";
    }
    out_ += "\n" + std::string(indent, ' ') + "}";
    indent_ = indent;
    first_ = false;
  }

  const ExplainOptions& options_;
  const ExecutionState* analyzed_;
  std::string out_;
  std::size_t indent_ = 0;
  bool first_ = true;
};

}  // namespace

std::vector<std::string> explain(const Plan& plan, const ExplainOptions& options,
                                 ExecutionState* analyzed) {
  if (analyzed != nullptr && !analyzed->instrument) {
    internal_error("EXPLAIN ANALYZE of an execution that was not instrumented");
  }
  const ExplainNode root = make_explain_tree(plan, options, analyzed);
  if (options.format == ExplainOptions::Format::Json) {
    return {JsonWriter(options, analyzed).write(root)};
  }
  std::vector<std::string> lines = TextWriter(options, analyzed).write(root);
  if (options.summary) {
    lines.push_back(fmt::format("Planning Time: {:.3f} ms", options.planning_ms));
    if (analyzed != nullptr) {
      lines.push_back(fmt::format("Execution Time: {:.3f} ms", options.execution_ms));
    }
  }
  return lines;
}

}  // namespace omen::sql
