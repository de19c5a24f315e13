#pragma once

#include <functional>

#include "sql/binder/bound.h"

/// Walking, comparing and copying bound expressions.
namespace omen::sql {

/// Calls `visit` with every direct operand (never null). Sub-selects are not entered: their left
/// sides are operands, their queries are not.
void for_each_operand(const Expression& expression,
                      const std::function<void(const Expression&)>& visit);

/// Calls `visit` with every expression of a query (its clauses, relations, sub-queries of FROM,
/// CTEs and set operation arms) and the number of queries between it and `query` (0: its own).
/// Operands and queries of sub-selects inside expressions are left to `visit`.
void for_each_clause(const BoundQuery& query, int levels,
                     const std::function<void(const Expression&, int levels)>& visit);

/// Whether two expressions are the same apart from where they were written.
bool equal(const Expression& a, const Expression& b);

/// The expression as written `levels` queries further in: columns of its own query get that many
/// levels more. For what a merged JOIN column consists of: columns, casts, COALESCE, constants.
Expression* raised(engine::Arena& arena, Expression& expression, int levels);

/// Where the expression's text begins, as PostgreSQL reports it: the least location of an operator
/// and
/// its operands, -1 if none is known.
int start_of(const Expression& expression);

/// Whether a column of this query (levels_up 0) occurs, sub-selects' left sides included.
bool contains_own_column(const Expression& expression);

}  // namespace omen::sql
