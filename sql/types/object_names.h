#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/types/type.h"

/// Names of catalog objects as the reg* types read and print them.
namespace omen::sql {

class EvalContext;

/// Input of a reg* type: `-` (0), an oid, or a name found on the search path. Throws 42P01, 42704,
/// 42883, 42725, 42601 with PostgreSQL's texts.
Oid resolve_object(Oid reg_type, std::string_view text, const EvalContext& context);
/// As resolve_object for a name, nullopt instead of "does not exist" (to_regclass and friends).
std::optional<Oid> find_object(Oid reg_type, std::string_view name, const EvalContext& context);

/// Output of a reg* type: quoted as needed, qualified unless visible; the number if unknown.
std::string object_name(Oid reg_type, Oid object, const EvalContext& context);

/// `a."B".c` to {a, B, c}: folded to lower case unless quoted. 42602 `invalid name syntax`.
std::vector<std::string> split_qualified_name(std::string_view text);

/// Schemas in which names are looked up: pg_catalog first unless it is listed, then search_path.
std::vector<std::string> effective_search_path(const EvalContext& context);

/// Type modifiers and arrays included: `varchar(3)[]`, `pg_catalog.int4`, `double precision`.
std::optional<Type> find_type_by_name(std::string_view text, const EvalContext& context);

}  // namespace omen::sql
