#include "server/config/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "server/config/text.h"

namespace omen::server {
namespace {

using engine::Result;
using engine::Status;
using engine::StatusCode;

struct Flag {
  std::string_view flag;
  std::string_view setting;  ///< empty: handled by its name
  std::string_view argument;
  std::string_view description;
};

constexpr std::array<Flag, 7> kFlags = {{
    {"--data", "data_directory", "DIR", "data directory, created on first start (./data)"},
    {"--port", "port", "N", "TCP port (5433)"},
    {"--listen", "listen_addresses", "ADDR", "addresses to listen on (127.0.0.1,::1)"},
    {"--config", "", "FILE", "file of \"name = value\" lines"},
    {"--max-connections", "max_connections", "N", "sessions at a time (100)"},
    {"--log-level", "log_level", "L", "debug, info, warn, error or off (info)"},
    {"--set", "", "NAME=VALUE", "any setting below"},
}};

Status invalid(std::string text) {
  return {StatusCode::InvalidArgument, std::move(text)};
}

Status apply_flag(const Flag& flag, std::string_view value, CommandLine& command_line) {
  if (!flag.setting.empty()) {
    command_line.settings.emplace_back(flag.setting, value);
  } else if (flag.flag == "--config") {
    command_line.config_file = value;
  } else {
    const std::size_t equals = value.find('=');
    if (equals == std::string_view::npos) {
      return invalid("--set needs NAME=VALUE");
    }
    command_line.settings.emplace_back(trim(value.substr(0, equals)),
                                       trim(value.substr(equals + 1)));
  }
  return {};
}

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string_view>& arguments) {
  CommandLine command_line;
  for (const std::string_view argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      return command_line;
    }
    if (argument == "--version" || argument == "-V") {
      command_line.command = Command::Version;
      return command_line;
    }
  }
  if (arguments.empty()) {
    return command_line;
  }
  if (arguments[0] != "serve") {
    return invalid(fmt::format("unknown command \"{}\"; see omendb --help", arguments[0]));
  }
  command_line.command = Command::Serve;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::string_view name = arguments[i];
    std::optional<std::string_view> value;
    if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const auto flag = std::find_if(kFlags.begin(), kFlags.end(),
                                   [&](const Flag& candidate) { return candidate.flag == name; });
    if (flag == kFlags.end()) {
      return invalid(fmt::format("unknown option \"{}\"; see omendb --help", arguments[i]));
    }
    if (!value && i + 1 < arguments.size()) {
      value = arguments[++i];
    }
    if (!value) {
      return invalid(fmt::format("option {} needs a value", name));
    }
    OMEN_TRY(apply_flag(*flag, *value, command_line));
  }
  return command_line;
}

std::string usage() {
  std::string text =
      "OmenDB, a database server that speaks PostgreSQL's protocol and is made for vectors.\n\n"
      "Usage:\n  omendb serve [OPTION]...\n  omendb --version\n  omendb --help\n\nOptions:\n";
  for (const Flag& flag : kFlags) {
    fmt::format_to(std::back_inserter(text), "  {:<26} {}\n",
                   fmt::format("{} {}", flag.flag, flag.argument), flag.description);
  }
  text +=
      "\nSettings, for --set, the configuration file, and as OMENDB_NAME in the environment.\n"
      "Flags count more than the environment, the environment more than the file:\n";
  for (const ConfigEntry& entry : config_entries()) {
    fmt::format_to(std::back_inserter(text), "  {:<26} {}\n", entry.name, entry.description);
  }
  return text;
}

Status load_config(const CommandLine& command_line, const char* const* environment,
                   Config& config) {
  if (command_line.config_file) {
    OMEN_TRY(load_config_file(config, *command_line.config_file));
    config.config_file = *command_line.config_file;
  }
  std::vector<std::string_view> variables;
  for (; *environment != nullptr; ++environment) {
    variables.emplace_back(*environment);
  }
  OMEN_TRY(load_config_environment(config, variables));
  for (const auto& [name, value] : command_line.settings) {
    OMEN_TRY(set_config(config, name, value));
  }
  return {};
}

}  // namespace omen::server
