#include "sql/session/settings/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "sql/session/settings/setting_value.h"

namespace omen::sql {
namespace {

constexpr std::size_t kCustomSettingsMax = 1000;
constexpr std::string_view kReservedPrefixes[] = {"hnsw", "ivfflat", "omendb"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

SqlError unrecognized(std::string_view name) {
  return {sqlstate::kUndefinedObject,
          fmt::format("unrecognized configuration parameter \"{}\"", name)};
}

/// Dotted names of identifiers, as PostgreSQL's custom settings.
bool is_custom_name(std::string_view name) {
  bool has_dot = false;
  bool is_start = true;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '.') {
      if (is_start) {
        return false;
      }
      has_dot = true;
      is_start = true;
    } else if (std::isalpha(byte) != 0 || c == '_' || byte >= 0x80) {
      is_start = false;
    } else if (!is_start && (std::isdigit(byte) != 0 || c == '$')) {
      continue;
    } else {
      return false;
    }
  }
  return has_dot && !is_start;
}

std::string_view context_name(SettingScope scope) {
  switch (scope) {
    case SettingScope::Internal:
      return "internal";
    case SettingScope::Postmaster:
      return "postmaster";
    case SettingScope::Reload:
      return "sighup";
    case SettingScope::Session:
      return "user";
  }
  return "";
}

std::string source_name(bool is_touched, bool is_of_server) {
  return is_touched ? "session" : (is_of_server ? "override" : "default");
}

std::string_view type_name(SettingType type) {
  switch (type) {
    case SettingType::Bool:
      return "bool";
    case SettingType::Integer:
      return "integer";
    case SettingType::Real:
      return "real";
    case SettingType::Enum:
      return "enum";
    case SettingType::String:
      return "string";
  }
  return "";
}

}  // namespace

Settings::Settings() {
  for (const SettingDefinition& definition : setting_definitions()) {
    Slot slot;
    slot.definition = &definition;
    slot.reset_value = definition.default_value;
    slot.session_value = definition.default_value;
    slots_.push_back(std::move(slot));
  }
}

std::optional<std::size_t> Settings::find(std::string_view name) const {
  if (const SettingDefinition* definition = find_setting_definition(name)) {
    return static_cast<std::size_t>(definition - setting_definitions().data());
  }
  const auto custom = custom_.find(lower(name));
  return custom == custom_.end() ? std::nullopt : std::optional(custom->second);
}

std::size_t Settings::find_or_make(std::string_view name) {
  if (const std::optional<std::size_t> slot = find(name)) {
    return *slot;
  }
  if (name.find('.') == std::string_view::npos) {
    throw unrecognized(name);
  }
  for (const std::string_view prefix : kReservedPrefixes) {
    if (lower(name.substr(0, name.find('.'))) == prefix) {
      throw SqlError(sqlstate::kInvalidName,
                     fmt::format("invalid configuration parameter name \"{}\"", name))
          .detail(fmt::format("\"{}\" is a reserved prefix.", prefix));
    }
  }
  if (!is_custom_name(name)) {
    throw SqlError(sqlstate::kInvalidName,
                   fmt::format("invalid configuration parameter name \"{}\"", name))
        .detail("Custom parameter names must be two or more simple identifiers separated by dots.");
  }
  if (custom_.size() >= kCustomSettingsMax) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "too many custom configuration parameters");
  }
  auto& [text, definition] = custom_definitions_.emplace_back();
  text = name;
  definition.name = text;
  definition.effect = SettingEffect::Honoured;
  definition.category = "Customized Options";
  Slot slot;
  slot.definition = &definition;
  slots_.push_back(std::move(slot));
  custom_.emplace(lower(name), slots_.size() - 1);
  return slots_.size() - 1;
}

void Settings::check_may_change(const SettingDefinition& definition) const {
  switch (definition.scope) {
    case SettingScope::Session:
      return;
    case SettingScope::Internal:
      throw SqlError(sqlstate::kCantChangeRuntimeParam,
                     fmt::format("parameter \"{}\" cannot be changed", definition.name));
    case SettingScope::Postmaster:
      throw SqlError(sqlstate::kCantChangeRuntimeParam,
                     fmt::format("parameter \"{}\" cannot be changed without restarting the server",
                                 definition.name));
    case SettingScope::Reload:
      throw SqlError(sqlstate::kCantChangeRuntimeParam,
                     fmt::format("parameter \"{}\" cannot be changed now", definition.name));
  }
}

void Settings::check_provided(const Slot& slot, const std::string& value) {
  if (slot.definition->effect == SettingEffect::Fixed && value != slot.reset_value) {
    unsupported(fmt::format("setting \"{}\" to \"{}\"", slot.definition->name, value));
  }
}

void Settings::assign(std::size_t index, std::string value, SetOptions options) {
  Slot& slot = slots_[index];
  undo_.push_back({index, slot.session_value, slot.local_value, slot.is_touched});
  slot.is_touched = true;
  if (options.is_local) {
    slot.local_value = std::move(value);
  } else {
    slot.session_value = std::move(value);
    slot.local_value.reset();
  }
  ++version_;
}

void Settings::set_initial(std::string_view name, std::string_view value) {
  const std::size_t index = find_or_make(name);
  Slot& slot = slots_[index];
  check_may_change(*slot.definition);
  std::string canonical = canonical_setting(*slot.definition, value, slot.session_value);
  check_provided(slot, canonical);
  slot.reset_value = canonical;
  slot.session_value = std::move(canonical);
  slot.is_touched = true;
  ++version_;
}

void Settings::set_by_server(std::string_view name, std::string_view value) {
  Slot& slot = slots_[find(name).value()];
  slot.reset_value = value;
  slot.session_value = value;
  slot.is_of_server = true;
  ++version_;
}

void Settings::set(std::string_view name, std::string_view value, SetOptions options) {
  const std::size_t index = find_or_make(name);
  Slot& slot = slots_[index];
  check_may_change(*slot.definition);
  std::string canonical = canonical_setting(*slot.definition, value, slot.effective());
  check_provided(slot, canonical);
  assign(index, std::move(canonical), options);
}

void Settings::reset(std::string_view name, SetOptions options) {
  const std::size_t index = find_or_make(name);
  check_may_change(*slots_[index].definition);
  assign(index, slots_[index].reset_value, options);
  slots_[index].is_touched = slots_[index].reset_value != slots_[index].definition->default_value;
}

void Settings::reset_all() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const bool is_of_transaction = slot.definition->name.starts_with("transaction_");
    if (slot.definition->scope == SettingScope::Session && !is_of_transaction &&
        (slot.local_value || slot.session_value != slot.reset_value)) {
      assign(i, slot.reset_value, {});
    }
  }
}

std::optional<std::string> Settings::show(std::string_view name) const {
  const std::optional<std::size_t> index = find(name);
  if (!index) {
    return std::nullopt;
  }
  return display_setting(*slots_[*index].definition, slots_[*index].effective());
}

const std::string& Settings::value(std::string_view name) const {
  const std::optional<std::size_t> index = find(name);
  if (!index) {
    throw unrecognized(name);
  }
  return slots_[*index].effective();
}

std::int64_t Settings::integer(std::string_view name) const {
  return std::strtoll(value(name).c_str(), nullptr, 10);
}

bool Settings::is_default(std::string_view name) const {
  const std::optional<std::size_t> index = find(name);
  return !index || !slots_[*index].is_touched;
}

std::vector<SettingRow> Settings::rows() const {
  std::vector<SettingRow> rows;
  for (const Slot& slot : slots_) {
    const SettingDefinition& definition = *slot.definition;
    const bool is_number =
        definition.type == SettingType::Integer || definition.type == SettingType::Real;
    SettingRow row{.name = std::string(definition.name),
                   .setting = slot.effective(),
                   .unit = std::string(unit_name(definition.unit)),
                   .category = std::string(definition.category),
                   .description = std::string(definition.description),
                   .context = std::string(context_name(definition.scope)),
                   .type = std::string(type_name(definition.type)),
                   .source = source_name(slot.is_touched, slot.is_of_server),
                   .min = is_number ? fmt::format("{:.6g}", definition.min) : "",
                   .max = is_number ? fmt::format("{:.6g}", definition.max) : "",
                   .enum_values = {},
                   .boot_value = std::string(definition.default_value),
                   .reset_value = slot.reset_value};
    if (definition.type == SettingType::Integer) {
      row.min = fmt::format("{:.0f}", definition.min);
      row.max = fmt::format("{:.0f}", definition.max);
    }
    std::string_view rest = definition.enum_values;
    while (!rest.empty()) {
      const std::string_view value = rest.substr(0, rest.find(','));
      row.enum_values.emplace_back(value);
      rest.remove_prefix(std::min(rest.size(), value.size() + 1));
    }
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(),
            [](const SettingRow& a, const SettingRow& b) { return lower(a.name) < lower(b.name); });
  return rows;
}

void Settings::rollback_to(std::size_t mark) {
  while (undo_.size() > mark) {
    Undo& undo = undo_.back();
    Slot& slot = slots_[undo.slot];
    slot.session_value = std::move(undo.session_value);
    slot.local_value = std::move(undo.local_value);
    slot.is_touched = undo.is_touched;
    undo_.pop_back();
    ++version_;
  }
}

void Settings::commit() {
  for (const Undo& undo : undo_) {
    if (slots_[undo.slot].local_value) {
      slots_[undo.slot].local_value.reset();
      ++version_;
    }
  }
  undo_.clear();
}

std::vector<std::pair<std::string, std::string>> Settings::take_reported() {
  std::vector<std::pair<std::string, std::string>> changed;
  if (reported_version_ == version_) {
    return changed;
  }
  reported_version_ = version_;
  for (Slot& slot : slots_) {
    if (slot.definition->reported &&
        (!slot.is_reported || slot.reported_value != slot.effective())) {
      slot.reported_value = slot.effective();
      slot.is_reported = true;
      changed.emplace_back(slot.definition->name, slot.reported_value);
    }
  }
  return changed;
}

}  // namespace omen::sql
