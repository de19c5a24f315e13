#include <fmt/format.h>

#include <algorithm>

#include "sql/binder/coercion.h"
#include "sql/error/sql_error.h"

namespace omen::sql {
namespace {

[[noreturn]] void mismatch(std::string message, std::string detail = {}) {
  throw SqlError(sqlstate::kDatatypeMismatch, std::move(message)).detail(std::move(detail));
}

Oid element_type_of(Oid array) {
  const TypeInfo* info = find_type(array);
  return info == nullptr ? 0 : info->element_oid;
}

Oid array_type_of(Oid element) {
  const TypeInfo* info = find_type(element);
  if (info == nullptr || info->array_oid == 0) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("could not find array type for data type {}", type_text(element)));
  }
  return info->array_oid;
}

/// anyelement, anyarray, anynonarray: one exact type. 0: no argument of the family told it.
Oid exact_element(std::span<const Oid> actual, std::span<const Oid> declared) {
  Oid element = 0;
  Oid array = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == type_oid::kUnknown) {
      continue;
    }
    if (declared[i] == type_oid::kAnyElement || declared[i] == type_oid::kAnyNonArray) {
      if (element != 0 && element != actual[i]) {
        mismatch("arguments declared \"anyelement\" are not all alike",
                 fmt::format("{} versus {}", type_text(element), type_text(actual[i])));
      }
      element = actual[i];
    } else if (declared[i] == type_oid::kAnyArray) {
      if (array != 0 && array != actual[i]) {
        mismatch("arguments declared \"anyarray\" are not all alike",
                 fmt::format("{} versus {}", type_text(array), type_text(actual[i])));
      }
      array = actual[i];
    }
  }
  if (array != 0 && array != type_oid::kAnyArray) {
    const Oid of_array = element_type_of(array);
    if (of_array == 0) {
      mismatch(fmt::format("argument declared {} is not an array but type {}", "anyarray",
                           type_text(array)));
    }
    if (element != 0 && element != of_array) {
      mismatch(fmt::format("argument declared {} is not consistent with argument declared {}",
                           "anyarray", "anyelement"),
               fmt::format("{} versus {}", type_text(array), type_text(element)));
    }
    return of_array;
  }
  return array == type_oid::kAnyArray ? type_oid::kAnyElement : element;
}

/// anycompatible and its arrays: the common type of all of them. 0 as above.
Oid compatible_element(const BindState& state, std::span<const Oid> actual,
                       std::span<const Oid> declared) {
  std::vector<ConstantExpression> samples;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == type_oid::kUnknown) {
      continue;
    }
    if (declared[i] == type_oid::kAnyCompatible ||
        declared[i] == type_oid::kAnyCompatibleNonArray) {
      samples.emplace_back(Type{actual[i], -1});
    } else if (declared[i] == type_oid::kAnyCompatibleArray) {
      samples.emplace_back(Type{element_type_of(actual[i]), -1});
    }
  }
  if (samples.empty()) {
    return 0;
  }
  std::vector<Expression*> expressions;
  for (ConstantExpression& sample : samples) {
    expressions.push_back(&sample);
  }
  const Oid chosen = try_common_type(state, expressions);
  if (chosen == 0) {
    mismatch("arguments of anycompatible family cannot be cast to a common type");
  }
  return chosen;
}

bool is_exact_family(Oid type) {
  return type == type_oid::kAnyElement || type == type_oid::kAnyArray ||
         type == type_oid::kAnyNonArray;
}
bool is_compatible_family(Oid type) {
  return is_polymorphic(type) && !is_exact_family(type);
}

}  // namespace

bool polymorphic_consistent(const BindState& state, std::span<const Oid> actual,
                            std::span<const Oid> declared) {
  Oid element = 0;
  std::vector<ConstantExpression> samples;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (actual[i] == type_oid::kUnknown || !is_polymorphic(declared[i])) {
      continue;
    }
    const bool wants_array =
        declared[i] == type_oid::kAnyArray || declared[i] == type_oid::kAnyCompatibleArray;
    if (wants_array && actual[i] == type_oid::kAnyArray) {
      continue;  // pg_statistic's columns: nothing more is known
    }
    const Oid seen = wants_array ? element_type_of(actual[i]) : actual[i];
    if (seen == 0) {
      return false;
    }
    if (is_compatible_family(declared[i])) {
      samples.emplace_back(Type{seen, -1});
    } else if (element != 0 && element != seen) {
      return false;
    } else {
      element = seen;
    }
  }
  if (samples.empty()) {
    return true;
  }
  std::vector<Expression*> expressions;
  for (ConstantExpression& sample : samples) {
    expressions.push_back(&sample);
  }
  const Oid common = try_common_type(state, expressions);
  return common != 0 &&
         std::all_of(samples.begin(), samples.end(), [&](const ConstantExpression& sample) {
           return can_coerce(state, {&sample.type.oid, 1}, {&common, 1}, CastContext::Implicit);
         });
}

Oid resolve_polymorphic(const BindState& state, std::span<const Oid> actual,
                        std::span<Oid> declared, Oid result) {
  const bool exact =
      is_exact_family(result) || std::any_of(declared.begin(), declared.end(), is_exact_family);
  const bool compatible = is_compatible_family(result) ||
                          std::any_of(declared.begin(), declared.end(), is_compatible_family);
  if (!exact && !compatible) {
    return result;
  }
  Oid element = exact ? exact_element(actual, declared) : 0;
  if (exact && element == 0) {
    mismatch("could not determine polymorphic type because input has type unknown");
  }
  Oid common = compatible ? compatible_element(state, actual, declared) : 0;
  if (compatible && common == 0) {
    common = type_oid::kText;
  }
  const auto resolved = [&](Oid type) -> Oid {
    switch (type) {
      case type_oid::kAnyElement:
      case type_oid::kAnyNonArray:
        return element;
      case type_oid::kAnyArray:
        return element == type_oid::kAnyElement ? type_oid::kAnyArray : array_type_of(element);
      case type_oid::kAnyCompatible:
      case type_oid::kAnyCompatibleNonArray:
        return common;
      case type_oid::kAnyCompatibleArray:
        return array_type_of(common);
      default:
        return type;
    }
  };
  for (Oid& type : declared) {
    type = resolved(type);
  }
  return resolved(result);
}

}  // namespace omen::sql
