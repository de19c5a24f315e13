#pragma once

#include <deque>
#include <vector>

#include "sql/functions/function.h"
#include "sql/types/array.h"

/// VARIADIC "any" with the arguments given as an array. The binder calls such a function by its
/// name and "(variadic)", which no client can write.
namespace omen::sql {

/// The body of NAME(variadic): calls `kBody` for each row with the elements of the last argument
/// in its place. NULL if the array is, unless `kNullIsEmpty`.
template <FunctionBody kBody, bool kNullIsEmpty = false>
void spread(const FunctionCall& call, engine::ColumnVector& out) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  const std::size_t fixed = call.arguments.size() - 1;
  for (std::size_t row = 0; row < count; ++row) {
    if (call.arguments[fixed]->is_null(row) && !kNullIsEmpty) {
      out.set_null(row);
      continue;
    }
    std::deque<engine::ColumnVector> values(fixed);
    std::vector<Type> types(call.argument_types.begin(), call.argument_types.end() - 1);
    const auto chosen = static_cast<std::uint32_t>(row);
    for (std::size_t i = 0; i < fixed; ++i) {
      values[i].gather(*call.arguments[i], std::span(&chosen, 1));
    }
    if (!call.arguments[fixed]->is_null(row)) {
      const ArrayView array(call.arguments[fixed]->bytes(row));
      engine::ColumnVector elements;
      unpack_array(array, elements);
      for (std::uint32_t i = 0; i < array.size(); ++i) {
        values.emplace_back().gather(elements, std::span(&i, 1));
        types.push_back({array.element_type(), -1});
      }
    }
    std::vector<const engine::ColumnVector*> arguments;
    for (const engine::ColumnVector& value : values) {
      arguments.push_back(&value);
    }
    engine::ColumnVector result;
    result.reset(out.type(), 1);
    kBody({.context = call.context,
           .arguments = arguments,
           .row_count = 1,
           .result_type = call.result_type,
           .argument_types = types},
          result);
    out.set_value(row, result.value(0));
  }
}

}  // namespace omen::sql
