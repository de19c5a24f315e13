#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace omen::sql {

enum class SettingType : std::uint8_t { Bool, Integer, Real, Enum, String };

/// What the number of an integer setting counts. SHOW prints the largest unit that divides it.
enum class SettingUnit : std::uint8_t { None, Milliseconds, Seconds, Kilobytes, Blocks };

/// Who may change a setting, and when; pg_settings.context.
enum class SettingScope : std::uint8_t {
  Internal,    ///< never: a fact about the server
  Postmaster,  ///< only by restarting the server
  Reload,      ///< only in the server's configuration
  Session,     ///< SET, start-up packet
};

/// What OmenDB does with a setting. Nothing is listed that would be believed and not be done.
enum class SettingEffect : std::uint8_t {
  Honoured,  ///< changes what statements do
  Harmless,  ///< a hint about speed, logging or a feature that is absent: no result depends on it
  Fixed,     ///< only the default is provided: another value is refused with 0A000
};

/// One row of the table of settings: names and defaults of PostgreSQL 15 and pgvector, plus
/// omendb.*.
struct SettingDefinition {
  std::string_view name;
  SettingType type = SettingType::String;
  SettingUnit unit = SettingUnit::None;
  std::string_view default_value;  ///< canonical text: numbers in `unit`, on / off
  double min = 0;
  double max = 0;
  std::string_view enum_values;  ///< comma-separated, lower case
  SettingScope scope = SettingScope::Session;
  SettingEffect effect = SettingEffect::Harmless;
  bool reported = false;  ///< ParameterStatus is sent when it changes
  bool is_list = false;   ///< SET takes several values, names among them (search_path)
  std::string_view category;
  std::string_view description;
};

/// All of them, sorted by lower-case name.
std::span<const SettingDefinition> setting_definitions();
/// By name, case-insensitively; nullptr if there is none.
const SettingDefinition* find_setting_definition(std::string_view name);

/// The server's own version as clients see it; features are PostgreSQL 15's.
constexpr std::string_view kServerVersion = "15.20";
constexpr std::string_view kServerVersionNumber = "150020";

}  // namespace omen::sql
