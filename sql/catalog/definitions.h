#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/catalog.h"
#include "sql/functions/eval_context.h"
#include "sql/types/type.h"

/// Text of catalog objects, as PostgreSQL's pg_get_*def functions print it.
namespace omen::sql {

/// "CREATE UNIQUE INDEX i ON public.t USING btree (a)"; nullopt if there is no such index. `pretty`
/// leaves the table's schema out where the search path finds it.
std::optional<std::string> index_definition(const EvalContext& context, Oid index_oid, bool pretty);
/// Name of one key or included column (from 1) of an index; empty if out of range.
std::optional<std::string> index_column_definition(const EvalContext& context, Oid index_oid,
                                                   int column);
/// "PRIMARY KEY (id)", "CHECK ((a > 0))"; nullopt if there is no such constraint.
std::optional<std::string> constraint_definition(const EvalContext& context, Oid constraint_oid,
                                                 bool pretty);
/// A stored default or check as pg_get_expr prints it. Stored text names relations by oid
/// (`'16385'::regclass`), so that they can be renamed; here they get their names, qualified unless
/// visible.
std::string expression_text(const EvalContext& context, std::string_view stored);
/// As expression_text(), with the parentheses that a reader needs only. `table` gives the columns a
/// check may name (null: none).
std::string pretty_expression_text(const EvalContext& context, const std::string& stored,
                                   const engine::Table* table);

/// Columns of `table` (positions + 1, ascending) that a check names: pg_constraint.conkey.
std::vector<std::int16_t> check_columns(const EvalContext& context, const std::string& stored,
                                        const engine::Table& table);

/// Whether an unqualified name finds the object: its schema is on the search path and no earlier
/// schema has a relation (type, ...) of that name. nullopt if there is no such object.
std::optional<bool> relation_is_visible(const EvalContext& context, Oid relation_oid);
bool schema_is_on_path(const EvalContext& context, Oid schema_oid);
/// A schema's name, pg_catalog and information_schema included; empty if unknown.
std::string schema_name(const EvalContext& context, Oid schema_oid);

}  // namespace omen::sql
