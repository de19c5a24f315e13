#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/api/catalog.h"
#include "sql/parser/ast.h"
#include "sql/types/type.h"

namespace omen::sql {

/// What a list of sequence options asks for beside the sequence's own fields.
struct SequenceRequest {
  std::optional<std::int64_t> restart;  ///< RESTART [WITH]
  bool restart_from_start = false;
  std::optional<ast::QualifiedName> owned_by;  ///< {"none"} releases it
  std::optional<ast::QualifiedName> name;      ///< SEQUENCE NAME of an identity
  std::optional<std::int64_t> restart_value(const engine::Sequence& sequence) const {
    return restart_from_start ? sequence.start : restart;
  }
};

/// Applies options to a new sequence (`is_new`) or an existing one and checks the whole: 22023 with
/// PostgreSQL's texts. `type` holds the type of AS, resolved by the caller, or nullopt.
struct SequenceContext {
  bool is_new = true;
  std::optional<Oid> type;
};
SequenceRequest apply_sequence_options(engine::Sequence& sequence,
                                       const std::vector<ast::Option>& options,
                                       const SequenceContext& context);

}  // namespace omen::sql
