#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sql/functions/function.h"
#include "sql/functions/sql_values.h"

/// Registration of functions: one `constexpr` row each, made from the body's C++ signature.
///
///     double l2_distance(VectorView a, VectorView b);     // never sees a null
///     constexpr FunctionRow kVectorFunctions[] = {
///         scalar<l2_distance>(16101, "l2_distance", "Euclidean distance"),
///     };
///
/// A body may take a `Surroundings&` first (context, arena) and may return std::optional for NULL.
namespace omen::sql {

constexpr std::size_t kFunctionArgumentsMax = 8;

/// A FunctionDef as a constant; the registry turns it into one.
struct FunctionRow {
  Oid oid = 0;
  std::string_view name;
  std::string_view description;
  std::array<Oid, kFunctionArgumentsMax> argument_types{};
  std::uint8_t argument_count = 0;
  Oid result_type = 0;
  Volatility volatility = Volatility::Immutable;
  bool is_strict = true;
  FunctionBody body = nullptr;
  SetFunctionBody set_body = nullptr;
  Oid variadic_element = 0;
  std::uint8_t default_count = 0;
  std::span<const std::pair<std::string_view, Oid>> columns;  ///< OUT columns of a set function

  /// Called with nulls too.
  [[nodiscard]] constexpr FunctionRow non_strict() const {
    FunctionRow row = *this;
    row.is_strict = false;
    return row;
  }
  [[nodiscard]] constexpr FunctionRow stable() const {
    FunctionRow row = *this;
    row.volatility = Volatility::Stable;
    return row;
  }
  [[nodiscard]] constexpr FunctionRow changing() const {
    FunctionRow row = *this;
    row.volatility = Volatility::Volatile;
    return row;
  }
  /// The last argument is VARIADIC.
  [[nodiscard]] constexpr FunctionRow variadic(Oid element) const {
    FunctionRow row = *this;
    row.variadic_element = element;
    return row;
  }
  /// Trailing arguments that may be left out.
  [[nodiscard]] constexpr FunctionRow defaults(std::uint8_t count) const {
    FunctionRow row = *this;
    row.default_count = count;
    return row;
  }
  [[nodiscard]] constexpr FunctionRow returning(Oid type) const {
    FunctionRow row = *this;
    row.result_type = type;
    return row;
  }
};
using FunctionTable = std::span<const FunctionRow>;

/// What a body may ask for besides its arguments.
struct Surroundings {
  EvalContext& context;
  engine::Arena& arena;  ///< of the result column: results may view into it
  const FunctionCall& call;
};

namespace adapter {

/// Looks after bodies that make large values: the statement can be ended between rows.
class ResultWatch {
 public:
  explicit ResultWatch(EvalContext& context) : context_(context) {}
  template <typename Slot>
  void made(const Slot& slot) {
    if constexpr (std::is_same_v<Slot, std::string_view>) {
      size_bytes_ += slot.size();
      if (size_bytes_ > kCheckBytes) [[unlikely]] {
        check();
      }
    }
  }

 private:
  static constexpr std::size_t kCheckBytes = std::size_t{4} << 20;
  void check();
  EvalContext& context_;
  std::size_t size_bytes_ = 0;
};

template <typename R>
struct Result {
  using Value = R;
  static constexpr bool kMayBeNull = false;
};
template <typename R>
struct Result<std::optional<R>> {
  using Value = R;
  static constexpr bool kMayBeNull = true;
};

/// One argument column, read with a stride of 0 if it is constant.
template <typename T>
struct Argument {
  using Traits = SqlValue<std::remove_cvref_t<T>>;
  const engine::ColumnVector& column;
  const typename Traits::Slot* slots;
  std::size_t stride;
  explicit Argument(const engine::ColumnVector& source)
      : column(source),
        slots(source.template values<typename Traits::Slot>().data()),
        stride(source.is_constant() ? 0 : 1) {}
  auto load(std::size_t row, engine::Arena& scratch) const {
    return Traits::load(slots[row * stride], scratch);
  }
};

template <bool kWithSurroundings, auto kBody, typename R, typename... Args>
struct Strict {
  using Value = typename Result<R>::Value;
  using Traits = SqlValue<Value>;

  template <std::size_t... kIndex>
  static void run_with(const FunctionCall& call, engine::ColumnVector& out,
                       std::index_sequence<kIndex...> /*unused*/) {
    [[maybe_unused]] const std::tuple<Argument<Args>...> arguments{
        Argument<Args>(*call.arguments[kIndex])...};
    [[maybe_unused]] Surroundings surroundings{call.context, out.arena(), call};
    const auto slots = out.values<typename Traits::Slot>();
    const std::size_t count = out.is_constant() ? 1 : call.row_count;
    const bool any_nulls = (false || ... || call.arguments[kIndex]->has_nulls());
    ResultWatch watch(call.context);
    for (std::size_t row = 0; row < count; ++row) {
      if (any_nulls && (false || ... || call.arguments[kIndex]->is_null(row))) {
        out.set_null(row);
        continue;
      }
      const auto invoke = [&]() -> R {
        if constexpr (kWithSurroundings) {
          return kBody(surroundings, std::get<kIndex>(arguments).load(row, out.arena())...);
        } else {
          return kBody(std::get<kIndex>(arguments).load(row, out.arena())...);
        }
      };
      if constexpr (Result<R>::kMayBeNull) {
        if (const R value = invoke()) {
          Traits::store(slots[row], out.arena(), *value);
          watch.made(slots[row]);
        } else {
          out.set_null(row);
        }
      } else {
        Traits::store(slots[row], out.arena(), invoke());
        watch.made(slots[row]);
      }
    }
  }
  static void run(const FunctionCall& call, engine::ColumnVector& out) {
    run_with(call, out, std::index_sequence_for<Args...>{});
  }
  static constexpr FunctionRow row(Oid oid, std::string_view name, std::string_view description) {
    FunctionRow result;
    result.oid = oid;
    result.name = name;
    result.description = description;
    result.argument_types = {SqlValue<std::remove_cvref_t<Args>>::kType...};
    result.argument_count = sizeof...(Args);
    result.result_type = Traits::kType;
    result.body = &run;
    return result;
  }
};

template <auto kBody, typename R, typename... Args>
constexpr auto make(R (* /*body*/)(Args...)) {
  return Strict<false, kBody, R, Args...>{};
}
template <auto kBody, typename R, typename... Args>
constexpr auto make(R (* /*body*/)(Surroundings&, Args...)) {
  return Strict<true, kBody, R, Args...>{};
}

}  // namespace adapter

/// A strict scalar function. `oid` is PostgreSQL's where it has one.
template <auto kBody>
constexpr FunctionRow scalar(Oid oid, std::string_view name, std::string_view description) {
  return decltype(adapter::make<kBody>(kBody))::row(oid, name, description);
}

/// A function whose body sees whole columns: polymorphic, not strict, or with a result type that
/// depends on its arguments. `strict` only tells callers; the body minds its nulls.
template <std::size_t kCount>
constexpr FunctionRow vectorised(Oid oid, std::string_view name,
                                 const Oid (&argument_types)[kCount], Oid result_type,
                                 FunctionBody body, std::string_view description) {
  FunctionRow row;
  row.oid = oid;
  row.name = name;
  row.description = description;
  for (std::size_t i = 0; i < kCount; ++i) {
    row.argument_types[i] = argument_types[i];
  }
  row.argument_count = kCount;
  row.result_type = result_type;
  row.body = body;
  return row;
}

/// A set-returning function.
template <std::size_t kCount>
constexpr FunctionRow set_returning(Oid oid, std::string_view name,
                                    const Oid (&argument_types)[kCount], Oid result_type,
                                    SetFunctionBody body, std::string_view description) {
  FunctionRow row = vectorised(oid, name, argument_types, result_type, nullptr, description);
  row.set_body = body;
  return row;
}

/// Runs `body(row)` for every row none of whose arguments is NULL; NULL otherwise.
template <typename Body>
void for_each_strict_row(const FunctionCall& call, engine::ColumnVector& out, Body body) {
  const std::size_t count = out.is_constant() ? 1 : call.row_count;
  for (std::size_t row = 0; row < count; ++row) {
    bool is_null = false;
    for (const engine::ColumnVector* argument : call.arguments) {
      is_null = is_null || argument->is_null(row);
    }
    if (is_null) {
      out.set_null(row);
    } else {
      body(row);
    }
  }
}

}  // namespace omen::sql
