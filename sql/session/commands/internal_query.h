#pragma once

#include <string>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// Runs a query of the server's own making in the current transaction and drops its rows; gives the
/// number of rows it changed.
std::uint64_t run_internal(ClientSession& session, const std::string& sql);
/// Whether a query of the server's own making gives a row.
bool has_row(ClientSession& session, const std::string& sql);
/// "schema"."table", fit for such queries.
std::string qualified_name(CatalogAccess& access, const engine::Table& table);

}  // namespace omen::sql
