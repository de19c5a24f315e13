#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/column_batch.h"
#include "engine/base/value.h"
#include "sql/types/type.h"

namespace omen::sql {

class EvalContext;

/// All built-in types, sorted by oid (pg_type is made from it).
std::span<const TypeInfo> all_types();
/// nullptr if unknown.
const TypeInfo* find_type(Oid oid);
const TypeInfo* find_type(std::string_view name);  ///< pg_type.typname, e.g. "int4", "_text"
/// As find_type; internal_error for an unknown oid.
const TypeInfo& type_info(Oid oid);
/// PostgreSQL's format_type(oid, modifier): "character varying(80)", "vector(3)", "integer[]".
std::string format_type(const Type& type);
/// As format_type, but "bit" (quoted) and bpchar for those types without a modifier: the plain
/// names would be read as of length 1.
std::string format_type_exactly(const Type& type);
/// typmodin: `arguments` as typed between the parentheses; throws 22023 with PostgreSQL's text.
std::int32_t type_modifier(Oid type, std::span<const std::string> arguments);

/// Text form -> value (never NULL: the caller handles NULL). Applies the modifier as the input
/// function does (numeric rounds, varchar(n) refuses 22001, vector checks dimensions).
engine::Value text_to_value(const Type& type, std::string_view text, const EvalContext& context);
/// Appends the text form of row `row` of `column` (not null) to `out`.
void append_text(Oid type, const engine::ColumnVector& column, std::size_t row,
                 const EvalContext& context, std::string& out);
/// Binary form (receive function) -> value; `bytes` is the message field without its length.
engine::Value binary_to_value(const Type& type, std::string_view bytes, const EvalContext& context);
/// Appends the binary form (send function), without a length.
void append_binary(Oid type, const engine::ColumnVector& column, std::size_t row,
                   const EvalContext& context, std::string& out);
/// Convenience for constants.
std::string value_to_text(Oid type, const engine::Value& value, const EvalContext& context);

/// Three-way comparison of two not-null values of one type in its default btree order; throws 42883
/// if the type has none. `rows` batched forms live in sql/exec.
int compare_values(Oid type, const engine::ColumnVector& a, std::size_t a_row,
                   const engine::ColumnVector& b, std::size_t b_row);
/// Hash consistent with compare_values equality (numeric 1.0 and 1.00 hash alike; -0.0 and 0.0
/// too).
std::uint64_t hash_value(Oid type, const engine::ColumnVector& column, std::size_t row);
/// Whether the type has a btree order (ORDER BY, GROUP BY, DISTINCT, UNIQUE).
bool is_orderable(Oid type);

}  // namespace omen::sql
