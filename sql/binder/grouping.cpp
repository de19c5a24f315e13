#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sql/binder/expression_tree.h"
#include "sql/binder/statement_binder.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

/// Looks for columns of a grouped query that are neither grouped nor within an aggregate.
class GroupingCheck {
 public:
  GroupingCheck(const engine::Catalog& catalog, BoundQuery& query)
      : catalog_(catalog), query_(query) {}

  void check(const Expression& expression) { visit(expression, 0); }

 private:
  /// `levels`: how many queries lie between `expression` and the grouped query.
  void visit(const Expression& expression, int levels) {
    if (levels == 0 && expression.kind == ExpressionKind::Aggregate) {
      return;
    }
    if (levels == 0 && is_grouped(expression)) {
      return;
    }
    if (expression.kind == ExpressionKind::Column) {
      visit_column(static_cast<const ColumnExpression&>(expression), levels);
      return;
    }
    for_each_operand(expression, [&](const Expression& operand) { visit(operand, levels); });
    if (expression.kind == ExpressionKind::Subquery) {
      for_each_clause(*static_cast<const SubqueryExpression&>(expression).query, levels + 1,
                      [this](const Expression& inner, int depth) { visit(inner, depth); });
    }
  }

  bool is_grouped(const Expression& expression) const {
    return std::any_of(query_.group_by.begin(), query_.group_by.end(),
                       [&](const Expression* grouped) { return equal(*grouped, expression); });
  }

  void visit_column(const ColumnExpression& column, int levels) {
    if (column.levels_up != levels || column.relation < 0) {
      return;
    }
    for (const Expression* grouped : query_.group_by) {
      if (grouped->kind == ExpressionKind::Column) {
        const auto& other = static_cast<const ColumnExpression&>(*grouped);
        if (other.levels_up == 0 && other.relation == column.relation &&
            other.column == column.column) {
          return;
        }
      }
    }
    const Relation& relation = *query_.relations[static_cast<std::size_t>(column.relation)];
    if (depends_on_key(relation, column.relation)) {
      if (levels > 0) {
        unsupported("a sub-select's use of a column that depends on a grouped primary key",
                    column.location);
      }
      auto* copy = const_cast<ColumnExpression*>(&column);
      query_.group_by.push_back(copy);  // constant within the group: grouping by it changes nothing
      return;
    }
    const std::string name =
        column.column >= 0
            ? fmt::format("{}.{}", relation.alias,
                          relation.columns[static_cast<std::size_t>(column.column)].name)
            : relation.alias;
    throw SqlError(
        sqlstate::kGroupingError,
        levels == 0
            ? fmt::format("column \"{}\" must appear in the GROUP BY clause or be used in an "
                          "aggregate function",
                          name)
            : fmt::format("subquery uses ungrouped column \"{}\" from outer query", name))
        .at(column.location);
  }

  /// Whether the primary key of the relation's table is among the grouping columns.
  bool depends_on_key(const Relation& relation, int position) const {
    if (relation.kind != RelationKind::Table) {
      return false;
    }
    for (const engine::Index* index : catalog_.indexes_of(relation.table->oid)) {
      if (!index->primary) {
        continue;
      }
      bool all = true;
      for (std::size_t i = 0; i < index->key_column_count; ++i) {
        const int key = index->columns[i].column;
        all = all && std::any_of(query_.group_by.begin(), query_.group_by.end(),
                                 [&](const Expression* grouped) {
                                   if (grouped->kind != ExpressionKind::Column) {
                                     return false;
                                   }
                                   const auto& column =
                                       static_cast<const ColumnExpression&>(*grouped);
                                   return column.levels_up == 0 && column.relation == position &&
                                          column.column == key;
                                 });
      }
      return all;
    }
    return false;
  }

  const engine::Catalog& catalog_;
  BoundQuery& query_;
};

}  // namespace

void StatementBinder::check_grouping(BoundQuery& query) {
  GroupingCheck check(state_.catalog(), query);
  for (const BoundTarget& target : query.targets) {
    check.check(*target.expression);
  }
  if (query.having != nullptr) {
    check.check(*query.having);
  }
}

}  // namespace omen::sql
