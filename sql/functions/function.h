#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/column_batch.h"
#include "sql/types/type.h"

/// Registration tables: what functions, operators, casts and aggregates exist. Static rows; the
/// binder resolves names against them, exec runs their bodies, catalog views list them.
namespace omen::sql {

class EvalContext;  // sql/functions/eval_context.h

enum class Volatility : char { Immutable = 'i', Stable = 's', Volatile = 'v' };

/// One vectorised call: fills `out` (reset by the caller to the result's physical type and
/// `row_count` rows, or constant) from argument columns. Strict functions are called through an
/// adapter that computes nulls; a body may set nulls itself. Arguments may be constant columns:
/// read through ColumnVector::index.
struct FunctionCall {
  EvalContext& context;
  std::span<const engine::ColumnVector* const> arguments;
  std::size_t row_count;
  Type result_type;                      ///< resolved, also for polymorphic functions
  std::span<const Type> argument_types;  ///< resolved
};
using FunctionBody = void (*)(const FunctionCall& call, engine::ColumnVector& out);

/// A set-returning function's rows for one set of arguments (row 0 of each column): appends to
/// `out`, whose columns are the result's, from state kept by the caller. `position` counts rows
/// already produced; returns false when there are no more. At most kBatchRowsMax rows a call.
using SetFunctionBody = bool (*)(const FunctionCall& call, std::uint64_t position,
                                 engine::ColumnBatch& out);

struct FunctionDef {
  Oid oid = 0;  ///< pg_proc oid where PostgreSQL has one, else from 10000
  std::string_view name;
  std::vector<Oid> argument_types;  ///< may be polymorphic
  Oid result_type = 0;
  Volatility volatility = Volatility::Immutable;
  bool strict = true;
  FunctionBody body = nullptr;         ///< scalar functions
  SetFunctionBody set_body = nullptr;  ///< set-returning functions
  Oid variadic_element = 0;            ///< last argument is VARIADIC of this element type (or kAny)
  std::uint8_t default_count = 0;  ///< trailing arguments that may be left out (bodies see fewer)
  bool extension_vector = false;   ///< exists only with CREATE EXTENSION vector
  std::string_view description;
  std::vector<std::string_view> column_names;  ///< OUT columns of a set-returning record function
  std::vector<Oid> column_types;
};

/// An operator is its function under a symbol. left_type 0: prefix operator.
struct OperatorDef {
  Oid oid = 0;
  std::string_view name;
  Oid left_type = 0;
  Oid right_type = 0;
  Oid result_type = 0;
  const FunctionDef* function = nullptr;
  std::string_view commutator;  ///< symbol, or empty
  std::string_view negator;
  bool extension_vector = false;
};

enum class CastContext : char { Implicit = 'i', Assignment = 'a', Explicit = 'e' };
enum class CastMethod : char { Function = 'f', Binary = 'b', InputOutput = 'i' };

struct CastDef {
  Oid source = 0;
  Oid target = 0;
  CastContext context = CastContext::Explicit;
  CastMethod method = CastMethod::Function;
  /// Called with (value) or (value, int4 modifier) or (value, modifier, bool explicit).
  const FunctionDef* function = nullptr;
  bool extension_vector = false;
};

/// An aggregate: one plain state per group, updated a batch at a time.
struct AggregateDef {
  Oid oid = 0;
  std::string_view name;
  std::vector<Oid> argument_types;  ///< empty for count(*)
  Oid result_type = 0;
  std::size_t state_bytes = 0;  ///< aligned to 16
  void (*init)(void* state) = nullptr;
  /// Row i goes to states[i]; a nullptr state is skipped (FILTER, DISTINCT). Nulls are the body's
  /// business.
  void (*update)(const FunctionCall& call, std::span<void* const> states) = nullptr;
  void (*finish)(const FunctionCall& call, const void* state, engine::ColumnVector& out,
                 std::size_t row) = nullptr;
  void (*destroy)(void* state) = nullptr;  ///< nullptr if trivial
  bool extension_vector = false;
  std::string_view description;
};

/// All rows; built once, sorted by name. Never change afterwards.
std::span<const FunctionDef> all_functions();
std::span<const OperatorDef> all_operators();
std::span<const CastDef> all_casts();
std::span<const AggregateDef> all_aggregates();
std::span<const FunctionDef> functions_named(std::string_view name);
std::span<const OperatorDef> operators_named(std::string_view name);
std::span<const AggregateDef> aggregates_named(std::string_view name);
const FunctionDef* find_function(Oid oid);
const CastDef* find_cast(Oid source, Oid target);

}  // namespace omen::sql
