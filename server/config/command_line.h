#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config/config.h"

namespace omen::server {

enum class Command : std::uint8_t { Help, Version, Serve };

struct CommandLine {
  Command command = Command::Help;
  std::optional<std::string> config_file;
  /// Settings by name, in the order given: the last one counts.
  std::vector<std::pair<std::string, std::string>> settings;
};

/// `arguments` without the program's name. InvalidArgument for anything unknown.
engine::Result<CommandLine> parse_command_line(const std::vector<std::string_view>& arguments);

/// What --help prints.
std::string usage();

/// Fills `config` from the configuration file, the environment and the flags, each over the one
/// before. `environment` is null-terminated, as `environ`.
engine::Status load_config(const CommandLine& command_line, const char* const* environment,
                           Config& config);

}  // namespace omen::server
