#include "server/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>

#include "server/config/text.h"

namespace omen::server {
namespace {

using engine::Status;
using engine::StatusCode;

Status invalid(std::string text) {
  return {StatusCode::InvalidArgument, std::move(text)};
}

template <typename Integer>
Status set_integer(Integer& target, std::string_view name, std::string_view value, Integer min,
                   Integer max) {
  Integer number = 0;
  const char* const end = value.data() + value.size();
  const auto [parsed_to, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || parsed_to != end || number < min || number > max) {
    return invalid(fmt::format("invalid value for setting \"{}\": \"{}\" (a number from {} to {})",
                               name, value, min, max));
  }
  target = number;
  return {};
}

/// A size with a unit: 64MB, 1GB, 512kB; bytes without one.
Status set_size(std::size_t& target, std::string_view name, std::string_view value) {
  struct Unit {
    std::string_view name;
    std::size_t factor;
  };
  constexpr std::array<Unit, 4> kUnits = {{{"kB", std::size_t{1} << 10},
                                           {"MB", std::size_t{1} << 20},
                                           {"GB", std::size_t{1} << 30},
                                           {"B", 1}}};
  std::string_view digits = value;
  std::size_t factor = 1;
  for (const Unit& unit : kUnits) {
    if (value.ends_with(unit.name)) {
      factor = unit.factor;
      digits = trim(value.substr(0, value.size() - unit.name.size()));
      break;
    }
  }
  std::size_t number = 0;
  OMEN_TRY(set_integer<std::size_t>(number, name, digits, 1,
                                    std::numeric_limits<std::size_t>::max() / factor));
  target = number * factor;
  return {};
}

Status set_log_level(Config& config, std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warn", "error", "off"};
  if (std::find(kLevels.begin(), kLevels.end(), value) == kLevels.end()) {
    return invalid(fmt::format(
        "invalid value for setting \"{}\": \"{}\" (debug, info, warn, error or off)", name, value));
  }
  config.log_level = value;
  return {};
}

Status set_auth_loopback(Config& config, std::string_view name, std::string_view value) {
  if (value != "trust" && value != "scram") {
    return invalid(
        fmt::format("invalid value for setting \"{}\": \"{}\" (trust or scram)", name, value));
  }
  config.auth_loopback = value == "trust" ? AuthLoopback::Trust : AuthLoopback::Scram;
  return {};
}

Status set_listen_addresses(Config& config, std::string_view name, std::string_view value) {
  config.listen_addresses.clear();
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(','), value.size());
    const std::string_view address = trim(value.substr(0, end));
    if (!address.empty()) {
      config.listen_addresses.emplace_back(address);
    }
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  if (config.listen_addresses.empty()) {
    return invalid(fmt::format("setting \"{}\" needs at least one address", name));
  }
  return {};
}

struct Setting {
  ConfigEntry entry;
  Status (*set)(Config& config, std::string_view name, std::string_view value);
};

constexpr std::uint32_t kSecondsMax = 86'400;

constexpr std::array<Setting, 12> kSettings = {{
    {{"data_directory", "where the data is; created on first start"},
     [](Config& config, std::string_view name, std::string_view value) {
       if (value.empty()) {
         return invalid(fmt::format("setting \"{}\" needs a path", name));
       }
       config.data_directory = value;
       return Status();
     }},
    {{"port", "TCP port"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_integer<std::uint16_t>(config.port, name, value, 1, 65535);
     }},
    {{"listen_addresses", "addresses to listen on, separated by commas; * is all"},
     set_listen_addresses},
    {{"max_connections", "sessions at a time"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_integer<std::uint32_t>(config.max_connections, name, value, 1, 100'000);
     }},
    {{"log_level", "debug, info, warn, error or off"}, set_log_level},
    {{"auth_loopback", "trust or scram: whether clients of this machine need their passwords"},
     set_auth_loopback},
    {{"authentication_timeout", "seconds a client has to log in"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_integer<std::uint32_t>(config.authentication_timeout_s, name, value, 1,
                                         kSecondsMax);
     }},
    {{"shutdown_timeout", "seconds a stop lets running statements finish"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_integer<std::uint32_t>(config.shutdown_timeout_s, name, value, 0, kSecondsMax);
     }},
    {{"worker_threads", "threads that serve sessions; 0 is one for each CPU"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_integer<std::uint32_t>(config.worker_threads, name, value, 0, 1024);
     }},
    {{"background_threads", "threads that compact and clean up"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_integer<std::uint32_t>(config.background_threads, name, value, 1, 1024);
     }},
    {{"block_cache_size", "memory that caches stored rows, e.g. 256MB"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_size(config.block_cache_bytes, name, value);
     }},
    {{"memtable_size", "memory that collects writes before they go to files, e.g. 64MB"},
     [](Config& config, std::string_view name, std::string_view value) {
       return set_size(config.memtable_bytes, name, value);
     }},
}};

constexpr auto kEntries = [] {
  std::array<ConfigEntry, kSettings.size()> entries;
  std::transform(kSettings.begin(), kSettings.end(), entries.begin(),
                 [](const Setting& setting) { return setting.entry; });
  return entries;
}();

}  // namespace

std::span<const ConfigEntry> config_entries() {
  return kEntries;
}

Status set_config(Config& config, std::string_view name, std::string_view value) {
  for (const Setting& setting : kSettings) {
    if (setting.entry.name == name) {
      return setting.set(config, name, value);
    }
  }
  return invalid(fmt::format("unrecognized server setting \"{}\"", name));
}

Status load_config_file(Config& config, const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    return invalid(fmt::format("could not open configuration file \"{}\"", path.string()));
  }
  std::string line;
  for (int line_number = 1; std::getline(file, line); ++line_number) {
    const auto assignment = parse_assignment(line);
    if (!assignment) {
      return invalid(
          fmt::format("syntax error in file \"{}\" line {}", path.string(), line_number));
    }
    if (assignment->name.empty()) {
      continue;
    }
    if (Status status = set_config(config, assignment->name, assignment->value); !status.ok()) {
      return invalid(
          fmt::format("{} in file \"{}\" line {}", status.message(), path.string(), line_number));
    }
  }
  return {};
}

Status load_config_environment(Config& config, std::span<const std::string_view> environment) {
  constexpr std::string_view kPrefix = "OMENDB_";
  for (const std::string_view variable : environment) {
    if (!variable.starts_with(kPrefix)) {
      continue;
    }
    const std::size_t equals = std::min(variable.find('='), variable.size());
    std::string name(variable.substr(kPrefix.size(), equals - kPrefix.size()));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (name == "data") {
      name = "data_directory";
    } else if (name == "listen") {
      name = "listen_addresses";
    }
    const std::string_view value = variable.substr(std::min(equals + 1, variable.size()));
    if (Status status = set_config(config, name, value); !status.ok()) {
      return invalid(fmt::format("{} (environment variable {})", status.message(),
                                 variable.substr(0, equals)));
    }
  }
  return {};
}

}  // namespace omen::server
