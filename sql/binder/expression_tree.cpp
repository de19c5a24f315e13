#include "sql/binder/expression_tree.h"

#include <algorithm>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

using Visit = std::function<void(const Expression&)>;

void visit_all(const ExpressionList& list, const Visit& visit) {
  for (const Expression* item : list) {
    visit(*item);
  }
}

template <typename T>
const T& to(const Expression& expression) {
  return static_cast<const T&>(expression);
}

void visit_if(const Expression* expression, const Visit& visit) {
  if (expression != nullptr) {
    visit(*expression);
  }
}

void visit_case(const CaseExpression& expression, const Visit& visit) {
  for (const CaseExpression::When& when : expression.whens) {
    visit(*when.condition);
    visit(*when.result);
  }
  visit(*expression.otherwise);
}

void visit_subscript(const ArraySubscriptExpression& expression, const Visit& visit) {
  visit(*expression.array);
  for (const ArraySubscriptExpression::Index& index : expression.indexes) {
    visit_if(index.lower, visit);
    visit_if(index.upper, visit);
  }
}

void visit_aggregate(const AggregateExpression& expression, const Visit& visit) {
  visit_all(expression.arguments, visit);
  visit_if(expression.filter, visit);
  for (const SortKey& key : expression.order_by) {
    visit(*key.expression);
  }
}

}  // namespace

void for_each_operand(const Expression& expression, const Visit& visit) {
  switch (expression.kind) {
    case ExpressionKind::Constant:
    case ExpressionKind::Parameter:
    case ExpressionKind::Column:
      return;
    case ExpressionKind::Call:
      return visit_all(to<CallExpression>(expression).arguments, visit);
    case ExpressionKind::AnyAll:
      visit(*to<AnyAllExpression>(expression).left);
      return visit(*to<AnyAllExpression>(expression).right);
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
      return visit_all(to<BooleanExpression>(expression).arguments, visit);
    case ExpressionKind::IsNull:
      return visit(*to<IsNullExpression>(expression).operand);
    case ExpressionKind::BooleanTest:
      return visit(*to<BooleanTestExpression>(expression).operand);
    case ExpressionKind::IsDistinct:
      visit(*to<IsDistinctExpression>(expression).left);
      return visit(*to<IsDistinctExpression>(expression).right);
    case ExpressionKind::NullIf:
      visit(*to<NullIfExpression>(expression).left);
      return visit(*to<NullIfExpression>(expression).right);
    case ExpressionKind::Case:
      return visit_case(to<CaseExpression>(expression), visit);
    case ExpressionKind::Coalesce:
      return visit_all(to<CoalesceExpression>(expression).arguments, visit);
    case ExpressionKind::MinMax:
      return visit_all(to<MinMaxExpression>(expression).arguments, visit);
    case ExpressionKind::ArrayConstruct:
      return visit_all(to<ArrayConstructExpression>(expression).elements, visit);
    case ExpressionKind::ArraySubscript:
      return visit_subscript(to<ArraySubscriptExpression>(expression), visit);
    case ExpressionKind::Row:
      return visit_all(to<RowExpression>(expression).fields, visit);
    case ExpressionKind::Subquery:
      return visit_all(to<SubqueryExpression>(expression).left, visit);
    case ExpressionKind::Aggregate:
      return visit_aggregate(to<AggregateExpression>(expression), visit);
    case ExpressionKind::InputOutputCast:
      return visit(*to<InputOutputCastExpression>(expression).operand);
    case ExpressionKind::ArrayCast:
      return visit(*to<ArrayCastExpression>(expression).operand);
    case ExpressionKind::Relabel:
      return visit(*to<RelabelExpression>(expression).operand);
    case ExpressionKind::SetCall:
      return visit_all(to<SetCallExpression>(expression).arguments, visit);
  }
  internal_error("unknown kind of bound expression");
}

namespace {

using VisitClause = std::function<void(const Expression&, int)>;

void visit_join_tree(const JoinTree* tree, int levels, const VisitClause& visit) {
  if (tree == nullptr || tree->relation >= 0) {
    return;
  }
  visit_join_tree(tree->left, levels, visit);
  visit_join_tree(tree->right, levels, visit);
  if (tree->condition != nullptr) {
    visit(*tree->condition, levels);
  }
}

void visit_relation(const Relation& relation, int levels, const VisitClause& visit) {
  if (relation.query != nullptr) {
    for_each_clause(*relation.query, levels + 1, visit);
  }
  for (const SetCallExpression* call : relation.functions) {
    visit(*call, levels);
  }
  if (relation.scalar_function != nullptr) {
    visit(*relation.scalar_function, levels);
  }
  for (const ExpressionList& row : relation.values) {
    for (const Expression* value : row) {
      visit(*value, levels);
    }
  }
}

void visit_list(const ExpressionList& list, int levels, const VisitClause& visit) {
  for (const Expression* item : list) {
    if (item != nullptr) {
      visit(*item, levels);
    }
  }
}

}  // namespace

void for_each_clause(const BoundQuery& query, int levels, const VisitClause& visit) {
  for (const CommonTable* table : query.ctes) {
    for_each_clause(*table->query, levels + 1, visit);
  }
  for (const Relation* relation : query.relations) {
    visit_relation(*relation, levels, visit);
  }
  visit_join_tree(query.from, levels, visit);
  visit_list({query.where, query.having, query.limit, query.offset}, levels, visit);
  visit_list(query.group_by, levels, visit);
  for (const BoundTarget& target : query.targets) {
    visit(*target.expression, levels);
  }
  for (const BoundQuery* arm : {query.left, query.right}) {
    if (arm != nullptr) {
      for_each_clause(*arm, levels + 1, visit);
    }
  }
  for (const ExpressionList& row : query.values) {
    visit_list(row, levels, visit);
  }
}

namespace {

bool equal_lists(const ExpressionList& a, const ExpressionList& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Expression* x, const Expression* y) { return equal(*x, *y); });
}

/// The parts of a node that are not operands.
bool equal_own_parts(const Expression& a, const Expression& b) {
  switch (a.kind) {
    case ExpressionKind::Constant:
      return to<ConstantExpression>(a).value == to<ConstantExpression>(b).value;
    case ExpressionKind::Parameter:
      return to<ParameterExpression>(a).number == to<ParameterExpression>(b).number;
    case ExpressionKind::Column: {
      const auto& x = to<ColumnExpression>(a);
      const auto& y = to<ColumnExpression>(b);
      return x.levels_up == y.levels_up && x.relation == y.relation && x.column == y.column;
    }
    case ExpressionKind::Call:
      return to<CallExpression>(a).function == to<CallExpression>(b).function;
    case ExpressionKind::AnyAll: {
      const auto& x = to<AnyAllExpression>(a);
      const auto& y = to<AnyAllExpression>(b);
      return x.operator_def == y.operator_def && x.all == y.all;
    }
    case ExpressionKind::IsNull:
      return to<IsNullExpression>(a).negated == to<IsNullExpression>(b).negated;
    case ExpressionKind::BooleanTest:
      return to<BooleanTestExpression>(a).test == to<BooleanTestExpression>(b).test;
    case ExpressionKind::IsDistinct: {
      const auto& x = to<IsDistinctExpression>(a);
      const auto& y = to<IsDistinctExpression>(b);
      return x.equality == y.equality && x.negated == y.negated;
    }
    case ExpressionKind::NullIf:
      return to<NullIfExpression>(a).equality == to<NullIfExpression>(b).equality;
    case ExpressionKind::MinMax:
      return to<MinMaxExpression>(a).greatest == to<MinMaxExpression>(b).greatest;
    case ExpressionKind::Subquery:
      return &a == &b;
    case ExpressionKind::Aggregate: {
      const auto& x = to<AggregateExpression>(a);
      const auto& y = to<AggregateExpression>(b);
      return x.aggregate == y.aggregate && x.distinct == y.distinct &&
             x.order_by.size() == y.order_by.size() &&
             (x.filter == nullptr) == (y.filter == nullptr) &&
             std::equal(x.order_by.begin(), x.order_by.end(), y.order_by.begin(),
                        [](const SortKey& p, const SortKey& q) {
                          return p.descending == q.descending && p.nulls_first == q.nulls_first;
                        });
    }
    case ExpressionKind::ArraySubscript: {
      const auto& x = to<ArraySubscriptExpression>(a).indexes;
      const auto& y = to<ArraySubscriptExpression>(b).indexes;
      return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& p, const auto& q) {
        return p.slice == q.slice && (p.lower == nullptr) == (q.lower == nullptr) &&
               (p.upper == nullptr) == (q.upper == nullptr);
      });
    }
    case ExpressionKind::ArrayCast:
      return equal(*to<ArrayCastExpression>(a).element_cast,
                   *to<ArrayCastExpression>(b).element_cast);
    case ExpressionKind::SetCall:
      return to<SetCallExpression>(a).function == to<SetCallExpression>(b).function;
    default:
      return true;
  }
}

}  // namespace

bool equal(const Expression& a, const Expression& b) {
  if (&a == &b) {
    return true;
  }
  if (a.kind != b.kind || !(a.type == b.type) || !equal_own_parts(a, b)) {
    return false;
  }
  ExpressionList left;
  ExpressionList right;
  for_each_operand(a, [&](const Expression& e) { left.push_back(const_cast<Expression*>(&e)); });
  for_each_operand(b, [&](const Expression& e) { right.push_back(const_cast<Expression*>(&e)); });
  return equal_lists(left, right);
}

Expression* raised(engine::Arena& arena, Expression& expression, int levels) {
  if (levels == 0) {
    return &expression;
  }
  switch (expression.kind) {
    case ExpressionKind::Column: {
      auto* copy = arena.make<ColumnExpression>(to<ColumnExpression>(expression));
      copy->levels_up += levels;
      return copy;
    }
    case ExpressionKind::Call: {
      auto* copy = arena.make<CallExpression>(to<CallExpression>(expression));
      for (Expression*& argument : copy->arguments) {
        argument = raised(arena, *argument, levels);
      }
      return copy;
    }
    case ExpressionKind::Coalesce: {
      auto* copy = arena.make<CoalesceExpression>(to<CoalesceExpression>(expression));
      for (Expression*& argument : copy->arguments) {
        argument = raised(arena, *argument, levels);
      }
      return copy;
    }
    case ExpressionKind::Relabel: {
      auto* copy = arena.make<RelabelExpression>(to<RelabelExpression>(expression));
      copy->operand = raised(arena, *copy->operand, levels);
      return copy;
    }
    case ExpressionKind::InputOutputCast: {
      auto* copy = arena.make<InputOutputCastExpression>(to<InputOutputCastExpression>(expression));
      copy->operand = raised(arena, *copy->operand, levels);
      return copy;
    }
    case ExpressionKind::ArrayCast: {
      auto* copy = arena.make<ArrayCastExpression>(to<ArrayCastExpression>(expression));
      copy->operand = raised(arena, *copy->operand, levels);
      return copy;
    }
    case ExpressionKind::Constant:
      return &expression;
    default:
      internal_error("a merged column of an unexpected kind");
  }
}

int start_of(const Expression& expression) {
  int start = expression.location;
  switch (expression.kind) {
    case ExpressionKind::Call:
    case ExpressionKind::SetCall:
    case ExpressionKind::AnyAll:
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
    case ExpressionKind::IsNull:
    case ExpressionKind::BooleanTest:
    case ExpressionKind::IsDistinct:
    case ExpressionKind::NullIf:
    case ExpressionKind::Subquery:
    case ExpressionKind::Relabel:
    case ExpressionKind::InputOutputCast:
    case ExpressionKind::ArrayCast:
      for_each_operand(expression, [&](const Expression& operand) {
        const int inner = start_of(operand);
        start = start < 0 ? inner : inner < 0 ? start : std::min(start, inner);
      });
      return start;
    default:
      return start;
  }
}

bool contains_own_column(const Expression& expression) {
  if (expression.kind == ExpressionKind::Column) {
    return to<ColumnExpression>(expression).levels_up == 0;
  }
  bool found = false;
  for_each_operand(expression, [&](const Expression& operand) {
    found = found || contains_own_column(operand);
  });
  return found;
}

}  // namespace omen::sql
