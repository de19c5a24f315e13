#pragma once

#include <string>

#include "sql/session/commands/catalog_access.h"

namespace omen::sql {

/// OWNER TO: every object belongs to the superuser of the bootstrap; another existing role is
/// 0A000, a missing one 42704.
void check_owner(CatalogAccess& access, const std::string& role);
/// The SCRAM-SHA-256 verifier of a password, with a fresh salt and 4096 rounds.
std::string make_scram_verifier(const std::string& password);

}  // namespace omen::sql
