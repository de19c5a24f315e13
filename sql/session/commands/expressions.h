#pragma once

#include <string>
#include <string_view>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// Runs an expression without columns and gives its value, coerced to `target`.
engine::Value evaluate_constant(ClientSession& session, const ast::Expr& expression, Type target,
                                std::string_view target_name);

/// The text in which the catalog keeps a DEFAULT or CHECK: fully parenthesised, literals with
/// casts, regclass constants as oids, columns unqualified; binding it later means the same under
/// any search_path and any format setting. `table` gives the columns a CHECK may name (null: none).
std::string stored_expression(CatalogAccess& access, const ast::Expr& expression,
                              const engine::Table* table, Type target,
                              std::string_view target_name);

/// Positions of the columns of `table` an expression text names, ascending, without duplicates.
std::vector<std::uint16_t> columns_used(CatalogAccess& access, const std::string& expression_sql,
                                        const engine::Table& table);

/// The stored text of an expression over `before`, as it reads with the column names of `after`.
std::string with_renamed_columns(CatalogAccess& access, const std::string& expression_sql,
                                 const engine::Table& before, const engine::Table& after);

/// The Expr of a stored text; lives in `parsed`.
const ast::Expr& parse_expression(const std::string& expression_sql, ParsedText& parsed);

}  // namespace omen::sql
