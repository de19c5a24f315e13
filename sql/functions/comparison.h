#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

#include "sql/functions/adapter.h"
#include "sql/types/floats.h"
#include "sql/types/text.h"

/// Comparison bodies for every pair of types that compares by order of representation.
namespace omen::sql {

template <std::integral A, std::integral B>
int three_way(A a, B b) {
  using Common = std::common_type_t<A, B>;
  const auto left = static_cast<Common>(a);
  const auto right = static_cast<Common>(b);
  return left < right ? -1 : (left > right ? 1 : 0);
}
template <std::floating_point A, std::floating_point B>
int three_way(A a, B b) {
  using Common = std::common_type_t<A, B>;
  return compare_floats(static_cast<Common>(a), static_cast<Common>(b));
}
inline int three_way(std::string_view a, std::string_view b) {
  return a.compare(b);
}
inline int three_way(Bpchar a, Bpchar b) {
  return strip_blanks(a.value).compare(strip_blanks(b.value));
}
template <Oid kOid, typename T>
  requires(kOid != type_oid::kBpchar)
int three_way(const Tagged<kOid, T>& a, const Tagged<kOid, T>& b) {
  return three_way(a.value, b.value);
}
inline int three_way(Name a, Text b) {
  return a.value.compare(b);
}
inline int three_way(Text a, Name b) {
  return a.compare(b.value);
}
inline int three_way(XidValue a, Int4 b) {
  return three_way(a.value, Int8{b});
}

enum class Order { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };

/// Whether a three-way result is what the operator asks for.
template <Order kOrder>
constexpr bool holds(int order) {
  switch (kOrder) {
    case Order::Equal:
      return order == 0;
    case Order::NotEqual:
      return order != 0;
    case Order::Less:
      return order < 0;
    case Order::LessEqual:
      return order <= 0;
    case Order::Greater:
      return order > 0;
    case Order::GreaterEqual:
      return order >= 0;
  }
}

template <Order kOrder, typename A, typename B>
bool compare(A a, B b) {
  return holds<kOrder>(three_way(a, b));
}
using enum Order;

/// The btree support function: -1, 0 or 1.
template <typename A, typename B>
Int4 order(A a, B b) {
  const int result = three_way(a, b);
  return result < 0 ? -1 : (result > 0 ? 1 : 0);
}

template <typename T>
T larger(T a, T b) {
  return three_way(a, b) > 0 ? a : b;
}
template <typename T>
T smaller(T a, T b) {
  return three_way(a, b) < 0 ? a : b;
}

}  // namespace omen::sql
