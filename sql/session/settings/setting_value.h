#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/session/settings/setting_definition.h"

namespace omen::sql {

/// The canonical text of a value a client typed: numbers in the setting's unit, on / off, enums in
/// lower case. `current` is the value it replaces (DateStyle may change in part). Throws 22023 with
/// PostgreSQL's text and hint, 0A000 for what OmenDB does not provide.
std::string canonical_setting(const SettingDefinition& definition, std::string_view value,
                              std::string_view current);

/// What SHOW prints for a canonical value: with a unit where the setting has one.
std::string display_setting(const SettingDefinition& definition, std::string_view canonical);

/// pg_settings.unit.
std::string_view unit_name(SettingUnit unit);

/// The names of a list such as search_path: unquoted, lower case unless quoted.
std::vector<std::string> split_name_list(std::string_view list);

}  // namespace omen::sql
