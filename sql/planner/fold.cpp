#include <algorithm>

#include "sql/error/sql_error.h"
#include "sql/exec/expression/evaluator.h"
#include "sql/planner/plan_context.h"

namespace omen::sql {
namespace {

bool is_constant(const Expression& e) {
  return e.kind == ExpressionKind::Constant;
}

/// Whether a node's value follows from its (constant) children alone.
bool is_foldable(const Expression& e) {
  switch (e.kind) {
    case ExpressionKind::Call: {
      const auto& call = static_cast<const CallExpression&>(e);
      return call.function->volatility == Volatility::Immutable && call.function->body != nullptr;
    }
    case ExpressionKind::Not:
    case ExpressionKind::IsNull:
    case ExpressionKind::BooleanTest:
    case ExpressionKind::Relabel:
    case ExpressionKind::ArrayConstruct:
      return true;
    default:
      return false;
  }
}

bool is_boolean(const Expression& e, bool value) {
  if (!is_constant(e)) {
    return false;
  }
  const auto* held = std::get_if<bool>(&static_cast<const ConstantExpression&>(e).value);
  return held != nullptr && *held == value;
}

/// AND loses TRUE, OR loses FALSE; FALSE in AND and TRUE in OR decide, if nothing before may fail.
Expression* fold_and_or(PlanContext& context, BooleanExpression& e) {
  const bool is_or = e.kind == ExpressionKind::Or;
  ExpressionList kept;
  for (Expression* argument : e.arguments) {
    if (is_boolean(*argument, is_or)) {
      return argument;
    }
    if (!is_boolean(*argument, !is_or)) {
      kept.push_back(argument);
    }
  }
  if (kept.size() == 1) {
    return kept[0];
  }
  if (kept.empty()) {
    auto* constant = context.make<ConstantExpression>(e.type);
    constant->value = !is_or;
    return constant;
  }
  e.arguments = std::move(kept);
  return &e;
}

}  // namespace

Expression* fold(PlanContext& context, Expression& expression) {
  if (expression.kind == ExpressionKind::Subquery || expression.kind == ExpressionKind::Case ||
      expression.kind == ExpressionKind::Coalesce) {
    return &expression;  // conditional arms may never be evaluated; sub-selects are planned
  }
  bool all_constant = true;
  for_each_child(expression, [&](Expression*& child) {
    child = fold(context, *child);
    all_constant = all_constant && is_constant(*child);
  });
  if (expression.kind == ExpressionKind::And || expression.kind == ExpressionKind::Or) {
    return fold_and_or(context, static_cast<BooleanExpression&>(expression));
  }
  if (!all_constant || !is_foldable(expression)) {
    return &expression;
  }
  try {
    ExecutionState state;
    const EvaluatorPtr evaluator = make_evaluator(expression, state);
    auto* constant = context.make<ConstantExpression>(expression.type);
    constant->location = expression.location;
    constant->value = evaluate_once(*evaluator, state).value(0);
    return constant;
  } catch (const SqlError&) {
    return &expression;  // raised when (and if) it is evaluated
  }
}

void split_conjuncts(PlanContext& context, Expression* condition, ExpressionList& out) {
  if (condition->kind == ExpressionKind::And) {
    for (Expression* argument : static_cast<BooleanExpression*>(condition)->arguments) {
      split_conjuncts(context, argument, out);
    }
    return;
  }
  if (!is_boolean(*condition, true)) {
    out.push_back(condition);
  }
}

}  // namespace omen::sql
