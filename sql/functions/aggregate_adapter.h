#pragma once

#include <new>
#include <type_traits>

#include "sql/functions/adapter.h"
#include "sql/functions/aggregate_row.h"

/// Registration of aggregates from a state type:
///
///     struct CountState {
///       Int8 rows = 0;
///       void add(Int4 value) { ++rows; }             // one not-null argument (or two)
///       std::optional<Int8> finish() const { ... }   // nullopt: NULL
///     };
///     aggregate<CountState, Int4>(2147, "count", "...")
///
/// A state with `add(const FunctionCall&, std::size_t row)` (kRaw = true) reads its columns itself,
/// nulls included, and finishes by `finish(const FunctionCall&, ColumnVector&, std::size_t row)`.
namespace omen::sql {

template <typename State>
void init_state(void* state) {
  static_assert(alignof(State) <= 16);
  ::new (state) State();
}
template <typename State>
constexpr auto destroy_state() -> void (*)(void*) {
  if constexpr (std::is_trivially_destructible_v<State>) {
    return nullptr;
  } else {
    return [](void* state) { static_cast<State*>(state)->~State(); };
  }
}

template <typename State, typename... Args>
struct AggregateAdapter {
  template <std::size_t... kIndex>
  static void update_with(const FunctionCall& call, std::span<void* const> states,
                          std::index_sequence<kIndex...> /*unused*/) {
    engine::Arena scratch;
    const std::tuple<adapter::Argument<Args>...> arguments{
        adapter::Argument<Args>(*call.arguments[kIndex])...};
    for (std::size_t row = 0; row < call.row_count; ++row) {
      if (states[row] != nullptr && !(false || ... || call.arguments[kIndex]->is_null(row))) {
        static_cast<State*>(states[row])->add(std::get<kIndex>(arguments).load(row, scratch)...);
      }
    }
  }
  static void update(const FunctionCall& call, std::span<void* const> states) {
    update_with(call, states, std::index_sequence_for<Args...>{});
  }
  using Finished = decltype(std::declval<const State&>().finish());
  using Traits = SqlValue<typename adapter::Result<Finished>::Value>;
  static void finish(const FunctionCall& /*call*/, const void* state, engine::ColumnVector& out,
                     std::size_t row) {
    const Finished value = static_cast<const State*>(state)->finish();
    if constexpr (adapter::Result<Finished>::kMayBeNull) {
      if (!value) {
        out.set_null(row);
      } else {
        Traits::store(out.values<typename Traits::Slot>()[row], out.arena(), *value);
      }
    } else {
      Traits::store(out.values<typename Traits::Slot>()[row], out.arena(), value);
    }
  }
};

template <typename State, typename... Args>
constexpr AggregateRow aggregate(Oid oid, std::string_view name, std::string_view description) {
  using Adapter = AggregateAdapter<State, Args...>;
  AggregateRow row;
  row.oid = oid;
  row.name = name;
  row.description = description;
  row.argument_types = {SqlValue<Args>::kType...};
  row.argument_count = sizeof...(Args);
  row.result_type = Adapter::Traits::kType;
  row.state_bytes = sizeof(State);
  row.init = &init_state<State>;
  row.update = &Adapter::update;
  row.finish = &Adapter::finish;
  row.destroy = destroy_state<State>();
  return row;
}

/// For a state that reads its columns itself; see above.
template <typename State, std::size_t kCount>
constexpr AggregateRow raw_aggregate(Oid oid, std::string_view name, const Oid (&arguments)[kCount],
                                     Oid result, std::string_view description) {
  AggregateRow row;
  row.oid = oid;
  row.name = name;
  row.description = description;
  for (std::size_t i = 0; i < kCount; ++i) {
    row.argument_types[i] = arguments[i];
  }
  row.argument_count = kCount;
  row.result_type = result;
  row.state_bytes = sizeof(State);
  row.init = &init_state<State>;
  row.update = [](const FunctionCall& call, std::span<void* const> states) {
    for (std::size_t i = 0; i < call.row_count; ++i) {
      if (states[i] != nullptr) {
        static_cast<State*>(states[i])->add(call, i);
      }
    }
  };
  row.finish = [](const FunctionCall& call, const void* state, engine::ColumnVector& out,
                  std::size_t i) { static_cast<const State*>(state)->finish(call, out, i); };
  row.destroy = destroy_state<State>();
  return row;
}

}  // namespace omen::sql
