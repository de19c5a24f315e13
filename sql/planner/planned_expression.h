#pragma once

#include <functional>
#include <vector>

#include "engine/base/arena.h"
#include "sql/binder/bound.h"

/// Expressions of a physical plan: the bound ones, with each column replaced by where its value
/// lies
/// and each sub-select by its plan. Immutable once the plan is published.
namespace omen::sql {

struct PlanNode;

/// A column reference of a plan. `relation` and `column` keep the origin for EXPLAIN: `relation` is
/// the number of a leaf (base relation) of the whole plan.
struct PlannedColumn : ColumnExpression {
  enum class Source : std::uint8_t {
    Leaf,   ///< while planning: column `column` of leaf `relation`
    Input,  ///< column `position` of the input batch
    Outer,  ///< slot `position` of the ExecutionRuntime, set by an enclosing node
  };
  Source source = Source::Leaf;
  int position = 0;
  const Expression* origin = nullptr;  ///< what was computed below into this column, or null
  explicit PlannedColumn(Type t) : ColumnExpression(t) {}
};

/// The plan of a sub-select.
struct SubPlan {
  int number = 0;  ///< "SubPlan 1", "InitPlan 1"; names its `$n` too
  const PlanNode* root = nullptr;
  std::vector<int> parameter_slots;  ///< set from PlannedSubquery::arguments before a run
  std::vector<int> used_slots;       ///< all outer slots read inside; none: an InitPlan
};

struct PlannedSubquery : SubqueryExpression {
  const SubPlan* plan = nullptr;
  ExpressionList arguments;  ///< parallel to SubPlan::parameter_slots
  explicit PlannedSubquery(const SubqueryExpression& bound) : SubqueryExpression(bound) {}
};

// The functions below take planned expressions: every Column is a PlannedColumn, every Subquery a
// PlannedSubquery. `transform` may also run over a bound one if `replace` replaces all of these.

/// A copy of one node that still points to the original's children.
Expression* shallow_copy(engine::Arena& arena, const Expression& expression);
/// Calls `visit` with each child pointer. An ArrayCast's element_cast is not a child: its columns
/// live in a space of their own. Children of a sub-select are `left` and `arguments`.
void for_each_child(Expression& expression, const std::function<void(Expression*&)>& visit);
void for_each_child(const Expression& expression,
                    const std::function<void(const Expression&)>& visit);

/// A copy in which every node for which `replace` returns non-null is replaced by that.
using Replacement = std::function<Expression*(const Expression&)>;
Expression* transform(engine::Arena& arena, const Expression& expression,
                      const Replacement& replace);

/// Structural equality: same value for the same input, as far as can be told.
bool same_value(const Expression& a, const Expression& b);
/// Whether `test` holds for the expression or anything below it.
bool any_of(const Expression& expression, const std::function<bool(const Expression&)>& test);

bool is_volatile(const Expression& expression);
/// The expression below no-op casts: relabelings and vector(n) coercions are kept, Relabel is not.
const Expression& strip_relabel(const Expression& expression);

}  // namespace omen::sql
