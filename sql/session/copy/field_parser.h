#pragma once

#include <string_view>

#include "engine/base/column_batch.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type.h"

namespace omen::sql {

/// Reads one field of COPY straight into row `row` of a column of the type's physical form. What
/// loads are made of (numbers, text, vectors) takes no detour over a Value. Throws as type_io.
void parse_text_field(const Type& type, std::string_view text, const EvalContext& context,
                      engine::ColumnVector& column, std::size_t row);
void parse_binary_field(const Type& type, std::string_view bytes, const EvalContext& context,
                        engine::ColumnVector& column, std::size_t row);

}  // namespace omen::sql
