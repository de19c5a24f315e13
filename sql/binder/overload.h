#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sql/binder/coercion.h"

/// Which function, aggregate or operator a name means for given argument types: sections 10.2 and
/// 10.3 of PostgreSQL's manual.
namespace omen::sql {

/// One way to read a call: a definition with as many argument types as the call has arguments.
struct Candidate {
  const FunctionDef* function = nullptr;
  const AggregateDef* aggregate = nullptr;
  const OperatorDef* operator_def = nullptr;
  std::vector<Oid> arguments;
  bool variadic_expanded =
      false;  ///< trailing arguments are elements of the last parameter's array
};

enum class Match : std::uint8_t { None, One, Ambiguous };

/// Leaves the best candidate alone in `candidates` (One), or says why there is none.
Match choose(const BindState& state, std::span<const Oid> inputs,
             std::vector<Candidate>& candidates);

/// The binary (left and right given) or prefix (left 0) operator of a name. 42883 / 42725.
struct OperatorLookup {
  const ast::QualifiedName& name;
  Oid left = 0;
  Oid right = 0;
  int location = -1;
};
Candidate find_operator(const BindState& state, const OperatorLookup& lookup);
/// nullptr instead of an error.
const OperatorDef* try_find_operator(const BindState& state, const OperatorLookup& lookup);

}  // namespace omen::sql
