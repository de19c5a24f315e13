#include "sql/session/settings/setting_value.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <span>

#include "sql/error/sql_error.h"
#include "sql/session/settings/special_settings.h"

namespace omen::sql {
namespace {

struct UnitFactor {
  std::string_view name;
  double in_base;  ///< how many base units one of it is
};

constexpr UnitFactor kMillisecondUnits[] = {{"d", 86400000}, {"h", 3600000}, {"min", 60000},
                                            {"s", 1000},     {"ms", 1},      {"us", 0.001}};
constexpr UnitFactor kSecondUnits[] = {{"d", 86400}, {"h", 3600},   {"min", 60},
                                       {"s", 1},     {"ms", 0.001}, {"us", 0.000001}};
constexpr UnitFactor kKilobyteUnits[] = {
    {"TB", 1073741824}, {"GB", 1048576}, {"MB", 1024}, {"kB", 1}, {"B", 1.0 / 1024}};
constexpr UnitFactor kBlockUnits[] = {
    {"TB", 134217728}, {"GB", 131072}, {"MB", 128}, {"kB", 1.0 / 8}, {"B", 1.0 / 8192}};

std::span<const UnitFactor> units_of(SettingUnit unit) {
  switch (unit) {
    case SettingUnit::None:
      return {};
    case SettingUnit::Milliseconds:
      return kMillisecondUnits;
    case SettingUnit::Seconds:
      return kSecondUnits;
    case SettingUnit::Kilobytes:
      return kKilobyteUnits;
    case SettingUnit::Blocks:
      return kBlockUnits;
  }
  return {};
}

std::string_view units_hint(SettingUnit unit) {
  switch (unit) {
    case SettingUnit::None:
      return "";
    case SettingUnit::Milliseconds:
    case SettingUnit::Seconds:
      return R"(Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".)";
    case SettingUnit::Kilobytes:
    case SettingUnit::Blocks:
      return R"(Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".)";
  }
  return "";
}

[[noreturn]] void throw_invalid(const SettingDefinition& definition, std::string_view value,
                                std::string_view hint = {}) {
  throw SqlError(sqlstate::kInvalidParameterValue,
                 fmt::format("invalid value for parameter \"{}\": \"{}\"", definition.name, value))
      .hint(std::string(hint));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

std::optional<bool> parse_boolean(std::string_view typed) {
  const std::string value = lower(trimmed(typed));
  const auto is_prefix_of = [&](std::string_view word, std::size_t length_min) {
    return value.size() >= length_min && value.size() <= word.size() &&
           word.substr(0, value.size()) == value;
  };
  if (is_prefix_of("true", 1) || is_prefix_of("yes", 1) || value == "on" || value == "1") {
    return true;
  }
  if (is_prefix_of("false", 1) || is_prefix_of("no", 1) || is_prefix_of("off", 2) || value == "0") {
    return false;
  }
  return std::nullopt;
}

/// A number with an optional unit, in base units.
double parse_number(const SettingDefinition& definition, std::string_view typed) {
  const std::string text(trimmed(typed));
  if (text.empty()) {
    throw_invalid(definition, typed);
  }
  char* end = nullptr;
  double number = 0;
  if (definition.type == SettingType::Integer) {
    errno = 0;
    number = static_cast<double>(std::strtoll(text.c_str(), &end, 0));
    if (*end == '.' || *end == 'e' || *end == 'E' || errno == ERANGE) {
      number = std::strtod(text.c_str(), &end);
    }
  } else {
    number = std::strtod(text.c_str(), &end);
  }
  if (end == text.c_str() || std::isnan(number)) {
    throw_invalid(definition, typed);
  }
  const std::string_view unit =
      trimmed(std::string_view(text).substr(static_cast<std::size_t>(end - text.c_str())));
  if (!unit.empty()) {
    double factor = 0;
    for (const UnitFactor& candidate : units_of(definition.unit)) {
      if (candidate.name == unit) {
        factor = candidate.in_base;
      }
    }
    if (factor == 0) {
      throw_invalid(definition, typed, units_hint(definition.unit));
    }
    number *= factor;
  }
  if (definition.type == SettingType::Integer) {
    number = std::nearbyint(number);
    if (std::abs(number) > std::numeric_limits<std::int32_t>::max()) {
      throw_invalid(definition, typed, "Value exceeds integer range.");
    }
  }
  return number;
}

std::string canonical_number(const SettingDefinition& definition, std::string_view typed) {
  const double number = parse_number(definition, typed);
  const bool is_integer = definition.type == SettingType::Integer;
  const auto print = [&](double value) {
    return is_integer ? fmt::format("{}", static_cast<std::int64_t>(value))
                      : fmt::format("{:g}", value);
  };
  if (number < definition.min || number > definition.max) {
    const std::string_view unit = unit_name(definition.unit);
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("{}{}{} is outside the valid range for parameter \"{}\" ({} .. {})",
                               print(number), unit.empty() ? "" : " ", unit, definition.name,
                               print(definition.min), print(definition.max)));
  }
  return is_integer ? print(number) : fmt::format("{}", number);
}

std::string canonical_enum(const SettingDefinition& definition, std::string_view typed) {
  const std::string value = canonical_enum_synonym(definition, lower(typed));
  std::string available;
  std::string_view rest = definition.enum_values;
  while (!rest.empty()) {
    const std::string_view candidate = rest.substr(0, rest.find(','));
    if (candidate == value) {
      return value;
    }
    available += available.empty() ? "" : ", ";
    available += candidate;
    rest.remove_prefix(std::min(rest.size(), candidate.size() + 1));
  }
  throw_invalid(definition, typed, fmt::format("Available values: {}.", available));
}

}  // namespace

std::string_view unit_name(SettingUnit unit) {
  switch (unit) {
    case SettingUnit::None:
      return "";
    case SettingUnit::Milliseconds:
      return "ms";
    case SettingUnit::Seconds:
      return "s";
    case SettingUnit::Kilobytes:
      return "kB";
    case SettingUnit::Blocks:
      return "8kB";
  }
  return "";
}

std::string canonical_setting(const SettingDefinition& definition, std::string_view value,
                              std::string_view current) {
  switch (definition.type) {
    case SettingType::Bool:
      if (const std::optional<bool> boolean = parse_boolean(value)) {
        return *boolean ? "on" : "off";
      }
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("parameter \"{}\" requires a Boolean value", definition.name));
    case SettingType::Integer:
    case SettingType::Real:
      return canonical_number(definition, value);
    case SettingType::Enum:
      return canonical_enum(definition, value);
    case SettingType::String:
      return canonical_special(definition, value, current);
  }
  internal_error("unknown setting type");
}

std::string display_setting(const SettingDefinition& definition, std::string_view canonical) {
  if (definition.type != SettingType::Integer || definition.unit == SettingUnit::None) {
    return std::string(canonical);
  }
  const double number = std::strtod(std::string(canonical).c_str(), nullptr);
  if (number <= 0) {
    return std::string(canonical);
  }
  for (const UnitFactor& unit : units_of(definition.unit)) {
    const double count = number / unit.in_base;
    if (count >= 1 && count == std::floor(count)) {
      return fmt::format("{}{}", static_cast<std::int64_t>(count), unit.name);
    }
  }
  return std::string(canonical);
}

std::vector<std::string> split_name_list(std::string_view list) {
  std::vector<std::string> names;
  std::size_t i = 0;
  const auto skip_space = [&] {
    while (i < list.size() && std::isspace(static_cast<unsigned char>(list[i])) != 0) {
      ++i;
    }
  };
  skip_space();
  while (i < list.size()) {
    std::string name;
    if (list[i] == '"') {
      for (++i; i < list.size(); ++i) {
        if (list[i] == '"' && (i + 1 == list.size() || list[i + 1] != '"')) {
          ++i;
          break;
        }
        i += list[i] == '"' ? 1 : 0;
        name += list[i];
      }
    } else {
      const std::size_t start = i;
      i = std::min(list.find(',', i), list.size());
      name = lower(trimmed(list.substr(start, i - start)));
    }
    names.push_back(std::move(name));
    skip_space();
    if (i < list.size() && list[i] == ',') {
      ++i;
    } else if (i < list.size()) {
      throw SqlError(sqlstate::kInvalidParameterValue, "List syntax is invalid.");
    }
    skip_space();
  }
  return names;
}

}  // namespace omen::sql
