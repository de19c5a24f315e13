#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/api/catalog.h"
#include "engine/base/arena.h"
#include "sql/binder/bound.h"
#include "sql/functions/eval_context.h"
#include "sql/parser/ast.h"

namespace omen::sql {

/// What names mean while a statement is bound. Borrowed for the call.
struct BindContext {
  engine::Arena& arena;                     ///< bound nodes go here
  const engine::Catalog& catalog;
  const std::vector<std::string>& search_path;  ///< schema names; pg_catalog is searched first
  const EvalContext& eval;                  ///< for folding literals (time zone, ...)
  /// Types of $1.. as declared (0: to be inferred); grows and is filled in by the binder.
  std::vector<Oid>& parameter_types;
};

/// Binds SELECT, VALUES, INSERT, UPDATE, DELETE. Throws SqlError with PostgreSQL's codes and texts
/// (42P01, 42703, 42883, 42725, 42804, 42P18 for a parameter nothing gives a type, ...).
BoundQuery* bind_query(BindContext& context, const ast::Statement& statement);

/// Binds an expression outside a query (DEFAULT, CHECK, EXECUTE arguments) over at most one table's
/// columns (relation 0; null: none), coerced by assignment to `target` unless its oid is 0.
Expression* bind_expression(BindContext& context, const ast::Expr& expression,
                            const engine::Table* table, Type target, std::string_view target_name);

/// A TypeName to a Type (modifier applied). 42704 type "x" does not exist; the vector types exist
/// only with the extension (HINT names CREATE EXTENSION vector).
Type resolve_type(const BindContext& context, const ast::TypeName& name);

/// A table by name; 42P01. System relations are refused for writing by the callers.
const engine::Table& resolve_table(const BindContext& context, const ast::QualifiedName& name,
                                   int location);
/// Any relation (table, index, sequence) by name on the search path, or nullptr.
const engine::CatalogEntry* find_relation(const engine::Catalog& catalog,
                                          const std::vector<std::string>& search_path,
                                          const ast::QualifiedName& name);

}  // namespace omen::sql
