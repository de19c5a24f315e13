#pragma once

#include <array>
#include <span>
#include <string_view>

#include "sql/functions/function.h"

namespace omen::sql {

/// An AggregateDef as a constant; the registry turns it into one.
struct AggregateRow {
  Oid oid = 0;
  std::string_view name;
  std::string_view description;
  std::array<Oid, 2> argument_types{};
  std::uint8_t argument_count = 0;
  Oid result_type = 0;
  std::size_t state_bytes = 0;
  void (*init)(void* state) = nullptr;
  void (*update)(const FunctionCall& call, std::span<void* const> states) = nullptr;
  void (*finish)(const FunctionCall& call, const void* state, engine::ColumnVector& out,
                 std::size_t row) = nullptr;
  void (*destroy)(void* state) = nullptr;
  bool extension_vector = false;
};
using AggregateTable = std::span<const AggregateRow>;

}  // namespace omen::sql
