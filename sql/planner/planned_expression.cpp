#include "sql/planner/planned_expression.h"

#include <utility>

#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

template <typename T>
Expression* copy_as(engine::Arena& arena, const Expression& expression) {
  return arena.make<T>(static_cast<const T&>(expression));
}

template <typename T, typename E>
auto& as(E& expression) {
  if constexpr (std::is_const_v<E>) {
    return static_cast<const T&>(expression);
  } else {
    return static_cast<T&>(expression);
  }
}

/// E is Expression or const Expression; visits `Expression*&` or `Expression* const&`.
template <typename E, typename Visit>
void visit_children(E& e, const Visit& visit) {
  auto optional = [&](auto& child) {
    if (child != nullptr) {
      visit(child);
    }
  };
  auto list = [&](auto& children) {
    for (auto& child : children) {
      visit(child);
    }
  };
  switch (e.kind) {
    case ExpressionKind::Constant:
    case ExpressionKind::Parameter:
    case ExpressionKind::Column:
      break;
    case ExpressionKind::Call:
      list(as<CallExpression>(e).arguments);
      break;
    case ExpressionKind::AnyAll:
      visit(as<AnyAllExpression>(e).left);
      visit(as<AnyAllExpression>(e).right);
      break;
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
      list(as<BooleanExpression>(e).arguments);
      break;
    case ExpressionKind::IsNull:
      visit(as<IsNullExpression>(e).operand);
      break;
    case ExpressionKind::BooleanTest:
      visit(as<BooleanTestExpression>(e).operand);
      break;
    case ExpressionKind::IsDistinct:
      visit(as<IsDistinctExpression>(e).left);
      visit(as<IsDistinctExpression>(e).right);
      break;
    case ExpressionKind::NullIf:
      visit(as<NullIfExpression>(e).left);
      visit(as<NullIfExpression>(e).right);
      break;
    case ExpressionKind::Case:
      for (auto& when : as<CaseExpression>(e).whens) {
        visit(when.condition);
        visit(when.result);
      }
      optional(as<CaseExpression>(e).otherwise);
      break;
    case ExpressionKind::Coalesce:
      list(as<CoalesceExpression>(e).arguments);
      break;
    case ExpressionKind::MinMax:
      list(as<MinMaxExpression>(e).arguments);
      break;
    case ExpressionKind::ArrayConstruct:
      list(as<ArrayConstructExpression>(e).elements);
      break;
    case ExpressionKind::ArraySubscript:
      visit(as<ArraySubscriptExpression>(e).array);
      for (auto& index : as<ArraySubscriptExpression>(e).indexes) {
        optional(index.lower);
        optional(index.upper);
      }
      break;
    case ExpressionKind::Row:
      list(as<RowExpression>(e).fields);
      break;
    case ExpressionKind::Subquery:
      list(as<SubqueryExpression>(e).left);
      list(as<PlannedSubquery>(e).arguments);
      break;
    case ExpressionKind::Aggregate:
      list(as<AggregateExpression>(e).arguments);
      optional(as<AggregateExpression>(e).filter);
      for (auto& key : as<AggregateExpression>(e).order_by) {
        visit(key.expression);
      }
      break;
    case ExpressionKind::InputOutputCast:
      visit(as<InputOutputCastExpression>(e).operand);
      break;
    case ExpressionKind::ArrayCast:
      visit(as<ArrayCastExpression>(e).operand);
      break;
    case ExpressionKind::Relabel:
      visit(as<RelabelExpression>(e).operand);
      break;
    case ExpressionKind::SetCall:
      list(as<SetCallExpression>(e).arguments);
      break;
  }
}

bool equal_lists(const std::vector<const Expression*>& a, const std::vector<const Expression*>& b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same_value(*a[i], *b[i])) {
      return false;
    }
  }
  return true;
}

std::vector<const Expression*> children_of(const Expression& e) {
  std::vector<const Expression*> children;
  for_each_child(e, [&](const Expression& child) { children.push_back(&child); });
  return children;
}

/// What distinguishes two nodes of one kind and type beside their children.
bool equal_shallow(const Expression& a, const Expression& b) {
  switch (a.kind) {
    case ExpressionKind::Constant:
      return as<ConstantExpression>(a).value == as<ConstantExpression>(b).value;
    case ExpressionKind::Parameter:
      return as<ParameterExpression>(a).number == as<ParameterExpression>(b).number;
    case ExpressionKind::Column: {
      const auto& left = as<PlannedColumn>(a);
      const auto& right = as<PlannedColumn>(b);
      if (left.source != right.source) {
        return false;
      }
      return left.source == PlannedColumn::Source::Leaf
                 ? left.relation == right.relation && left.column == right.column
                 : left.position == right.position;
    }
    case ExpressionKind::Call:
      return as<CallExpression>(a).function == as<CallExpression>(b).function;
    case ExpressionKind::AnyAll:
      return as<AnyAllExpression>(a).operator_def == as<AnyAllExpression>(b).operator_def &&
             as<AnyAllExpression>(a).all == as<AnyAllExpression>(b).all;
    case ExpressionKind::IsNull:
      return as<IsNullExpression>(a).negated == as<IsNullExpression>(b).negated;
    case ExpressionKind::BooleanTest:
      return as<BooleanTestExpression>(a).test == as<BooleanTestExpression>(b).test;
    case ExpressionKind::IsDistinct:
      return as<IsDistinctExpression>(a).negated == as<IsDistinctExpression>(b).negated &&
             as<IsDistinctExpression>(a).equality == as<IsDistinctExpression>(b).equality;
    case ExpressionKind::NullIf:
      return as<NullIfExpression>(a).equality == as<NullIfExpression>(b).equality;
    case ExpressionKind::Case:
      return as<CaseExpression>(a).whens.size() == as<CaseExpression>(b).whens.size();
    case ExpressionKind::MinMax:
      return as<MinMaxExpression>(a).greatest == as<MinMaxExpression>(b).greatest;
    case ExpressionKind::ArraySubscript: {
      const auto& left = as<ArraySubscriptExpression>(a).indexes;
      const auto& right = as<ArraySubscriptExpression>(b).indexes;
      if (left.size() != right.size()) {
        return false;
      }
      for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].slice != right[i].slice ||
            (left[i].lower == nullptr) != (right[i].lower == nullptr)) {
          return false;
        }
      }
      return true;
    }
    case ExpressionKind::Subquery:
      return as<SubqueryExpression>(a).query == as<SubqueryExpression>(b).query;
    case ExpressionKind::Aggregate: {
      const auto& left = as<AggregateExpression>(a);
      const auto& right = as<AggregateExpression>(b);
      bool same = left.aggregate == right.aggregate && left.distinct == right.distinct &&
                  left.star == right.star &&
                  (left.filter == nullptr) == (right.filter == nullptr) &&
                  left.order_by.size() == right.order_by.size();
      for (std::size_t i = 0; same && i < left.order_by.size(); ++i) {
        same = left.order_by[i].descending == right.order_by[i].descending &&
               left.order_by[i].nulls_first == right.order_by[i].nulls_first;
      }
      return same;
    }
    case ExpressionKind::ArrayCast:
      return same_value(*as<ArrayCastExpression>(a).element_cast,
                        *as<ArrayCastExpression>(b).element_cast);
    case ExpressionKind::SetCall:
      return &a == &b;
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
    case ExpressionKind::Coalesce:
    case ExpressionKind::ArrayConstruct:
    case ExpressionKind::Row:
    case ExpressionKind::InputOutputCast:
    case ExpressionKind::Relabel:
      return true;
  }
  return false;
}

}  // namespace

Expression* shallow_copy(engine::Arena& arena, const Expression& e) {
  switch (e.kind) {
    case ExpressionKind::Constant:
      return copy_as<ConstantExpression>(arena, e);
    case ExpressionKind::Parameter:
      return copy_as<ParameterExpression>(arena, e);
    case ExpressionKind::Column:
      return copy_as<PlannedColumn>(arena, e);
    case ExpressionKind::Call:
      return copy_as<CallExpression>(arena, e);
    case ExpressionKind::AnyAll:
      return copy_as<AnyAllExpression>(arena, e);
    case ExpressionKind::And:
    case ExpressionKind::Or:
    case ExpressionKind::Not:
      return copy_as<BooleanExpression>(arena, e);
    case ExpressionKind::IsNull:
      return copy_as<IsNullExpression>(arena, e);
    case ExpressionKind::BooleanTest:
      return copy_as<BooleanTestExpression>(arena, e);
    case ExpressionKind::IsDistinct:
      return copy_as<IsDistinctExpression>(arena, e);
    case ExpressionKind::NullIf:
      return copy_as<NullIfExpression>(arena, e);
    case ExpressionKind::Case:
      return copy_as<CaseExpression>(arena, e);
    case ExpressionKind::Coalesce:
      return copy_as<CoalesceExpression>(arena, e);
    case ExpressionKind::MinMax:
      return copy_as<MinMaxExpression>(arena, e);
    case ExpressionKind::ArrayConstruct:
      return copy_as<ArrayConstructExpression>(arena, e);
    case ExpressionKind::ArraySubscript:
      return copy_as<ArraySubscriptExpression>(arena, e);
    case ExpressionKind::Row:
      return copy_as<RowExpression>(arena, e);
    case ExpressionKind::Subquery:
      return copy_as<PlannedSubquery>(arena, e);
    case ExpressionKind::Aggregate:
      return copy_as<AggregateExpression>(arena, e);
    case ExpressionKind::InputOutputCast:
      return copy_as<InputOutputCastExpression>(arena, e);
    case ExpressionKind::ArrayCast:
      return copy_as<ArrayCastExpression>(arena, e);
    case ExpressionKind::Relabel:
      return copy_as<RelabelExpression>(arena, e);
    case ExpressionKind::SetCall:
      return copy_as<SetCallExpression>(arena, e);
  }
  internal_error("unknown expression kind");
}

void for_each_child(Expression& expression, const std::function<void(Expression*&)>& visit) {
  visit_children(expression, [&](Expression*& child) { visit(child); });
}

void for_each_child(const Expression& expression,
                    const std::function<void(const Expression&)>& visit) {
  visit_children(expression, [&](Expression* const& child) { visit(*child); });
}

Expression* transform(engine::Arena& arena, const Expression& expression,
                      const Replacement& replace) {
  if (Expression* replaced = replace(expression); replaced != nullptr) {
    return replaced;
  }
  Expression* copy = shallow_copy(arena, expression);
  for_each_child(*copy, [&](Expression*& child) { child = transform(arena, *child, replace); });
  return copy;
}

bool same_value(const Expression& a, const Expression& b) {
  if (&a == &b) {
    return true;
  }
  return a.kind == b.kind && a.type == b.type && equal_shallow(a, b) &&
         equal_lists(children_of(a), children_of(b));
}

bool any_of(const Expression& expression, const std::function<bool(const Expression&)>& test) {
  if (test(expression)) {
    return true;
  }
  bool found = false;
  for_each_child(expression,
                 [&](const Expression& child) { found = found || any_of(child, test); });
  return found;
}

bool is_volatile(const Expression& expression) {
  return any_of(expression, [](const Expression& e) {
    if (e.kind == ExpressionKind::Call) {
      return as<CallExpression>(e).function->volatility == Volatility::Volatile;
    }
    return e.kind == ExpressionKind::SetCall &&
           as<SetCallExpression>(e).function->volatility == Volatility::Volatile;
  });
}

const Expression& strip_relabel(const Expression& expression) {
  const Expression* e = &expression;
  while (e->kind == ExpressionKind::Relabel) {
    e = as<RelabelExpression>(*e).operand;
  }
  return *e;
}

}  // namespace omen::sql
