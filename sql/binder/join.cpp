#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// The columns a join shows: those of its items whose columns are visible.
std::vector<VisibleColumn> visible_columns(const std::vector<NamespaceItem>& items) {
  std::vector<VisibleColumn> out;
  for (const NamespaceItem& item : items) {
    if (item.columns_visible) {
      out.insert(out.end(), item.columns.begin(), item.columns.end());
    }
  }
  return out;
}

/// The one column of that name; 42703 or 42702 naming the side.
const VisibleColumn& using_column(const std::vector<VisibleColumn>& columns,
                                  const std::string& name, std::string_view side) {
  const VisibleColumn* found = nullptr;
  for (const VisibleColumn& column : columns) {
    if (column.name != name) {
      continue;
    }
    if (found != nullptr) {
      throw SqlError(
          sqlstate::kAmbiguousColumn,
          fmt::format("common column name \"{}\" appears more than once in {} table", name, side));
    }
    found = &column;
  }
  if (found == nullptr) {
    throw SqlError(sqlstate::kUndefinedColumn,
                   fmt::format("column \"{}\" specified in USING clause does not exist in {} table",
                               name, side));
  }
  return *found;
}

std::vector<std::string> common_names(const std::vector<VisibleColumn>& left,
                                      const std::vector<VisibleColumn>& right) {
  std::vector<std::string> out;
  for (const VisibleColumn& column : left) {
    if (std::any_of(right.begin(), right.end(),
                    [&](const VisibleColumn& other) { return other.name == column.name; })) {
      out.push_back(column.name);
    }
  }
  return out;
}

}  // namespace

StatementBinder::FromResult StatementBinder::from_join(const ast::FromJoin& node) {
  FromResult left = from_item(*node.left);
  const std::size_t outer_count = scope_->items.size();
  scope_->items.insert(scope_->items.end(), left.items.begin(), left.items.end());
  FromResult right = from_item(*node.right);
  scope_->items.resize(outer_count);
  check_alias(left.items, right.items);

  FromResult out;
  out.tree = state_.make<JoinTree>();
  out.tree->type = node.type;
  out.tree->left = left.tree;
  out.tree->right = right.tree;
  NamespaceItem merged;
  const bool has_merged = node.natural || !node.using_columns.empty();
  if (has_merged) {
    merged = using_columns(node, *out.tree, left, right);
  }
  out.items = std::move(left.items);
  out.items.insert(out.items.end(), std::make_move_iterator(right.items.begin()),
                   std::make_move_iterator(right.items.end()));
  if (node.condition != nullptr) {
    std::vector<NamespaceItem> hidden = std::exchange(scope_->items, out.items);
    const bool building = std::exchange(scope_->building_from, false);
    {
      const PlaceGuard place(*this, Place::Join);
      out.tree->condition = to_boolean(bind(*node.condition), "JOIN/ON");
    }
    scope_->building_from = building;
    scope_->items = std::move(hidden);
  }
  if (!has_merged && node.alias.empty()) {
    return out;
  }
  if (!has_merged) {
    merged.columns = visible_columns(out.items);
  }
  for (NamespaceItem& item : out.items) {
    item.columns_visible = false;
    item.alias_visible = item.alias_visible && node.alias.empty();
  }
  merged.alias = node.alias;
  merged.alias_visible = !node.alias.empty();
  for (std::size_t i = 0; i < node.column_aliases.size() && i < merged.columns.size(); ++i) {
    merged.columns[i].name = node.column_aliases[i];
  }
  out.items.push_back(std::move(merged));
  return out;
}

/// Joins on equal columns; they come first in what the join shows, once each.
NamespaceItem StatementBinder::using_columns(const ast::FromJoin& node, JoinTree& tree,
                                             FromResult& left, FromResult& right) {
  const std::vector<VisibleColumn> left_columns = visible_columns(left.items);
  const std::vector<VisibleColumn> right_columns = visible_columns(right.items);
  const std::vector<std::string> names =
      node.natural ? common_names(left_columns, right_columns) : node.using_columns;
  NamespaceItem out;
  ExpressionList conditions;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw SqlError(
          sqlstate::kDuplicateColumn,
          fmt::format("column name \"{}\" appears more than once in USING clause", names[i]));
    }
    Expression* l = using_column(left_columns, names[i], "left").expression;
    Expression* r = using_column(right_columns, names[i], "right").expression;
    conditions.push_back(to_boolean(make_operator({"="}, l, r, -1), "JOIN/USING"));
    const ExpressionList both{l, r};
    const Oid common = common_type(state_, both, "JOIN/USING");
    const Type type{common, common_modifier(both, common)};
    Expression* from_left = coerce_to_common(state_, l, type, "JOIN/USING");
    Expression* from_right = coerce_to_common(state_, r, type, "JOIN/USING");
    Expression* merged = from_left;
    if (node.type == ast::JoinType::Right ||
        (node.type == ast::JoinType::Inner && from_left != l && from_right == r)) {
      merged = from_right;
    } else if (node.type == ast::JoinType::Full) {
      auto* coalesce = state_.make<CoalesceExpression>(type);
      coalesce->arguments = {from_left, from_right};
      merged = coalesce;
    }
    out.columns.push_back({names[i], merged});
  }
  for (const std::vector<VisibleColumn>* side : {&left_columns, &right_columns}) {
    for (const VisibleColumn& column : *side) {
      if (std::find(names.begin(), names.end(), column.name) == names.end()) {
        out.columns.push_back(column);
      }
    }
  }
  if (conditions.size() == 1) {
    tree.condition = conditions[0];
  } else if (!conditions.empty()) {
    tree.condition = make_boolean(ExpressionKind::And, std::move(conditions), -1);
  }
  return out;
}

}  // namespace omen::sql
