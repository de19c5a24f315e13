#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

const ast::ColumnRef* plain_name(const ast::Expr& node) {
  if (node.kind != ast::ExprKind::ColumnRef) {
    return nullptr;
  }
  const auto& reference = ast::as<ast::ColumnRef>(node);
  return reference.names.size() == 1 && !reference.star ? &reference : nullptr;
}

}  // namespace

bool StatementBinder::names_input_column(const std::string& name) {
  for (const NamespaceItem& item : scope_->items) {
    if (item.columns_visible &&
        std::any_of(item.columns.begin(), item.columns.end(),
                    [&](const VisibleColumn& column) { return column.name == name; })) {
      return true;
    }
  }
  return false;
}

/// SQL92's ways to name an output column: its position or its name. -1: neither.
int StatementBinder::position_or_name(const ast::Expr& node, BoundQuery& out,
                                      std::string_view clause) {
  if (const ast::ColumnRef* reference = plain_name(node); reference != nullptr) {
    const std::string& name = reference->names[0];
    if (clause == "GROUP BY" && names_input_column(name)) {
      return -1;
    }
    int found = -1;
    for (std::size_t i = 0; i < out.targets.size(); ++i) {
      if (out.targets[i].hidden || out.targets[i].name != name) {
        continue;
      }
      if (found >= 0 && !equal(*out.targets[static_cast<std::size_t>(found)].expression,
                               *out.targets[i].expression)) {
        throw SqlError(sqlstate::kAmbiguousColumn,
                       fmt::format("{} \"{}\" is ambiguous", clause, name))
            .at(node.location);
      }
      if (found < 0) {
        found = static_cast<int>(i);
      }
    }
    return found;
  }
  if (node.kind != ast::ExprKind::Constant) {
    return -1;
  }
  const auto& constant = ast::as<ast::Constant>(node);
  if (constant.type != ast::Constant::Kind::Integer) {
    throw SqlError(sqlstate::kSyntaxError, fmt::format("non-integer constant in {}", clause))
        .at(node.location);
  }
  if (constant.integer < 1 || constant.integer > static_cast<std::int64_t>(visible_count(out))) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   fmt::format("{} position {} is not in select list", clause, constant.integer))
        .at(node.location);
  }
  return static_cast<int>(constant.integer - 1);
}

/// The target with this expression, or a new hidden one.
int StatementBinder::add_target(Expression* expression, BoundQuery& out) {
  for (std::size_t i = 0; i < out.targets.size(); ++i) {
    if (equal(*out.targets[i].expression, *expression)) {
      return static_cast<int>(i);
    }
  }
  BoundTarget target;
  target.expression = expression;
  target.name = "?column?";
  target.hidden = true;
  out.targets.push_back(std::move(target));
  return static_cast<int>(out.targets.size() - 1);
}

int StatementBinder::find_target(const ast::Expr& node, BoundQuery& out, std::string_view clause) {
  int found = position_or_name(node, out, clause);
  if (found < 0) {
    if (out.kind != QueryKind::Select) {
      if (const ast::ColumnRef* reference = plain_name(node); reference != nullptr) {
        throw SqlError(sqlstate::kUndefinedColumn,
                       fmt::format("column \"{}\" does not exist", reference->names[0]))
            .at(node.location);
      }
      throw SqlError(sqlstate::kFeatureNotSupported,
                     out.kind == QueryKind::Values
                         ? "invalid VALUES ORDER BY clause"
                         : "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
          .detail("Only result column names can be used, not expressions or functions.")
          .hint(
              "Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
          .at(node.location);
    }
    found = add_target(resolve_unknown(state_, bind(node)), out);
  }
  BoundTarget& target = out.targets[static_cast<std::size_t>(found)];
  if (is_unknown(*target.expression)) {
    coerce_column(out, static_cast<std::size_t>(found),
                  {{type_oid::kText, -1}, CastContext::Implicit, -1});
  }
  return found;
}

BoundQuery::OrderBy StatementBinder::sort_direction(const ast::SortBy& node, Oid type) const {
  BoundQuery::OrderBy out;
  out.descending = node.descending;
  if (!node.using_operator.empty()) {
    const std::string& symbol = node.using_operator.back();
    if (symbol != "<" && symbol != ">") {
      throw SqlError(sqlstate::kWrongObjectType,
                     fmt::format("operator {} is not a valid ordering operator", symbol))
          .hint("Ordering operators must be \"<\" or \">\" members of btree operator families.")
          .at(node.location);
    }
    out.descending = symbol == ">";
  }
  out.nulls_first = node.nulls_first.value_or(out.descending);
  if (!is_orderable(type)) {
    throw SqlError(
        sqlstate::kUndefinedFunction,
        fmt::format("could not identify an ordering operator for type {}", type_text(type)))
        .hint("Use an explicit ordering operator or modify the query.")
        .at(node.location);
  }
  return out;
}

void StatementBinder::bind_order_by(const ast::SelectStatement& node, BoundQuery& out) {
  const PlaceGuard place(*this, Place::OrderBy);
  for (const ast::SortBy* sort : node.order_by) {
    const int target = find_target(*sort->expression, out, "ORDER BY");
    BoundQuery::OrderBy key =
        sort_direction(*sort, out.targets[static_cast<std::size_t>(target)].expression->type.oid);
    key.target = target;
    const bool repeated =
        std::any_of(out.order_by.begin(), out.order_by.end(),
                    [&](const BoundQuery::OrderBy& other) { return other.target == target; });
    if (!repeated) {
      out.order_by.push_back(key);
    }
  }
}

void StatementBinder::bind_group_by(const ast::SelectStatement& node, BoundQuery& out) {
  const PlaceGuard place(*this, Place::GroupBy);
  for (const ast::Expr* item : node.group_by) {
    const int position = position_or_name(*item, out, "GROUP BY");
    Expression* expression = nullptr;
    if (position >= 0) {
      const auto index = static_cast<std::size_t>(position);
      if (is_unknown(*out.targets[index].expression)) {
        coerce_column(out, index, {{type_oid::kText, -1}, CastContext::Implicit, -1});
      }
      expression = out.targets[index].expression;
      if (expression->kind == ExpressionKind::Aggregate) {
        throw SqlError(sqlstate::kGroupingError, "aggregate functions are not allowed in GROUP BY")
            .at(start_of(*expression));
      }
    } else {
      expression = resolve_unknown(state_, bind(*item));
    }
    if (!is_orderable(expression->type.oid)) {
      throw SqlError(sqlstate::kUndefinedFunction,
                     fmt::format("could not identify an equality operator for type {}",
                                 type_text(expression->type.oid)))
          .at(item->location);
    }
    const bool repeated =
        std::any_of(out.group_by.begin(), out.group_by.end(),
                    [&](const Expression* other) { return equal(*other, *expression); });
    if (!repeated) {
      out.group_by.push_back(expression);
    }
  }
}

void StatementBinder::bind_distinct(const ast::SelectStatement& node, BoundQuery& out) {
  if (!node.distinct) {
    return;
  }
  if (node.distinct_on.empty()) {
    out.distinct = true;
    resolve_unknown_targets(out);
    for (const BoundTarget& target : out.targets) {
      if (target.hidden) {
        throw SqlError(sqlstate::kInvalidColumnReference,
                       "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
            .at(start_of(*target.expression));
      }
      if (!is_orderable(target.expression->type.oid)) {
        throw SqlError(sqlstate::kUndefinedFunction,
                       fmt::format("could not identify an equality operator for type {}",
                                   type_text(target.expression->type.oid)))
            .at(start_of(*target.expression));
      }
    }
    return;
  }
  const PlaceGuard place(*this, Place::DistinctOn);
  for (const ast::Expr* item : node.distinct_on) {
    const int target = find_target(*item, out, "SELECT DISTINCT ON");
    if (std::find(out.distinct_on.begin(), out.distinct_on.end(), target) ==
        out.distinct_on.end()) {
      out.distinct_on.push_back(target);
    }
  }
  bool other_key = false;  // the ORDER BY keys must begin with the DISTINCT ON expressions
  std::size_t matched = 0;
  for (const BoundQuery::OrderBy& key : out.order_by) {
    const bool in_list = std::find(out.distinct_on.begin(), out.distinct_on.end(), key.target) !=
                         out.distinct_on.end();
    if (in_list && other_key) {
      throw SqlError(sqlstate::kInvalidColumnReference,
                     "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
          .at(start_of(*out.targets[static_cast<std::size_t>(key.target)].expression));
    }
    other_key = other_key || !in_list;
    matched += in_list ? 1 : 0;
  }
  if (other_key && matched < out.distinct_on.size()) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
        .at(node.distinct_on[0]->location);
  }
}

}  // namespace omen::sql
