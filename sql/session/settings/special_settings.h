#pragma once

#include <string>
#include <string_view>

#include "sql/session/settings/setting_definition.h"

namespace omen::sql {

/// Canonical text of a string setting: DateStyle, TimeZone, client_encoding and search_path have
/// grammars of their own, the others are kept as they are. Throws 22023.
std::string canonical_special(const SettingDefinition& definition, std::string_view value,
                              std::string_view current);

/// Enum values PostgreSQL accepts under another name (synchronous_commit = true); `value` if none.
std::string canonical_enum_synonym(const SettingDefinition& definition, std::string value);

/// The name under which functions find a TimeZone setting's zone: IANA names are themselves, POSIX
/// offsets such as <+02>-02 become Fixed/UTC+02:00:00.
std::string time_zone_for_functions(std::string_view time_zone);

}  // namespace omen::sql
