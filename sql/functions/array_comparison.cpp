#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sql/error/sql_error.h"
#include "sql/functions/array_elements.h"
#include "sql/functions/comparison.h"
#include "sql/functions/eval_context.h"
#include "sql/functions/registry.h"

/// Comparison, containment and overlap of arrays.
namespace omen::sql {
namespace {

template <Order kOrder>
void compare_arrays(const FunctionCall& call, ColumnVector& out) {
  const ColumnVector& a = *call.arguments[0];
  const ColumnVector& b = *call.arguments[1];
  for_each_strict_row(call, out, [&](std::size_t row) {
    const int order = compare_values(call.argument_types[0].oid, a, row, b, row);
    bool result = false;
    switch (kOrder) {
      case Order::Equal:
      case Order::NotEqual: {
        const bool equal = order == 0 && ArrayView(a.bytes(row)).dimensions() ==
                                             ArrayView(b.bytes(row)).dimensions();
        result = equal == (kOrder == Order::Equal);
        break;
      }
      case Order::Less:
        result = order < 0;
        break;
      case Order::LessEqual:
        result = order <= 0;
        break;
      case Order::Greater:
        result = order > 0;
        break;
      case Order::GreaterEqual:
        result = order >= 0;
        break;
    }
    out.values<std::uint8_t>()[row] = result ? 1 : 0;
  });
}
void order_arrays(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const int result = compare_values(call.argument_types[0].oid, *call.arguments[0], row,
                                      *call.arguments[1], row);
    out.values<Int4>()[row] = result < 0 ? -1 : (result > 0 ? 1 : 0);
  });
}

/// Whether every element of `inner` is in `outer`; NULL is in nothing.
bool contains_all(const Elements& outer, const Elements& inner) {
  for (std::size_t i = 0; i < inner.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < outer.size() && !found; ++j) {
      found = elements_equal(inner.type(), inner.column, i, outer.column, j);
    }
    if (!found) {
      return false;
    }
  }
  return true;
}
bool overlaps(const Elements& a, const Elements& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      if (elements_equal(a.type(), a.column, i, b.column, j)) {
        return true;
      }
    }
  }
  return false;
}
template <bool (*kTest)(const Elements&, const Elements&), bool kSwap>
void test_arrays(const FunctionCall& call, ColumnVector& out) {
  for_each_strict_row(call, out, [&](std::size_t row) {
    const Elements a(call.arguments[kSwap ? 1 : 0]->bytes(row));
    const Elements b(call.arguments[kSwap ? 0 : 1]->bytes(row));
    out.values<std::uint8_t>()[row] = kTest(a, b) ? 1 : 0;
  });
}

constexpr FunctionRow kRows[] = {
    vectorised(744, "array_eq", {2277, 2277}, 16, compare_arrays<Order::Equal>,
               "implementation of = operator"),
    vectorised(390, "array_ne", {2277, 2277}, 16, compare_arrays<Order::NotEqual>,
               "implementation of <> operator"),
    vectorised(391, "array_lt", {2277, 2277}, 16, compare_arrays<Order::Less>,
               "implementation of < operator"),
    vectorised(393, "array_le", {2277, 2277}, 16, compare_arrays<Order::LessEqual>,
               "implementation of <= operator"),
    vectorised(392, "array_gt", {2277, 2277}, 16, compare_arrays<Order::Greater>,
               "implementation of > operator"),
    vectorised(396, "array_ge", {2277, 2277}, 16, compare_arrays<Order::GreaterEqual>,
               "implementation of >= operator"),
    vectorised(382, "btarraycmp", {2277, 2277}, 23, order_arrays, "less-equal-greater"),
    vectorised(679, "oidvectoreq", {30, 30}, 16, compare_arrays<Order::Equal>,
               "implementation of = operator"),
    vectorised(619, "oidvectorne", {30, 30}, 16, compare_arrays<Order::NotEqual>,
               "implementation of <> operator"),
    vectorised(677, "oidvectorlt", {30, 30}, 16, compare_arrays<Order::Less>,
               "implementation of < operator"),
    vectorised(678, "oidvectorle", {30, 30}, 16, compare_arrays<Order::LessEqual>,
               "implementation of <= operator"),
    vectorised(681, "oidvectorgt", {30, 30}, 16, compare_arrays<Order::Greater>,
               "implementation of > operator"),
    vectorised(680, "oidvectorge", {30, 30}, 16, compare_arrays<Order::GreaterEqual>,
               "implementation of >= operator"),
    vectorised(2748, "arraycontains", {2277, 2277}, 16, test_arrays<contains_all, false>,
               "implementation of @> operator"),
    vectorised(2749, "arraycontained", {2277, 2277}, 16, test_arrays<contains_all, true>,
               "implementation of <@ operator"),
    vectorised(2747, "arrayoverlap", {2277, 2277}, 16, test_arrays<overlaps, false>,
               "implementation of && operator"),
};

}  // namespace

const FunctionTable kArrayComparisonFunctions = kRows;

}  // namespace omen::sql
