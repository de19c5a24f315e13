#include "sql/functions/registry.h"

/// Operators and casts of the extension: oids from 16200, as PostgreSQL gives extensions none.
namespace omen::sql {

const std::span<const OperatorRow> kVectorOperatorRows;
const std::span<const CastRow> kVectorCastRows;

}  // namespace omen::sql
